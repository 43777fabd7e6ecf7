// Messages as no program of ours would write them, the same ones for the same seed.

/** Numbers from 0 to below 1 (mulberry32). */
export function dice(seed) {
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) | 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}

const BIG = '\u0001big\u0001'; // becomes 1e999, which JSON.parse reads as Infinity
export const NASTY = [
	'<img src=x onerror="globalThis.hacked=1">', '"><script>globalThis.hacked=1</script>', "javascript:globalThis.hacked=1", '{{constructor.constructor("globalThis.hacked=1")()}}',
	'../../etc/passwd', '__proto__', 'constructor', 'toString', '\u202eabc', 'a\u0000b', '\ud800', '\n\r\t', ' ', '', '%', '%zz', '#', '?a=b&c', '🐳'.repeat(50), 'x'.repeat(300_000),
];
const junk = (roll) => {
	const all = [null, true, false, '', '12', '85.0%', -1, 0, 1e308, -1e308, 5e-324, 1.5, 2 ** 53, BIG, '-' + BIG, [], {}, [[]], [null], [1, '2', null], { a: { b: null } }, ...NASTY];
	return all[Math.floor(roll() * all.length)];
};

function places(v, out = []) { // every [holder, key] of a tree
	if (typeof v !== 'object' || v === null) return out;
	for (const k of Object.keys(v)) {
		out.push([v, k]);
		places(v[k], out);
	}
	return out;
}

/** A copy of the record with a few members gone, added, or turned into something else. */
export function mutated(record, roll, times = 1 + Math.floor(roll() * 4)) {
	const copy = structuredClone(record);
	for (let i = 0; i < times; i++) {
		const all = places(copy);
		if (!all.length) break;
		const [holder, key] = all[Math.floor(roll() * all.length)];
		const what = roll();
		if (what < 0.3) delete holder[key];
		else if (what < 0.9) holder[key] = junk(roll);
		else if (!Array.isArray(holder)) Object.defineProperty(holder, NASTY[Math.floor(roll() * NASTY.length)], { value: junk(roll), enumerable: true, configurable: true, writable: true });
	}
	return copy;
}

/** As text, with numbers no double holds, and with __proto__ as a member of its own. */
export const text = (v) => JSON.stringify(v).replaceAll('"-\\u0001big\\u0001"', '-1e999').replaceAll('"\\u0001big\\u0001"', '1e999');

const bare = [
	'', ' ', 'null', 'true', '12', '1e999', '"text"', '[]', '[[[]]]', '{}', '{', '{"type":', '{"type":null}', '{"type":""}', '{"type":12}', '{"type":["realtime_update"]}', 'undefined', 'ping',
	'{"__proto__":{"polluted":1}}', '{"type":"__proto__"}', '{"type":"constructor","data":{}}', '{"type":"toString","id":"__proto__","data":{"a":1}}', '\u0000', '<html><body onload=alert(1)>',
	'{"type":"realtime_update"}', '{"type":"realtime_update","data":null}', '{"type":"realtime_update","data":[]}', '{"type":"realtime_update","data":{"metrics":[],"containers":"x","sessions":3}}',
	'{"type":"realtime_update","data":{"__proto__":{"polluted":1},"metrics":{"__proto__":{"polluted":1}}}}', '{"type":"system_alert"}', '{"type":"system_alert","alerts":null}', '{"type":"system_alert","alerts":[null,1,"x",[],{}]}',
	'{"type":"system_alert","id":null,"timestamp":null,"alerts":[{}]}', '{"type":"session_event"}', '{"type":"session_event","data":null}', '{"type":"container_event","data":{"name":null}}', '{"type":"source_status","id":"x","data":null}',
	'{"type":"source_status","data":{"source":12,"status":"sideways"}}', '{"type":"connected"}', '{"type":"connected","flags":null,"epoch":{},"offset":"x","timestamp":"yesterday"}', '{"type":"subscribed","subscriptions":null}',
	'{"type":"subscribed","recovered":"maybe","epoch":null,"offset":-1}', '{"type":"error"}', '{"type":"error","code":"x","message":{"a":1}}', '{"type":"heartbeat","timestamp":12}', '{"type":"pong"}', '{"type":"metrics_update"}',
	'{"type":"metrics_update","data":"x"}', '{"type":"realtime_update","timestamp":"9999-12-31T23:59:59.999Z","data":{"sessions":{"active_count":"<b>"}}}', '['.repeat(5000) + ']'.repeat(5000),
];

/** One message of a peer gone mad: half of them good ones changed a little, others hardly messages. */
export function mad(good, roll) {
	if (roll() < 0.35) return bare[Math.floor(roll() * bare.length)];
	const s = text(mutated(good[Math.floor(roll() * good.length)], roll));
	return roll() < 0.05 ? s.slice(0, Math.floor(roll() * s.length)) : s;
}

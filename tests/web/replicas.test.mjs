// Clients of TopDeck's and OpenRisk's own kind against the real broadcaster, fed by everything a stream may hold: nothing of what it sends may break their pages.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import WebSocket from 'ws';
import { BIN, ROOT, atEnd, start, test, until } from './harness.mjs';
import { analytics, anomaly, failing, flow, service } from './otherservers.mjs';
import { concerning, wholeSnapshot } from '../../share/react/diagnostics-state.js';
import { openriskClient, openriskPoll, openriskStorm, topdeckClient, topdeckPoll } from './replicas.mjs';

globalThis.crypto ??= /** @type {any} */ (webcrypto); // as browsers have it; Node 18 does not

const NOW = '2026-11-21T12:00:00.000Z';
const state = (type, id, data) => ({ type, id, timestamp: NOW, data });
let ids = 0;
const event = (type, data) => ({ type, id: `${type}-${++ids}`, timestamp: NOW, data });
/** JSON, with texts of the form <…> as the bare token between the brackets: numbers that JSON.stringify cannot write. */
const raw = (record) => JSON.stringify(record).replace(/"<([^"<>]*)>"/g, '$1');

function topdeck(s, more = {}) {
	const c = topdeckClient({ WebSocket, url: `ws://127.0.0.1:${s.port}/api/v1/ws/live-diagnostics`, updateInterval: 60, ...more });
	atEnd(() => c.close());
	return c;
}
function openrisk(s, more = {}) {
	const c = openriskClient({ WebSocket, origin: s.url, ...more });
	atEnd(() => c.close());
	return c;
}
/** Waits until a snapshot is so, and asks for one now and then. */
function seen(c, is, what = is.toString()) {
	let asked = 0;
	return until(() => {
		if (c.open && Date.now() - asked > 100) c.send({ type: 'get_snapshot' }), (asked = Date.now());
		return (c.snapshot && is(c.snapshot)) || c.faults.length;
	}, { what });
}
let marks = 0;
/** Feeds, and waits until the client has drawn all that was fed. */
async function drawn(s, c, ...records) {
	const mark = `mark${++marks}`;
	s.feed(...records, state('service_health', mark, service(mark)));
	await seen(c, (now) => now.services.some((e) => e.resource_id === mark), `the client draws ${mark}`);
	s.feed(state('service_health', mark, null));
	assert.deepEqual(c.faults, []);
}
const of = (c, id) => c.snapshot.services.find((e) => e.resource_id === id);

const ODD = [undefined, null, 0, -1, '<1e999>', '<-1e999>', '<1e400>', true, 'x', '', [], [null, 1, {}, 'one'], {}, { a: { b: 1 } }, '\u0000"\\\u2028</script>😀'];
const IDS = ['a"b', "it's", 'back\\slash', 'with space', 'ünïcode😀', '<script>alert(1)</script>', '__proto__', 'constructor', 'a>b', 'a:b', '%00', '\u2028', 'x'.repeat(200), '{"json":1}', '*', 'a,b', '.'];

test('before anything is known: connected, four empty arrays, unknown; the same by HTTP', async () => {
	const s = await start(), c = topdeck(s, { updateInterval: 10 });
	await until(() => c.snapshot, { what: 'a snapshot at once, long before the interval is over' });
	assert.deepEqual(c.types.slice(0, 2), ['connected', 'snapshot_update']);
	assert.equal(c.last.connected.update_interval, 10);
	assert.match(c.drawn, /^System: unknown\n0 0 %\n0, 0 critical\n0, 0 failed\n0 of 0 flows/);
	assert.match(await topdeckPoll({ fetch, host: `127.0.0.1:${s.port}` }), /^System: unknown/);
	const risk = openrisk(s);
	await until(() => risk.open);
	risk.send({ action: 'ping' });
	await until(() => risk.types.length, { what: 'a pong' });
	assert.deepEqual([risk.types, risk.last.pong, risk.drawn], [['pong'], { type: 'pong' }, 'No data available'], 'nothing known is no error');
	assert.deepEqual([c.faults, risk.faults], [[], []]);
});

test('each member of each element in every wrong kind: the element is whole or gone, its neighbours stay', async () => {
	const s = await start(), c = topdeck(s), lines = [];
	lines.push(state('service_health', 'good', service('good')), state('service_health', 'other', service('other')));
	const wholes = {
		service_health: (id) => service(id), anomaly: (id) => anomaly('good', id), traffic_health: () => flow('good', 'other'), failing_dependency: () => failing('good', 'other'),
	};
	for (const [type, whole] of Object.entries(wholes))
		for (const member of Object.keys(whole('x')))
			ODD.forEach((odd, i) => {
				const id = `${member}${i}`;
				lines.push(raw(state(type, id, { ...whole(id), [member]: odd })));
			});
	for (const odd of [undefined, null, 5, 'x', [], {}, [{}]]) for (const type of Object.keys(wholes)) lines.push(state(type, 'odd', odd), state(type, '', odd), { type, timestamp: NOW, data: odd });
	for (const odd of [...ODD, { status: null }, { status: 'weird' }, { status: {} }, { status: 5 }, []]) lines.push(raw({ type: 'overall_health', timestamp: NOW, data: odd }), raw({ type: 'overall_health', timestamp: NOW, data: { status: odd } }));
	lines.push('{"type":"service_health","id":"nan","data":{"resource_id":"nan","health_score":NaN}}', '{"type":"service_health","id":"torn","data":{', 'Infinity', '[]');
	await drawn(s, c, ...lines);
	assert.deepEqual([of(c, 'good').health_score, of(c, 'other').status], [98.5, 'healthy']);
	assert.ok(c.snapshot.services.length > 50, `most of them are shown: ${c.snapshot.services.length}`);
	assert.match(await topdeckPoll({ fetch, host: `127.0.0.1:${s.port}` }), /good/);
	assert.deepEqual(c.faults, []);
});

test('events in every wrong kind: what reaches the client can be drawn, and a good one follows', async () => {
	const s = await start(), c = topdeck(s);
	await drawn(s, c, state('service_health', 'api', service('api')));
	for (const type of ['health_change', 'anomaly_detected', 'traffic_anomaly']) for (const odd of ODD) s.feed(raw(event(type, odd)));
	const wholes = {
		health_change: { resource_id: 'api', old_status: 'healthy', new_status: 'degraded', health_score: 60 }, anomaly_detected: { ...anomaly('api'), description: 'd' },
		traffic_anomaly: { source_id: 'api', target_id: 'db', anomaly_type: 'latency_spike', description: 'd' },
	};
	for (const [type, whole] of Object.entries(wholes)) for (const member of Object.keys(whole)) for (const odd of ODD) s.feed(raw(event(type, { ...whole, [member]: odd })));
	const four = { resource_id: 'api', metric_name: 'cpu', severity: 'high', description: 'the plan\'s four names alone' };
	s.feed(event('anomaly_detected', four));
	await until(() => c.last.anomaly_detected?.data.description === four.description || c.faults.length, { what: 'the four names arrive' });
	const got = c.last.anomaly_detected;
	assert.deepEqual(Object.entries(four).map(([k]) => got.data[k]), Object.values(four));
	assert.ok(!Number.isNaN(Date.parse(got.timestamp)) && got.data.potential_causes.length === 0 && typeof got.data.alert_id === 'string');
	assert.match(c.drawn, /api HIGH cpu .* 0\.0 0\.00 0\.00/);
	s.feed(event('health_change', { ...wholes.health_change, new_status: 'failed', health_score: 5 }));
	await until(() => c.last.health_change?.data.new_status === 'failed');
	assert.deepEqual([c.last.health_change.data.health_score, c.unknown], [5, undefined]);
	await drawn(s, c);
	assert.deepEqual(c.faults, []);
});

test('dependencies on nobody, services that go, ids of every kind', async () => {
	const s = await start(), c = topdeck(s);
	await drawn(s, c, state('service_health', 'a', service('a')), state('failing_dependency', 'a>ghost', failing('a', 'ghost')), state('failing_dependency', 'ghost>a', failing('ghost', 'a')));
	assert.equal(c.snapshot.failing_dependencies.length, 0);
	await drawn(s, c, state('service_health', 'ghost', service('ghost')));
	assert.equal(c.snapshot.failing_dependencies.length, 2, 'as soon as it is there');
	await drawn(s, c, state('service_health', 'ghost', null));
	assert.deepEqual([c.snapshot.failing_dependencies.length, of(c, 'ghost')], [0, undefined]);
	const all = IDS.flatMap((id) => [state('service_health', id, service(id)), state('anomaly', `${id}:m`, anomaly(id, 'm', { alert_id: `${id}_m` })), state('traffic_health', `${id}>a`, flow(id, 'a')), state('failing_dependency', `${id}>a`, failing(id, 'a'))]);
	await drawn(s, c, ...all);
	for (const id of IDS) {
		assert.equal(of(c, id)?.resource_id, id);
		assert.ok(c.snapshot.failing_dependencies.some((d) => d.source_id === id) && c.snapshot.anomalies.some((a) => a.resource_id === id), id);
	}
	await drawn(s, c, ...IDS.map((id) => state('service_health', id, null)), state('service_health', 'a', null));
	await seen(c, (now) => now.services.length === 0, 'all are gone');
	assert.deepEqual([c.snapshot.failing_dependencies, c.snapshot.overall_health, c.faults], [[], 'unknown', []]);
});

test('two records that speak of the same service: one node, the newer', async () => {
	const s = await start(), c = topdeck(s);
	await drawn(s, c, state('service_health', 'one', service('same', { health_score: 10 })), state('service_health', 'two', service('same', { health_score: 20 })));
	assert.deepEqual(c.snapshot.services.filter((e) => e.resource_id === 'same').map((e) => e.health_score), [20]);
});

test('subscribe is a filter: what the server leaves is what concerns those resources, whatever their names', async () => {
	const s = await start(), c = topdeck(s), names = ['a', 'b', 'c', 'd', ...IDS], some = (k) => names.filter((_, i) => (i * 7 + k * 3) % 5 === 0), full = [];
	names.forEach((id, i) => {
		const to = names[(i * 5 + 3) % names.length];
		full.push(state('service_health', id, service(id)), state('anomaly', `${id}:m`, anomaly(id, 'm', { alert_id: `${id}_m` })), state('traffic_health', `${id}>${to}`, flow(id, to)));
		if (i % 3 === 0) full.push(state('failing_dependency', `${id}>${to}`, failing(id, to)));
	});
	await drawn(s, c, ...full);
	await seen(c, (now) => now.services.length === names.length);
	const all = wholeSnapshot(c.snapshot), keys = (now) => [
		now.services.map((e) => e.resource_id).sort(), now.anomalies.map((e) => e.alert_id).sort(), ...[now.traffic_patterns, now.failing_dependencies].map((l) => l.map((e) => `${e.source_id} ${e.target_id}`).sort()),
	];
	const filtered = topdeck(s);
	await until(() => filtered.snapshot);
	let mine = [];
	for (const [k, verb] of [[0, 'subscribe'], [1, 'subscribe'], [0, 'unsubscribe'], [2, 'subscribe'], [1, 'unsubscribe'], [2, 'unsubscribe']]) {
		const list = some(k);
		mine = verb === 'subscribe' ? [...new Set([...mine, ...list])] : mine.filter((id) => !list.includes(id));
		filtered.send({ type: verb, resource_ids: list });
		await until(() => filtered.last[`${verb}d`]?.resource_ids.join() === list.join() || filtered.error, { what: `${verb}d` });
		assert.equal(filtered.error, null);
		delete filtered.last[`${verb}d`];
		const want = keys(concerning(all, mine));
		await seen(filtered, (now) => JSON.stringify(keys(now)) === JSON.stringify(want), `what concerns ${mine.length || 'all'} of them`);
	}
	filtered.send({ type: 'subscribe', resource_ids: ['a'] });
	await until(() => filtered.last.subscribed);
	for (const id of ['b', 'a', 'c']) s.feed(event('health_change', { resource_id: id, old_status: 'healthy', new_status: 'failed', health_score: 1 }));
	s.feed(event('traffic_anomaly', { source_id: 'b', target_id: 'a', anomaly_type: 'x', description: 'last' }));
	await until(() => filtered.last.traffic_anomaly);
	assert.deepEqual([filtered.types.filter((t) => t === 'health_change').length, filtered.last.health_change.data.resource_id, filtered.faults, c.faults], [1, 'a', [], []]);
});

test('what TopDeck\'s client says wrong is told and costs it nothing; what it asks for comes to it alone', async () => {
	const s = await start(), c = topdeck(s), quiet = topdeck(s);
	await until(() => c.snapshot && quiet.snapshot);
	for (const bad of ['{', 'null', '[]', '5', '"x"', '', '{"type":5}', '{}', '{"type":"fly"}', '{"action":"ping"}']) {
		const before = c.types.filter((t) => t === 'error').length;
		c.send(bad);
		await until(() => c.types.filter((t) => t === 'error').length > before, { what: `an error for ${bad}` });
		assert.deepEqual([typeof c.last.error.message, typeof c.last.error.timestamp, c.open], ['string', 'string', true]);
	}
	const before = c.types.length;
	c.send({ type: 'get_snapshot' });
	await until(() => c.types.length > before);
	assert.deepEqual([c.types.at(-1), c.error], ['snapshot_update', null], 'the panel is whole again');
	c.send({ type: 'ping' });
	await until(() => c.last.pong);
	assert.equal(typeof c.last.pong.timestamp, 'string');
	assert.deepEqual([quiet.types, c.faults, quiet.faults], [['connected', 'snapshot_update'], [], []]);
});

test('OpenRisk\'s client: the document byte for byte in meaning, at once, on change and on refresh; odd ones harm nothing', async () => {
	const s = await start(), a = analytics();
	s.feed({ type: 'dashboard', timestamp: NOW, data: a });
	const c = openrisk(s), quiet = openrisk(s);
	await until(() => c.data && quiet.data, { what: 'the state at once' });
	assert.deepEqual([c.data, Object.keys(c.last.dashboard_update).sort()], [a, ['data', 'type']]);
	s.feed({ type: 'dashboard', timestamp: NOW, data: { ...a, risk_trends: null, top_risks: null, mitigation_progress: null, severity_distribution: null, mitigation_status: null } });
	await until(() => c.data.top_risks === null && quiet.data.top_risks === null);
	for (const odd of [null, 5, 'x', []]) s.feed({ type: 'dashboard', timestamp: NOW, data: odd });
	s.feed({ type: 'dashboard', timestamp: NOW }, '{"type":"dashboard","data":{"metrics":NaN}}', { type: 'dashboard', timestamp: NOW, data: { ...a, metrics: { ...a.metrics, total_risks: 43 } } });
	await until(() => c.data.metrics.total_risks === 43 && quiet.data.metrics.total_risks === 43);
	const n = c.types.length, m = quiet.types.length;
	for (const ignored of ['{', '[]', 'x', '{"type":"refresh"}', '{"action":"fly"}', '{"action":5}', Buffer.from([0, 255])]) c.socket.send(ignored);
	c.send({ action: 'refresh' });
	await until(() => c.types.length > n);
	c.send({ action: 'ping' });
	await until(() => c.last.pong);
	assert.deepEqual([c.types.slice(n), quiet.types.length, c.open], [['dashboard_update', 'pong'], m, true], 'ignored, and told to the asker alone');
	assert.match(await openriskPoll({ fetch, origin: s.url }), /^6\.7\n5\.2\n3\n91\.5/);
	assert.deepEqual([c.faults, quiet.faults, c.drawn.includes('Injection 9.5')], [[], [], true]);
});

test('healthd\'s own output, a whole recording of it: each snapshot and each event can be drawn', async () => {
	const s = await start(), c = topdeck(s), health = spawn(join(BIN, 'healthd'), [], { stdio: ['pipe', 'pipe', 'inherit'] });
	const over = new Promise((r) => health.stdout.on('end', r));
	atEnd(() => void health.kill('SIGKILL'));
	health.stdout.on('data', (d) => s.process.stdin.write(d));
	await until(() => c.snapshot);
	const lines = readFileSync(join(ROOT, 'share/demo/diagnostics.ndjson'), 'utf8').split('\n').filter((l) => /^\{"type":"(services|traffic|dependencies)"/.test(l));
	assert.ok(lines.length > 1000);
	for (let i = 0; i < lines.length; i += 100) {
		const n = c.types.length;
		health.stdin.write(lines.slice(i, i + 100).join('\n') + '\n');
		c.send({ type: 'get_snapshot' });
		await until(() => c.types.length > n);
	}
	const wholes = [['services', { name: 'n', type: 'service', metrics: { cpu: 0.1 } }], ['traffic', { source_id: 'api', target_id: 'n', request_rate: 1, error_rate: 0, latency_p95: 0.1 }], ['dependencies', { edges: [{ source_id: 'a"b', target_id: 'n' }] }]];
	for (const [type, whole] of wholes)
		for (const odd of ODD) {
			health.stdin.write(`${raw({ type, id: 'h', timestamp: NOW, data: odd })}\n${raw({ type, id: odd, timestamp: NOW, data: whole })}\n`);
			for (const member of Object.keys(whole)) health.stdin.write(`${raw({ type, id: `h${member}`, timestamp: NOW, data: { ...whole, [member]: odd } })}\n`);
		}
	for (const id of IDS) health.stdin.write(`${JSON.stringify(state('services', id, { name: id, type: id, metrics: { [id]: 5, error_rate: 0.9 } }))}\n`);
	health.stdin.end();
	await over;
	await drawn(s, c);
	for (const type of ['health_change', 'anomaly_detected', 'traffic_anomaly']) assert.ok(c.types.includes(type), `${type} was seen`);
	assert.deepEqual([c.faults, c.unknown], [[], undefined]);
	assert.ok(c.snapshot.services.length > 3 && c.snapshot.traffic_patterns.length > 3);
	assert.deepEqual(IDS.filter((id) => of(c, id)?.status !== 'failed'), [], 'each is there, under its name');
});

test('OpenRisk\'s hook with its fault: told 429, yet it sees what is new; who stays is served all the while, who comes afterwards is let in', async () => {
	const s = await start(), total = (n) => s.feed({ type: 'dashboard', timestamp: NOW, data: analytics({ total: n }) });
	total(0);
	const quiet = openrisk(s);
	await until(() => quiet.data);
	const storms = [1, 2, 3].map(() => openriskStorm({ WebSocket, origin: s.url }));
	atEnd(() => storms.forEach((c) => c.stop()));
	await until(() => storms.every((c) => c.refused > 5), { seconds: 20, what: 'they are told' });
	for (let n = 1; n <= 10; n++) {
		total(n);
		await until(() => quiet.data.metrics.total_risks === n, { seconds: 2, what: `the quiet one has number ${n}` });
	}
	await until(() => storms.some((c) => c.data?.metrics.total_risks === 10), { seconds: 20, what: 'the storm sees it, too' });
	for (const c of storms) c.stop();
	const late = await until(async () => {
		const c = openrisk(s);
		await until(() => c.data || c.code !== null);
		return c.data && c;
	}, { seconds: 20, what: 'one who comes afterwards is let in' });
	assert.deepEqual([quiet.faults, late.faults, storms.flatMap((c) => c.faults), quiet.open], [[], [], [], true]);
});

// When live.js connects and when it comes back. The clock is a simulated one, every wait is exact.
import assert from 'node:assert/strict';
import test from 'node:test';
import { world } from './livesim.mjs';

/** The waits between the ends of tries and the next ones, in ms, over n tries. */
async function waits(w, live, n) {
	const out = [];
	while (out.length < n) {
		const at = live.status.retryAt;
		assert.ok(at !== null, `no next try: ${live.status.reason}`);
		out.push(at - w.now());
		const before = w.sockets.length;
		await w.pass(at - w.now());
		assert.equal(w.sockets.length, before + 1);
		await w.pass(1);
	}
	return out;
}

test('the waits double from 1 s to 30 s, with full jitter', async () => {
	for (const [random, expected] of /** @type {[number, number[]][]} */ ([
		[0.5, [500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]],
		[0.999, [999, 1998, 3996, 7992, 15984, 29970, 29970, 29970]],
		[0.01, [10, 20, 40, 80, 160, 300, 300]],
	])) {
		const w = world({ random: () => random }), live = w.live();
		await w.pass(1);
		assert.deepEqual(await waits(w, live, expected.length), expected);
	}
});

test('a hundred failed tries: it never gives up', async () => {
	const w = world(), live = w.live();
	await w.pass(30 * 60 * 1000);
	assert.ok(w.sockets.length > 100, `${w.sockets.length} tries in half an hour`);
	assert.ok(live.status.retryAt > w.now());
	w.serve();
	await w.pass(30000);
	assert.equal(live.status.state, 'live');
});

test('1012: the server restarts, back after a random 1 to 5 s', async () => {
	for (const [random, ms] of [[0, 1000], [0.5, 3000], [0.9999, 4999.6]]) {
		const w = world({ random: () => random }), live = w.live();
		w.serve();
		await w.pass(5000);
		w.socket.shut(1012, 'restarting');
		assert.equal(Math.round(10 * (live.status.retryAt - w.now())) / 10, ms);
		assert.equal(live.status.state, 'reconnecting');
		assert.match(live.status.reason, /restarts \(1012: restarting\)/);
	}
});

for (const code of [1013, 4100, 4108, 4199])
	test(`${code}: later, never at once, and with back-off`, async () => {
		for (const [random, ms] of [[0, 1000], [0.5, 5000]]) {
			const w = world({ random: () => random }), live = w.live();
			w.serve();
			await w.pass(20000);
			w.socket.shut(code);
			assert.equal(live.status.retryAt - w.now(), ms);
			assert.match(live.status.reason, new RegExp(String(code)));
			assert.equal(live.status.code, code);
		}
	});

for (const code of [1008, 4000, 4003, 4099])
	test(`${code}: not again with the same request, and why; Refresh and setToken come again`, async () => {
		const w = world(), live = w.live();
		w.serve();
		await w.pass(5000);
		w.socket.shut(code, 'not you');
		await w.pass(3600 * 1000);
		assert.equal(w.sockets.length, 1);
		assert.match(live.status.reason, new RegExp(`refuses this connection \\(${code}: not you\\)`));
		live.refresh();
		await w.pass(10);
		assert.equal(w.sockets.length, 2);
		assert.equal(live.status.state, 'live');
		w.socket.shut(code);
		await w.pass(60000);
		live.setToken('another');
		await w.pass(10);
		assert.equal(w.sockets.length, 3);
		assert.equal(live.status.state, 'live');
	});

test('refused for good: HTTP still answers, and is asked', async () => {
	const w = world(), live = w.live();
	w.serve();
	w.answer = () => [200, { cpu: 1 }];
	await w.pass(5000);
	w.socket.shut(4003, 'one page each');
	await w.pass(10);
	assert.equal(live.status.state, 'polling');
	assert.match(live.status.reason, /4003: one page each/);
	assert.equal(live.status.retryAt, null);
});

test('4001: the token has run out; another one connects at once', async () => {
	const w = world(), live = w.live({ token: 'old.token' });
	w.serve();
	await w.pass(5000);
	assert.deepEqual(w.socket.protocols, ['kato.v1+json', 'bearer.old.token']);
	assert.equal(w.socket.url, 'ws://sim/ws');
	w.socket.shut(4001);
	await w.pass(600000);
	assert.equal(live.status.state, 'unauthorized');
	assert.match(live.status.reason, /token has expired/);
	assert.equal(w.sockets.length, 1);
	live.setToken('new.token');
	await w.pass(10);
	assert.deepEqual(w.socket.protocols, ['kato.v1+json', 'bearer.new.token']);
	assert.equal(live.status.state, 'live');
});

for (const status of [401, 403])
	test(`${status} at the door, which a browser does not tell: found out by HTTP, and no try more`, async () => {
		const w = world(), live = w.live();
		w.answer = () => [status, { detail: 'no' }];
		await w.pass(100);
		assert.equal(live.status.state, 'unauthorized');
		assert.match(live.status.reason, new RegExp(String(status)));
		const tries = w.sockets.length, requests = w.asked.length;
		await w.pass(600000);
		assert.deepEqual([w.sockets.length, w.asked.length], [tries, requests]);
		w.serve();
		live.setToken('t');
		await w.pass(10);
		assert.equal(live.status.state, 'live');
	});

test('a token that no header can carry goes into the address', async () => {
	const w = world();
	w.live({ token: 'with space' });
	await w.pass(1);
	assert.equal(w.socket.url, 'ws://sim/ws?token=with%20space');
	assert.equal(w.socket.protocols, undefined);
});

test('429: not before Retry-After', async () => {
	const w = world(), live = w.live();
	w.answer = () => [429, null, { 'Retry-After': '20' }];
	await w.pass(100);
	assert.equal(w.sockets.length, 1);
	assert.match(live.status.reason, /429/);
	const at = live.status.retryAt - w.now();
	assert.ok(at > 19000 && at <= 20000, `${at}`);
	live.refresh(); // not before, not even by hand
	await w.pass(19000);
	assert.equal(w.sockets.length, 1);
	await w.pass(2000);
	assert.equal(w.sockets.length, 2);
});

test('opening alone does not make the waits short again: accepted, then closed', async () => {
	const w = world(), live = w.live();
	w.joined = (socket) => {
		socket.open();
		socket.shut(1000);
	};
	await w.pass(1);
	assert.deepEqual(await waits(w, live, 7), [500, 1000, 2000, 4000, 8000, 15000, 15000]);
});

test('neither does a greeting, nor a snapshot with the closing on its heels', async () => {
	const w = world(), live = w.live();
	w.joined = (socket) => {
		socket.open();
		w.greet(socket);
		socket.say({ type: 'realtime_update', data: { metrics: {} } });
		socket.shut(1011);
	};
	await w.pass(1);
	assert.deepEqual(await waits(w, live, 6), [500, 1000, 2000, 4000, 8000, 15000]);
});

test('a connection that brought something, or was up for 10 s, does', async () => {
	for (const good of [(s) => s.say({ type: 'realtime_update', data: {} }), () => {}]) {
		const w = world(), live = w.live();
		await w.pass(20000);
		assert.ok(live.status.tries > 4);
		w.serve();
		await w.pass(16000);
		assert.equal(live.status.state, 'live');
		good(w.socket);
		await w.pass(good.length ? 1500 : 11000);
		w.socket.shut(1006);
		assert.equal(live.status.retryAt - w.now(), 500);
		assert.equal(live.status.tries, 0);
	}
});

test('a handshake that gets no answer is given up after 10 s', async () => {
	const w = world(), live = w.live();
	w.joined = () => {};
	await w.pass(9990);
	assert.equal(w.sockets.length, 1);
	await w.pass(20);
	assert.equal(live.status.state, 'reconnecting');
	assert.match(live.status.reason, /does not answer/);
	await w.pass(600);
	assert.equal(w.sockets.length, 2);
});

test('a cut link is noticed within 45 s: stale first, then dead, and a new one is tried', async () => {
	for (let at = 0; at < 15000; at += 700) {
		const w = world(), live = w.live();
		w.serve();
		await w.pass(30000 + at);
		w.socket.deaf = true;
		const from = w.now();
		while (live.status.state === 'live') await w.pass(100);
		assert.equal(live.status.state, 'stale');
		assert.ok(w.now() - from <= 20200, `stale after ${w.now() - from} ms`);
		while (live.status.state === 'stale') await w.pass(100);
		assert.ok(w.now() - from <= 27200, `noticed after ${w.now() - from} ms`);
		assert.match(live.status.reason, /link is dead/);
		assert.equal(w.sockets[0].closedWith, 1000);
	}
});

test('a link that answers late but answers stays, and is said to be stale meanwhile', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(16000);
	w.socket.deaf = true;
	await w.pass(22000 - 16000 + 1);
	w.socket.deaf = false;
	w.socket.say({ type: 'realtime_update', data: {} });
	await w.pass(60000);
	assert.equal(live.status.state, 'live');
	assert.equal(w.sockets.length, 1);
	assert.ok(live.got.states.includes('live'));
});

test('the latency is measured, and the clocks are compared', async () => {
	const w = world(), live = w.live();
	w.joined = (socket) => {
		socket.open();
		socket.say({ type: 'connected', timestamp: new Date(w.now() - 3600000).toISOString(), epoch: 'one', offset: 0 });
	};
	await w.pass(1);
	assert.equal(live.status.skew, -3600000);
	w.socket.w = { setTimeout: (f) => w.setTimeout(f, 40), now: () => w.now() - 3600000 };
	await w.pass(30000);
	assert.equal(live.status.latency, 40);
	assert.equal(live.status.skew, -3600000 + 20);
});

test('timers held back, as in a hidden tab, do not make a live link dead', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(20000);
	for (let i = 0; i < 20; i++) {
		w.sleep(60000); // one turn of the timers a minute; what the server sent waits behind them
		await w.pass(0);
		await w.pass(5);
	}
	assert.equal(live.status.state, 'live');
	assert.equal(w.sockets.length, 1);
});

test('a timer that comes late does not judge: what the server sent may wait behind it', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(20000);
	w.socket.deaf = true;
	while (live.status.state === 'live') await w.pass(100);
	w.sleep(60000); // the timer that would say dead is held back
	await w.pass(0);
	w.socket.deaf = false;
	w.socket.say({ type: 'realtime_update', data: {} });
	await w.pass(30000);
	assert.equal(w.sockets.length, 1);
	assert.equal(live.status.state, 'live');
});

test('after sleep a dead link is found within seconds', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(20000);
	w.socket.deaf = true;
	w.sleep(8 * 3600 * 1000);
	const from = w.now();
	while (w.sockets.length === 1) await w.pass(200);
	assert.ok(w.now() - from < 16000, `${w.now() - from} ms`);
	await w.pass(100);
	assert.equal(live.status.state, 'live');
});

test('the input of the server has ended: stale, in words', async () => {
	const w = world(), live = w.live();
	w.serve({ input: 'ended' });
	await w.pass(100);
	assert.equal(live.status.state, 'stale');
	assert.match(live.status.reason, /input has ended/);
});

test('every state has a reason in words', async () => {
	const w = world(), live = w.live(), seen = [];
	live.on('status', (s) => seen.push(s));
	await w.pass(20000);
	w.serve();
	await w.pass(30000);
	w.socket.deaf = true;
	await w.pass(30000);
	live.close();
	for (const s of seen) assert.match(s.reason, /^[A-Z0-9].{4,}/, JSON.stringify(s));
	assert.deepEqual([...new Set(seen.map((s) => s.state))].sort(), ['connecting', 'live', 'off', 'reconnecting', 'stale']);
});

test('2,000 reconnects leave nothing behind: timers, sockets, listeners', async () => {
	const w = world({ random: () => 0.01 }), live = w.live();
	w.serve({ offset: 3 });
	live.want('a', ['metrics', 'system_alerts']);
	await w.pass(2000);
	const least = w.timers();
	for (let i = 0; i < 2000; i++) {
		w.socket.say({ type: 'realtime_update', data: {} });
		w.socket.shut(1006);
		await w.pass(1200);
		if (i % 100 === 0) assert.equal(live.status.state, 'live', `${i}`);
	}
	assert.equal(w.sockets.length, 2001);
	assert.ok(w.timers() <= least + 1, `${w.timers()} timers, ${least} before`);
	for (const s of w.sockets.slice(0, -1)) assert.equal(s.onmessage.name, 'nothing');
	live.close();
	await w.pass(60000);
	assert.equal(w.timers(), 0);
});

test('closed is closed: nothing is tried, asked or told any more', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(100);
	live.close();
	live.close();
	live.want('x', ['metrics']);
	live.refresh();
	live.setToken('t');
	assert.equal(live.send('{"type":"ping"}'), false);
	w.socket.say({ type: 'realtime_update', data: {} });
	await w.pass(600000);
	assert.equal(w.sockets.length, 1);
	assert.deepEqual(w.asked, []);
	assert.equal(live.status.state, 'off');
	assert.equal(live.got.states.at(-1), 'off');
	assert.equal(w.timers(), 0);
});

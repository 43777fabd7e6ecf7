// What live.js asks by HTTP: nothing while live; all that is wanted while not; just that section whose flag is off. The clock is a simulated one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { simServer, world } from './livesim.mjs';

const DATA = {
	'/api/v1/system/metrics': [200, { resources: { cpu_percent: 7 } }, { 'Last-Modified': 'Sat, 21 Nov 2026 11:59:57 GMT' }],
	'/api/v1/system/container-stats': [200, { containers: [] }, {}],
	'/api/v1/sessions/count': [200, { active_session_count: 5, total_sessions: 9, timestamp: '2026-11-21T11:59:58.500Z' }, {}],
	'/api/v1/state': [200, { records: [{ type: 'source_status', id: 'docker-stats', data: { status: 'up' } }, { type: 'metrics', data: {} }, 'junk', null] }, {}],
	'/api/v1/events': [200, { events: [], epoch: 'e1', offset: 0 }, {}],
};
const path = (p) => p.split('?')[0];
const answers = (more = {}) => (p) => ({ ...DATA, ...more })[path(p)] ?? [404, null];
const times = (w, p) => w.asked.filter((a) => path(a) === p).length;

async function polling(options = {}, more = {}) {
	const w = world(), live = w.live({ enabled: false, ...options });
	w.answer = answers(more);
	await w.pass(1);
	return { w, live };
}

test('metrics and containers every 5 s, sessions every 10 s, events and sources too', async () => {
	const { w, live } = await polling();
	assert.equal(live.status.state, 'polling');
	w.asked.length = 0;
	await w.pass(60000);
	assert.equal(times(w, '/api/v1/system/metrics'), 12);
	assert.equal(times(w, '/api/v1/system/container-stats'), 12);
	assert.equal(times(w, '/api/v1/sessions/count'), 6);
	assert.equal(times(w, '/api/v1/events'), 12);
	assert.equal(times(w, '/api/v1/state'), 12);
	assert.equal(w.asked.length, 54, 'and nothing else');
});

test('it comes in the live messages’ shapes, with the time of the reading', async () => {
	const { live } = await polling();
	const update = (name) => live.got.messages.find((m) => m.type === 'realtime_update' && m.data[name]);
	assert.deepEqual(update('metrics').data, { metrics: { resources: { cpu_percent: 7 } } });
	assert.equal(update('metrics').timestamp, '2026-11-21T11:59:57.000Z');
	assert.deepEqual(update('sessions').data, { sessions: { active_count: 5, total_count: 9 } });
	assert.equal(update('sessions').times.sessions, '2026-11-21T11:59:58.500Z');
	assert.deepEqual(live.got.messages.filter((m) => m.type === 'source_status').length, 1);
	assert.ok(live.got.messages.every((m) => m.meta.polled && m.meta.received));
});

test('only what is wanted, and not faster than it is wanted', async () => {
	const { w, live } = await polling();
	live.want('a', ['metrics', 'traffic'], { every: 20 });
	await w.pass(20000);
	w.asked.length = 0;
	await w.pass(60000);
	assert.equal(times(w, '/api/v1/system/metrics'), 3);
	assert.equal(times(w, '/api/v1/system/container-stats'), 0);
	assert.equal(times(w, '/api/v1/sessions/count'), 0);
	assert.ok(w.asked.includes('/api/v1/state?topics=traffic'));
	live.want('a', []);
	await w.pass(1000);
	w.asked.length = 0;
	await w.pass(60000);
	assert.deepEqual([...new Set(w.asked.map(path))], ['/api/v1/events'], 'nobody looks: only whether the server is there');
});

test('a server without /api/v1/state is asked for it once', async () => {
	const { w } = await polling({}, { '/api/v1/state': [404, null] });
	await w.pass(60000);
	assert.equal(times(w, '/api/v1/state'), 1);
});

test('an answer that takes long is not asked for again meanwhile, and ends after 10 s', async () => {
	const { w, live } = await polling();
	let open = 0, most = 0;
	w.answer = async (_p, init) => {
		most = Math.max(most, ++open);
		await new Promise((r) => init.signal.addEventListener('abort', r));
		open--;
		return null;
	};
	await w.pass(60000);
	assert.equal(most, 5);
	assert.equal(live.status.state, 'reconnecting');
	assert.match(live.status.reason, /No answer from sim/);
	w.answer = answers();
	await w.pass(20000);
	assert.equal(live.status.state, 'polling');
});

test('after five failed tries HTTP is asked, at the latest after 15 s; it keeps trying, and returns to live', async () => {
	const w = world(), live = w.live(), s = simServer(w);
	s.up = false;
	await w.pass(60000);
	assert.equal(live.status.state, 'reconnecting');
	assert.ok(live.status.tries >= 5);
	assert.ok(live.status.retryAt > w.now());
	w.answer = answers({ '/ws': [426, null] });
	await w.pass(5100);
	assert.equal(live.status.state, 'polling');
	const sockets = w.sockets.length;
	await w.pass(60000);
	assert.ok(w.sockets.length > sockets, 'it keeps trying');
	s.up = true;
	await w.pass(31000);
	assert.equal(live.status.state, 'live');
	w.asked.length = 0;
	await w.pass(600000);
	assert.deepEqual(w.asked, [], 'live: nothing by HTTP');
});

test('five quick failures are enough', async () => {
	const w = world({ random: () => 0.05 }), live = w.live();
	w.answer = (p) => (path(p) === '/ws' ? null : answers()(p)); // nobody says why
	await w.pass(700);
	assert.equal(times(w, '/api/v1/system/metrics'), 0);
	await w.pass(1500);
	assert.equal(live.status.state, 'polling');
	assert.match(live.status.reason, /5 tries/);
});

test('tries that hang do not put it off: HTTP after 15 s', async () => {
	const w = world(), live = w.live();
	w.joined = () => {};
	w.answer = answers();
	await w.pass(14900);
	assert.equal(times(w, '/api/v1/system/metrics'), 0);
	await w.pass(200);
	assert.equal(live.status.state, 'polling');
});

test('503 at the door: HTTP at once', async () => {
	const w = world(), live = w.live();
	w.answer = answers({ '/ws': [503, null] });
	await w.pass(50);
	assert.equal(live.status.state, 'polling');
	assert.match(live.status.reason, /503/);
	assert.equal(w.sockets.length, 1);
	assert.ok(live.status.retryAt > w.now(), 'and it tries again by itself');
});

test('a server that answers while its WebSocket cannot be reached: HTTP after the second try', async () => {
	const w = world(), live = w.live();
	w.answer = answers({ '/ws': [400, null] });
	await w.pass(2000);
	assert.equal(live.status.state, 'polling');
	assert.ok(w.sockets.length <= 3);
});

test('HTTP comes back after a failure: live is tried soon, not in 30 s', async () => {
	const w = world(), live = w.live(), s = simServer(w);
	s.up = false;
	await w.pass(10 * 60000);
	while (live.status.retryAt - w.now() < 14000) await w.pass(1000);
	s.up = true;
	await w.pass(6500);
	assert.equal(live.status.state, 'live');
});

test('the server’s clock is learnt by HTTP, too, and learnt anew when ours is set', async () => {
	const { w, live } = await polling();
	let ahead = 3600000;
	w.answer = (p) => [200, answers()(p)[1], { Date: new Date(w.now() + ahead).toUTCString() }];
	await w.pass(6000);
	assert.ok(Math.abs(live.status.skew - 3600000) < 1000, `${live.status.skew}`);
	ahead = -600000;
	await w.pass(6000);
	assert.ok(Math.abs(live.status.skew + 600000) < 1000, `${live.status.skew}`);
});

test('401 while polling: unauthorized, and silence until there is a token', async () => {
	const { w, live } = await polling();
	w.answer = (_p, init) => (init.headers.Authorization === 'Bearer good' ? answers()(_p) : [401, null]);
	await w.pass(6000);
	assert.equal(live.status.state, 'unauthorized');
	w.asked.length = 0;
	await w.pass(60000);
	assert.deepEqual(w.asked, []);
	live.setToken('good');
	await w.pass(10);
	assert.equal(live.status.state, 'polling');
});

test('429 while polling: nothing before Retry-After', async () => {
	const { w } = await polling();
	w.answer = () => [429, null, { 'Retry-After': '30' }];
	await w.pass(5100);
	w.asked.length = 0;
	await w.pass(24000);
	assert.deepEqual(w.asked, []);
	await w.pass(10000);
	assert.ok(w.asked.length > 0);
});

test('answers that are none harm nothing', async () => {
	const { w, live } = await polling();
	for (const body of [null, 7, 'text', [], { events: 'x' }, { events: [null, 7, { type: 5 }, { offset: 1 }], epoch: 7 }, { records: [[], 0] }, { active_session_count: '5' }]) {
		w.answer = () => [200, body];
		await w.pass(11000);
	}
	for (const answer of [[500, null], [502, 'Bad gateway'], [204, null]]) {
		w.answer = () => answer;
		await w.pass(6000);
	}
	assert.ok(live.got.messages.every((m) => typeof m.type === 'string'));
	w.answer = answers();
	await w.pass(6000);
	assert.equal(live.status.state, 'polling');
});

test('Refresh asks at once while there is no live connection, and tries to connect', async () => {
	const w = world(), live = w.live();
	await w.pass(120000);
	while (live.status.retryAt - w.now() < 5000) await w.pass(1000);
	w.asked.length = 0;
	const sockets = w.sockets.length;
	w.answer = answers();
	live.refresh();
	await w.pass(100);
	assert.equal(times(w, '/api/v1/system/metrics'), 1);
	assert.equal(w.sockets.length, sockets + 1);
});

const flags = (more) => ({ enabled: true, container_stats: true, session_events: true, system_alerts: true, selective_subscriptions: true, ...more });

for (const [flag, words, paths] of /** @type {[string, string, Record<string, number>][]} */ ([
	['container_stats', 'containers', { '/api/v1/system/container-stats': 12 }],
	['session_events', 'sessions', { '/api/v1/sessions/count': 6, '/api/v1/events': 12 }],
	['system_alerts', 'alerts', { '/api/v1/events': 12 }],
]))
	test(`the flag ${flag} is off: just that is polled while live, and said; on again: no more`, async () => {
		const w = world(), live = w.live();
		w.serve({ flags: flags({ [flag]: false }) });
		w.answer = answers();
		live.want('a', ['metrics', 'containers', 'sessions', 'session_events', 'system_alerts']);
		await w.pass(100);
		assert.equal(live.status.state, 'live');
		assert.deepEqual(live.status.polled, [words]);
		assert.match(live.status.reason, new RegExp(words));
		assert.equal(live.status.flags[flag], false);
		w.asked.length = 0;
		await w.pass(60000);
		assert.deepEqual(Object.fromEntries([...new Set(w.asked.map(path))].map((p) => [p, times(w, p)])), paths);
		w.greet(w.socket, { flags: flags({}) });
		await w.pass(100);
		w.asked.length = 0;
		await w.pass(60000);
		assert.deepEqual(w.asked, []);
		assert.deepEqual(live.status.polled, []);
	});

test('a flag that goes off and on while events happen: each once', async () => {
	const w = world(), s = simServer(w), live = w.live();
	live.want('a', ['system_alerts', 'session_events']);
	await w.pass(1000);
	const got = () => live.got.messages.filter((m) => m.type === 'system_alert').map((m) => m.id), sent = [];
	const flag = (on) => {
		for (const l of s.links) {
			l.wants = (type) => on || type !== 'system_alert';
			w.greet(l, { epoch: s.epoch, offset: s.offset, flags: flags({ system_alerts: on }) });
		}
	};
	for (let i = 0; i < 6; i++) {
		sent.push(s.event());
		s.event('session_event');
		flag(i % 2 === 1);
		s.event('session_event');
		sent.push(s.event());
		await w.pass(3000);
		sent.push(s.event());
		s.event('session_event');
		await w.pass(i % 3 ? 4000 : 300);
	}
	flag(true);
	await w.pass(6000);
	assert.deepEqual(got().slice().sort(), sent.map((e) => e.id).sort());
	assert.equal(live.got.messages.filter((m) => m.type === 'session_event').length, 18);
	assert.equal(w.sockets.length, 1);
});

test('a flag is off, and then the server goes for a while: no alert is lost', async () => {
	const w = world(), s = simServer(w), live = w.live();
	live.want('a', ['system_alerts', 'session_events']);
	await w.pass(1000);
	for (const l of s.links) {
		l.wants = (type) => type !== 'system_alert';
		w.greet(l, { epoch: s.epoch, offset: s.offset, flags: flags({ system_alerts: false }) });
	}
	await w.pass(6000);
	const a = s.event();
	s.event('session_event'); // moves the place beyond the alert
	await w.pass(10);
	s.up = false;
	s.cut();
	const b = s.event();
	await w.pass(60000);
	s.up = true;
	await w.pass(60000);
	assert.deepEqual(live.got.messages.filter((m) => m.type === 'system_alert').map((m) => m.id).sort(), [a.id, b.id].sort());
});

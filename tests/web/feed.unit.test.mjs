// The feed below the hooks of TopDeck and OpenRisk, its addresses and its states, in a world without time of its own.
import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { FakeSocket, world } from './livesim.mjs';
import { tokenOf } from '../../share/react/fed.js';
import { Feed } from '../../share/react/feed.js';
import { placeOf, withToken } from '../../share/react/feedplace.js';

const SYSTEM = { path: '/api/v1/ws/live-diagnostics', port: '8000', poll: '/api/v1/live-diagnostics/snapshot' };
const PLAN = {
	place: { ws: 'ws://sim/x', http: 'http://sim/poll' }, ping: '{"type":"ping"}', pingMs: 30000, token: () => '', enabled: true, reconnect: true, attempts: 5, delayMs: 3000, poll: true, pollMs: 30000,
};

/** @param {any} [plan] */
function feed(plan = {}) {
	const w = world(), got = { messages: [], polled: [], states: [] };
	w.joined = (socket) => socket.refuse();
	w.pongs = (socket) => {
		socket.took = (m) => (m.type === 'ping' || m.action === 'ping') && w.setTimeout(() => socket.say({ type: 'pong' }), 2);
		socket.open();
	};
	const f = new Feed({ ...PLAN, ...plan }, {
		now: w.now, random: () => 0.5, setTimeout: w.setTimeout, clearTimeout: w.clearTimeout, fetch: (url, init) => w.fetch(url, init),
		WebSocket: class extends FakeSocket {
			constructor(url, protocols) {
				super(w, url, protocols);
			}
		},
		onOpen: () => {}, onMessage: (m) => got.messages.push(m), onPolled: (b) => got.polled.push(b), onStatus: (s) => got.states.push(s),
	});
	return Object.assign(w, { f, got, polls: () => w.asked.filter((p) => p === '/poll').length });
}

test('where it is: the url as given, else beside the configured server, else the page', () => {
	const at = (of) => placeOf({ page: 'http://page:3000/app/x', ...of }, SYSTEM);
	assert.deepEqual(at({}), { ws: 'ws://page:8000/api/v1/ws/live-diagnostics', http: 'http://page:8000/api/v1/live-diagnostics/snapshot' });
	assert.equal(placeOf({ page: 'https://page/' }, { ...SYSTEM, port: undefined })?.ws, 'wss://page/api/v1/ws/live-diagnostics');
	for (const server of ['ws://h:1/ws', 'http://h:1', 'http://h:1/', 'ws://h:1/api/v1/ws/dashboard', 'ws://h:1/ws/live-diagnostics/']) assert.equal(at({ server })?.ws, 'ws://h:1/api/v1/ws/live-diagnostics', server);
	assert.deepEqual(at({ server: 'wss://h/below/ws' }), { ws: 'wss://h/below/api/v1/ws/live-diagnostics', http: 'https://h/below/api/v1/live-diagnostics/snapshot' });
	assert.deepEqual(at({ url: 'ws://o:9/mine?a=1', server: 'ws://h/ws', query: { update_interval: '5' } }), { ws: 'ws://o:9/mine?a=1&update_interval=5', http: 'http://o:9/api/v1/live-diagnostics/snapshot' });
	assert.equal(at({ url: 'ws://o:9/ws/live-diagnostics?update_interval=7', query: { update_interval: '5' } })?.ws, 'ws://o:9/ws/live-diagnostics?update_interval=5');
	assert.equal(at({ url: '/api/v1/ws/live-diagnostics' })?.ws, 'ws://page:3000/api/v1/ws/live-diagnostics');
	assert.equal(at({ url: 'http://o:9' })?.ws, 'ws://o:9/api/v1/ws/live-diagnostics');
	for (const url of ['ftp://x', 'http://', '::']) assert.equal(placeOf({ url, page: 'file:///x' }, SYSTEM), null, url);
	assert.equal(placeOf({}, SYSTEM), null);
	assert.deepEqual([withToken('ws://h/x', ''), withToken('ws://h/x', 'a b&'), withToken('ws://h/x?a=1', 't')], ['ws://h/x', 'ws://h/x?token=a%20b%26', 'ws://h/x?a=1&token=t']);
});

test('the plan\'s back-off: 3, 6, 12, 24, 30 s, then HTTP at once and every 30 s, and it goes on trying', async () => {
	const w = feed(), times = [];
	w.joined = (socket) => (times.push(w.now()), socket.refuse());
	w.answer = (path) => (path === '/poll' ? [200, { n: 1 }] : null);
	await w.pass(74000);
	assert.deepEqual(times.slice(1).map((t, i) => Math.round((t - times[i]) / 1000)), [3, 6, 12, 24]);
	assert.equal(w.polls(), 0);
	assert.deepEqual([w.f.status.polling, w.f.status.attempts], [false, 5]);
	await w.pass(2000);
	assert.deepEqual([w.polls(), w.f.status.polling, w.f.status.answers], [1, true, true]);
	await w.pass(90000);
	assert.equal(w.polls(), 4);
	assert.ok(times.length >= 8, `goes on: ${times.length}`);
	w.joined = w.pongs;
	await w.pass(31000);
	assert.deepEqual([w.f.status.open, w.f.status.polling, w.f.status.attempts, w.f.status.error], [true, false, 0, '']);
	const before = w.polls();
	await w.pass(120000);
	assert.equal(w.polls(), before, 'live: HTTP is asked no more');
	assert.equal(w.got.polled.length, before);
});

test('a link that is open and says nothing any more is noticed, at rest within its heartbeat and twelve seconds', async () => {
	const w = feed();
	w.joined = w.pongs;
	await w.pass(60000);
	assert.equal(w.sockets.length, 1);
	w.socket.took = () => {};
	const said = w.got.states.length;
	await w.pass(43000);
	assert.match(w.got.states[said]?.error ?? 'nothing was said', /No answer any more/);
	assert.equal(w.got.states[said].open, false);
	await w.pass(4000);
	assert.deepEqual([w.sockets.length, w.f.status.open], [2, true]);
});

test('a server that takes each connection and ends it at once is asked ever more seldom', async () => {
	const w = feed();
	w.joined = (socket) => {
		socket.open();
		socket.say({ type: 'connected' });
		socket.shut(1011);
	};
	await w.pass(300000);
	assert.ok(w.sockets.length < 18, `${w.sockets.length} connections in five minutes`);
});

test('refused for its token: not again with the same one for minutes, at once with another', async () => {
	let token = 'old';
	const w = feed({ token: () => token });
	w.joined = (socket) => (socket.url.endsWith('token=new') ? w.pongs(socket) : (socket.open(), socket.shut(1008, 'bad token')));
	w.answer = () => [401];
	await w.pass(200000);
	assert.equal(w.sockets.length, 1);
	assert.match(w.f.status.error, /401|1008/);
	token = 'new';
	await w.pass(2500);
	assert.deepEqual([w.sockets.length, w.f.status.open], [2, true]);
	assert.equal(w.socket.url, 'ws://sim/x?token=new');
});

test('what HTTP says of a refused handshake: 401, 429 with a time, 503, no WebSocket there', async () => {
	const after = async (status, headers, seconds) => {
		const w = feed();
		w.answer = (path) => (path === '/poll' ? [200, {}] : [status, {}, headers]);
		await w.pass(seconds * 1000);
		return w;
	};
	let w = await after(401, {}, 1);
	assert.match(w.f.status.polling ? w.got.states.map((s) => s.error).join() : '', /asks for a token \(401\)/);
	assert.equal(w.sockets.length, 1);
	w = await after(429, { 'Retry-After': '50' }, 45);
	assert.equal(w.sockets.length, 1);
	assert.match(w.f.status.error, /429/);
	w = await after(503, {}, 1);
	assert.deepEqual([w.f.status.polling, w.f.status.answers, w.polls()], [true, true, 1]);
	w = await after(426, {}, 10);
	assert.deepEqual([w.f.status.polling, w.f.status.answers], [true, true], 'after two tries');
});

test('another address is dialed once, another token once, other waits not at all', async () => {
	const w = feed();
	w.joined = w.pongs;
	await w.pass(1000);
	w.f.follow({ ...PLAN, pingMs: 5000, attempts: 1 });
	await w.pass(5000);
	assert.equal(w.sockets.length, 1);
	w.f.follow({ ...PLAN, place: { ws: 'ws://sim/y', http: 'http://sim/poll' } });
	await w.pass(5000);
	w.f.follow({ ...PLAN, place: { ws: 'ws://sim/y', http: 'http://sim/poll' }, token: () => 't' });
	await w.pass(5000);
	assert.deepEqual(w.sockets.map((s) => [s.url, s.readyState]), [['ws://sim/x', 3], ['ws://sim/y', 3], ['ws://sim/y?token=t', 1]]);
});

test('closed: no timer and no question is left, in whatever state it was', async () => {
	const left = async (prepare, ms) => {
		const w = feed();
		prepare(w);
		await w.pass(ms);
		w.f.close();
		await new Promise((r) => setImmediate(r)); // what is aborted says so in its own turn
		const n = w.sockets.length, asked = w.asked.length, said = w.got.states.length;
		assert.equal(w.timers() - w.sockets.filter((s) => s.readyState === 0).length, 0, prepare.toString());
		w.joined = w.pongs;
		await w.pass(400000);
		assert.deepEqual([w.sockets.length, w.asked.length, w.got.states.length, w.sockets.filter((s) => s.readyState === 1).length], [n, asked, said, 0]);
	};
	await left((w) => (w.joined = w.pongs), 1000);
	await left((w) => (w.joined = () => {}), 1000);
	await left(() => {}, 1000);
	await left((w) => (w.answer = () => [200, {}]), 100000);
	await left((w) => (w.answer = () => [401]), 1000);
	await left((w) => (w.fetch = (_url, { signal }) => new Promise((_, no) => signal.addEventListener('abort', () => no(new Error('aborted'))))), 1000);
});

test('garbage harms nothing: what is no message is not one', async () => {
	const w = feed();
	w.joined = w.pongs;
	await w.pass(1000);
	for (const text of ['', 'NaN', '{', '[]', '"x"', '5', 'null', '{"type":5}', '{"type":"snapshot_update","data":{"n":NaN}}', '{"n":1}']) w.socket.say(text);
	assert.deepEqual(w.got.messages.filter((m) => m.type !== 'pong'), []);
	assert.equal(w.f.status.open, true);
});

test('switched off: HTTP alone; without reconnecting: one try for each time it is asked to', async () => {
	let w = feed({ enabled: false });
	w.answer = () => [200, { n: 1 }];
	await w.pass(61000);
	assert.deepEqual([w.sockets.length, w.polls(), w.f.status.trying], [0, 3, false]);
	w = feed({ reconnect: false, poll: false });
	await w.pass(100000);
	assert.deepEqual([w.sockets.length, w.f.status.trying, w.f.status.polling], [1, false, false]);
	w.f.retry();
	await w.pass(100000);
	assert.equal(w.sockets.length, 2);
});

test('asked for the newest while away: the next try and the next poll are now', async () => {
	const w = feed();
	w.answer = (path) => (path === '/poll' ? [200, { n: 1 }] : null);
	await w.pass(100000);
	const [tries, polls] = [w.sockets.length, w.polls()];
	w.f.retry();
	await w.pass(100);
	assert.deepEqual([w.sockets.length - tries, w.polls() - polls], [1, 1]);
});

test('a sign of life by HTTP after silence: the next try is not half a minute away', async () => {
	const w = feed({ pollMs: 10000 });
	await w.pass(91000);
	assert.deepEqual([w.f.status.polling, w.f.status.answers], [true, false]);
	w.answer = (path) => (path === '/poll' ? [200, {}] : null);
	w.joined = w.pongs;
	await w.pass(6000);
	assert.deepEqual([w.got.polled.length, w.f.status.open], [1, true]);
});

test('a token that cannot be read is none', () => {
	assert.deepEqual([tokenOf(undefined)(), tokenOf('a')(), tokenOf(() => 'b')(), tokenOf(() => null)(), tokenOf(null, () => 'kept')(), tokenOf(() => {
		throw new Error('forbidden');
	})()], ['', 'a', 'b', '', 'kept', '']);
});

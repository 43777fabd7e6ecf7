// No event is lost and none comes twice, whatever happens to the connection. The clock and the server are simulated.
import assert from 'node:assert/strict';
import test from 'node:test';
import { simServer, world } from './livesim.mjs';

const ids = (live) => live.got.messages.filter((m) => m.offset !== undefined && m.id).map((m) => m.id);
const settle = (w) => w.pass(40000);

async function begun(options = {}, server = {}) {
	const w = world(), s = simServer(w, server), live = w.live(options);
	live.want('test', ['system_alerts', 'session_events']);
	await w.pass(3000);
	return { w, s, live };
}

test('events of the time away are replayed once, in order, before what is new', async () => {
	const { w, s, live } = await begun();
	const sent = [s.event(), s.event('session_event')];
	s.cut();
	sent.push(s.event(), s.event(), s.event('session_event'));
	await settle(w);
	sent.push(s.event());
	await w.pass(10);
	assert.deepEqual(ids(live), sent.map((e) => e.id));
	assert.deepEqual(w.socket.sent.at(-1).since, { epoch: 'e1', offset: 2 });
	assert.deepEqual(s.queries, [], 'without a question by HTTP');
	assert.equal(live.status.offset, 6);
});

test('a connection that was never lost asks for nothing again', async () => {
	const { w, s, live } = await begun();
	s.event();
	await settle(w);
	s.event();
	await settle(w);
	assert.equal(ids(live).length, 2);
	assert.deepEqual(w.asked, []);
	assert.equal(w.sockets.length, 1);
});

test('events that happen between the greeting and the replay wait for it', async () => {
	const { w, s, live } = await begun();
	const sent = [s.event()];
	s.cut();
	sent.push(s.event());
	s.greeted = () => void (sent.length < 3 && sent.push(s.event()));
	await settle(w);
	assert.equal(sent.length, 3);
	sent.push(s.event());
	await w.pass(10);
	assert.deepEqual(ids(live), sent.map((e) => e.id));
});

// The link breaks with one event missed, comes back, and breaks again behind its greeting, with a newer one held; and then, in that turn, after().
async function brokenTwice(after = (/** @type {any} */ _s) => {}) {
	const { w, s, live } = await begun(), sent = [s.event()];
	s.cut();
	sent.push(s.event());
	s.greeted = () => {
		s.greeted = () => {};
		sent.push(s.event());
		s.cut();
		after(s);
	};
	return { w, s, live, sent: () => sent.map((e) => e.id) };
}

test('… and still do if the link is lost before the replay: resumed, or by HTTP', async () => {
	const { w, live, sent } = await brokenTwice();
	await settle(w);
	assert.equal(sent().length, 3);
	assert.deepEqual(ids(live), sent());

	const other = await brokenTwice((s) => {
		other.w.joined = (socket) => socket.refuse();
		other.w.answer = ((answer) => (path) => (path.startsWith('/api/') ? answer(path) : null))(other.w.answer);
	});
	await settle(other.w);
	assert.equal(other.live.status.state, 'polling');
	assert.deepEqual(ids(other.live), other.sent());
});

test('… but not for ever, nor for a server that has forgotten, nor beyond the end', async () => {
	const gone = await brokenTwice((s) => (s.up = false));
	await settle(gone.w);
	assert.deepEqual(ids(gone.live), [gone.sent()[0], gone.sent()[2]]);

	const forgetful = await brokenTwice((s) => s.restart());
	await settle(forgetful.w);
	assert.deepEqual(ids(forgetful.live), [forgetful.sent()[0], forgetful.sent()[2]]);

	const closed = await brokenTwice(() => setImmediate(() => closed.live.close()));
	await settle(closed.w);
	assert.deepEqual(ids(closed.live), [closed.sent()[0], closed.sent()[2]]);
	assert.equal(closed.w.timers(), 0);
});

test('a server that does not know of resuming: the history is read, what comes meanwhile waits', async () => {
	const { w, s, live } = await begun({}, { resumes: false });
	const sent = [s.event()];
	s.cut();
	sent.push(s.event(), s.event('session_event'), s.event());
	await w.pass(3000);
	assert.deepEqual(s.queries, ['?since=e1%3A1&limit=10000']);
	sent.push(s.event());
	await settle(w);
	assert.deepEqual(ids(live), sent.map((e) => e.id));
	assert.deepEqual(live.got.messages.filter((m) => m.meta.late).map((m) => m.id), sent.slice(1, 4).map((e) => e.id));
});

test('a history that no longer reaches back: what is left of it comes, once', async () => {
	const { w, s, live } = await begun({}, { keeps: 5 });
	const sent = [s.event()];
	s.cut();
	for (let i = 0; i < 20; i++) sent.push(s.event());
	await settle(w);
	sent.push(s.event());
	await w.pass(10);
	assert.deepEqual(ids(live), [sent[0], ...sent.slice(-6)].map((e) => e.id));
});

test('a server that has forgotten: its history is read anew, known events do not come again', async () => {
	const { w, s, live } = await begun();
	const a = s.event(), b = s.event();
	s.restart();
	s.event('system_alert', { id: b.id }); // told again by what feeds it
	const c = s.event();
	await settle(w);
	const d = s.event();
	await w.pass(10);
	assert.deepEqual(ids(live), [a, b, c, d].map((e) => e.id));
	assert.deepEqual([live.status.epoch, live.status.offset], ['e2', 3]);
});

test('the history cannot be read at first: live goes on, and it is asked again', async () => {
	const { w, s, live } = await begun({}, { resumes: false });
	s.event();
	s.cut();
	const missed = s.event();
	s.http = false;
	await w.pass(2000);
	assert.equal(live.status.state, 'live');
	const next = s.event();
	await w.pass(10);
	assert.ok(ids(live).includes(next.id), 'what is new does not wait for ever');
	s.http = true;
	await settle(w);
	assert.equal(ids(live).filter((id) => id === missed.id).length, 1);
	assert.equal(ids(live).filter((id) => id === next.id).length, 1);
});

test('… and if the link is lost before that, the gap is part of the next resume', async () => {
	const { w, s, live } = await begun({}, { resumes: false });
	const sent = [s.event()];
	s.cut();
	sent.push(s.event());
	s.http = false;
	await w.pass(2000);
	sent.push(s.event());
	await w.pass(10);
	s.cut();
	s.http = true;
	await settle(w);
	assert.deepEqual(ids(live).sort(), sent.map((e) => e.id).sort());
});

test('a server without offsets or history: events come, each id once', async () => {
	const w = world(), live = w.live();
	w.joined = (socket) => socket.open();
	await w.pass(10);
	for (const id of ['a', 'b', 'a']) w.socket.say({ type: 'system_alert', id, alerts: [{}] });
	w.socket.say({ type: 'session_event' });
	w.socket.say({ type: 'session_event' });
	assert.deepEqual(live.got.messages.filter((m) => m.type !== 'heartbeat').map((m) => m.id), ['a', 'b', undefined, undefined]);
});

test('offsets that are none harm nothing', async () => {
	const { w, s, live } = await begun();
	for (const offset of ['7', null, -1, 1e300, 0.5, {}, [], true]) w.socket.say({ type: 'weather_event', offset, id: `x${JSON.stringify(offset)}` });
	s.event();
	await w.pass(10);
	assert.equal(live.status.offset, 1);
	assert.equal(live.got.messages.filter((m) => m.type === 'weather_event').length, 8);
});

test('while polling, new events come by HTTP, and only they; live again, none twice', async () => {
	const { w, s, live } = await begun();
	const sent = [s.event()];
	const joined = w.joined;
	w.joined = (socket) => socket.refuse();
	s.cut();
	await settle(w);
	assert.equal(live.status.state, 'polling');
	sent.push(s.event());
	await w.pass(6000);
	assert.equal(ids(live).length, 2, 'one by HTTP');
	sent.push(s.event());
	w.joined = joined;
	await settle(w);
	sent.push(s.event());
	await w.pass(100);
	assert.equal(live.status.state, 'live');
	assert.deepEqual(ids(live), sent.map((e) => e.id));
});

test('a page that was never live gets by HTTP what happens from then on', async () => {
	const w = world(), s = simServer(w), live = w.live({ enabled: false });
	s.event();
	await w.pass(100);
	const e = s.event();
	await w.pass(6000);
	assert.deepEqual(ids(live), [e.id]);
	assert.equal(w.sockets.length, 0);
});

test('nobody wants the events: those of the time away are not delivered', async () => {
	const { w, s, live } = await begun({}, { resumes: false });
	live.want('test', ['metrics']);
	await w.pass(1000);
	s.cut();
	s.event();
	await settle(w);
	assert.deepEqual(ids(live), []);
});

/** Random, and the same each time. @param {number} seed */
const numbers = (seed) => () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;

for (const [name, server, ordered] of /** @type {[string, any, boolean][]} */ ([['resumes', {}, true], ['only has a history', { resumes: false }, false]]))
	test(`a server that ${name}: 40 lives of cuts, kills, deaf links and HTTP failures; each event once`, async () => {
		for (let seed = 1; seed <= 40; seed++) {
			const random = numbers(seed * 7919), w = world({ random }), s = simServer(w, server), live = w.live(), sent = [];
			live.want('test', ['system_alerts']);
			await w.pass(2000);
			for (let i = 0; i < 60; i++) {
				const r = random();
				if (r < 0.5) sent.push(s.event());
				else if (r < 0.6) s.cut([1006, 1011, 1012, 1013, 4108][Math.floor(random() * 5)]);
				else if (r < 0.65 && w.socket) w.socket.deaf = true;
				else if (r < 0.7) (s.up = !s.up) || s.cut();
				else if (r < 0.74) s.http = !s.http;
				else if (r < 0.8) s.event('session_event');
				else await w.pass(random() * 20000);
				if (random() < 0.5) await w.pass(random() * 3000);
			}
			s.up = s.http = true;
			await w.pass(120000);
			assert.equal(live.status.state, 'live', `seed ${seed}`);
			const got = ids(live), wanted = sent.map((e) => e.id);
			assert.deepEqual(got.slice().sort(), wanted.slice().sort(), `seed ${seed}: each once`);
			if (ordered) assert.deepEqual(got, wanted, `seed ${seed}: in order`);
			live.close();
			assert.ok(w.timers() <= 2, `seed ${seed}: ${w.timers()} timers left`);
		}
	});

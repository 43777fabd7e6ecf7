// What live.js asks the server for: the union of what is on screen, within the server's limits, and where it goes.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addresses, closing, isOf, requests, union } from '../../share/dashboard/livewire.js';
import { world } from './livesim.mjs';

async function connected(options = {}, more = {}) {
	const w = world(), live = w.live(options);
	w.serve(more);
	await w.pass(1000);
	return { w, live, sent: () => w.socket.sent };
}

/** What the server makes of it. */
function setOf(messages) {
	const set = new Set();
	for (const m of messages) for (const t of m.subscriptions) m.type === 'subscribe' ? set.add(t) : set.delete(t);
	return [...set];
}

test('who says nothing of wishes gets the standard, unasked', async () => {
	const { sent } = await connected();
	assert.deepEqual(sent(), []);
});

test('wishes of one turn go in one message, the union of them, at the smallest pace', async () => {
	const w = world(), live = w.live();
	w.serve();
	live.want('a', ['metrics', 'containers'], { every: 10 });
	live.want('b', ['containers', 'system_alerts'], { every: 2 });
	await w.pass(100);
	assert.deepEqual(w.socket.sent, [{ type: 'subscribe', subscriptions: ['metrics', 'containers', 'system_alerts'], every: 2 }]);
});

test('what nobody wants any more is taken away, what stays is not disturbed', async () => {
	const { w, live, sent } = await connected();
	live.want('a', ['metrics']);
	live.want('b', ['containers']);
	await w.pass(1000);
	live.want('b', []);
	await w.pass(1000);
	assert.deepEqual(sent().slice(1), [{ type: 'unsubscribe', subscriptions: ['containers'] }]);
	live.want('a', []);
	await w.pass(1000);
	assert.deepEqual(sent().at(-1), { type: 'unsubscribe', subscriptions: ['metrics'] });
});

test('the same wish again says nothing to the server', async () => {
	const { w, live, sent } = await connected();
	for (let i = 0; i < 50; i++) {
		live.want('a', ['metrics', 'system_alerts']);
		await w.pass(10);
	}
	assert.equal(sent().length, 1);
});

test('a page that changes its mind at each frame stays under 20 messages a second, and what it wanted last holds', async () => {
	const { w, live, sent } = await connected();
	for (let i = 0; i < 300; i++) {
		live.want('a', [`containers.c${i}`]);
		await w.pass(16);
	}
	await w.pass(1000);
	assert.ok(sent().length <= 20 * 6, `${sent().length} messages in 5.8 s`);
	assert.deepEqual(setOf(sent()), ['containers.c299']);
});

test('a slow wish that becomes a fast one, and goes', async () => {
	const { w, live, sent } = await connected();
	for (const [every, expected] of /** @type {[number|undefined, number|undefined][]} */ ([[10, 10], [1, 1], [undefined, 0.1], [5, 5]])) {
		live.want('a', ['metrics'], { every });
		await w.pass(1000);
		assert.equal(sent().at(-1).every, expected);
	}
});

test('paces the server does not take are none', async () => {
	for (const [every, expected] of /** @type {[any, any][]} */ ([[0, undefined], [-1, undefined], [NaN, undefined], ['5', undefined], [Infinity, undefined], [0.001, 0.1], [99999, 3600]])) {
		const { w, live, sent } = await connected();
		live.want('a', ['metrics'], { every });
		await w.pass(1000);
		assert.equal(sent().at(-1).every, expected, String(every));
	}
});

test('after a reconnect all is asked for again, in the same words', async () => {
	const { w, live } = await connected();
	live.want('a', ['metrics', 'traffic'], { every: 2 });
	await w.pass(1000);
	w.socket.shut(1006);
	await w.pass(3000);
	assert.deepEqual(w.socket.sent, [{ type: 'subscribe', subscriptions: ['metrics', 'traffic'], every: 2, since: { epoch: 'one', offset: 0 } }]);
});

test('no message is over 4 KiB, no subscription over 64 topics', () => {
	const long = Array.from({ length: 64 }, (_, i) => `containers.${String(i).padStart(110, 'ä')}`.slice(0, 60));
	const messages = requests(new Set(long.slice(0, 3)), long, { every: 0.1, since: { epoch: 'e'.repeat(64), offset: Number.MAX_SAFE_INTEGER } });
	for (const m of messages) assert.ok(Buffer.byteLength(m) <= 4096, `${Buffer.byteLength(m)}`);
	assert.deepEqual(messages.flatMap((m) => JSON.parse(m).subscriptions), long);
	assert.deepEqual(messages.map((m) => 'since' in JSON.parse(m)), messages.map((_, i) => i === messages.length - 1), 'resuming once all is subscribed');
	const many = (n, f) => union([{ topics: Array.from({ length: n }, (_, i) => f(i)), every: 0 }]).topics;
	assert.equal(many(64, (i) => `containers.c${i}`).length, 64);
	assert.deepEqual(many(65, (i) => `containers.c${i}`), ['containers']);
	assert.deepEqual(many(65, (i) => `type_${i}`), ['*']);
});

test('names that are no topics are not asked for', () => {
	const bad = ['', 'Metrics', 'a b', 'a,b', 'ä', '1a', `a${'b'.repeat(128)}`, 'a.', null, 7, {}, ['metrics']];
	assert.deepEqual(union([{ topics: /** @type {any} */ ([...bad, 'metrics', 'containers.a.b-c', '*']), every: 0 }]).topics, ['metrics', 'containers.a.b-c', '*']);
});

for (const [option, gone, kept] of /** @type {[string, string[], string[]][]} */ ([
	['containerStats', ['containers', 'containers.kato'], ['container_events', 'metrics']],
	['sessionEvents', ['sessions', 'session_events'], ['metrics']],
	['alerts', ['system_alerts', 'system_alert'], ['metrics']],
]))
	test(`${option}: false: neither subscribed nor polled, and not delivered either`, async () => {
		const { w, live, sent } = await connected({ [option]: false });
		live.want('a', [...gone, ...kept]);
		await w.pass(1000);
		assert.deepEqual(setOf(sent()).sort(), kept.sort());
		w.socket.say({ type: 'realtime_update', data: { metrics: { a: 1 }, containers: { b: 1 }, sessions: { c: 1 } } });
		w.socket.say({ type: gone.at(-1).replace(/s$/, ''), id: 'x' });
		const section = gone[0].split('.')[0];
		const update = live.got.messages.find((m) => m.type === 'realtime_update');
		assert.equal(section in update.data, false);
		assert.equal(live.got.messages.some((m) => gone.includes(`${m.type}s`)), false);
		w.answer = () => [200, {}];
		w.joined = (s) => s.refuse();
		w.socket.shut(1006);
		await w.pass(60000);
		assert.equal(live.status.state, 'polling');
		if (option !== 'alerts') assert.equal(w.asked.some((p) => p.includes(option === 'containerStats' ? 'container-stats' : 'sessions/count')), false);
		assert.ok(w.asked.includes('/api/v1/system/metrics'));
	});

test('options off before any wish: the rest of the standard is asked for by name', async () => {
	const { sent } = await connected({ alerts: false, containerStats: false });
	assert.deepEqual(sent(), [{ type: 'subscribe', subscriptions: ['metrics', 'sessions', 'session_events', 'source_status', 'container_events'] }]);
});

test('selectiveSubscriptions: false: one subscription to everything', async () => {
	const { w, live, sent } = await connected({ selectiveSubscriptions: false });
	live.want('a', ['metrics']);
	live.want('b', ['containers.kato']);
	await w.pass(1000);
	assert.deepEqual(sent(), [{ type: 'subscribe', subscriptions: ['*'] }]);
});

test('enabled: false: HTTP alone', async () => {
	const w = world(), live = w.live({ enabled: false });
	w.serve();
	w.answer = () => [200, {}];
	await w.pass(60000);
	assert.equal(w.sockets.length, 0);
	assert.equal(live.status.state, 'polling');
	assert.match(live.status.reason, /switched off for this page/);
});

test('Refresh when live asks for a snapshot', async () => {
	const { live, sent, w } = await connected();
	live.refresh();
	assert.deepEqual(sent(), [{ type: 'get_snapshot' }]);
	assert.deepEqual(w.asked, []);
});

test('where the url leads', () => {
	const page = 'https://kato.example/containers?x#y';
	const table = {
		'': ['wss://kato.example/ws', 'https://kato.example'],
		'/ws': ['wss://kato.example/ws', 'https://kato.example'],
		'/kato/ws': ['wss://kato.example/kato/ws', 'https://kato.example/kato'],
		'http://a:8080': ['ws://a:8080/ws', 'http://a:8080'],
		'http://a:8080/': ['ws://a:8080/ws', 'http://a:8080'],
		'https://a/kato/': ['wss://a/kato/ws', 'https://a/kato'],
		'https://a/ws': ['wss://a/ws', 'https://a'],
		'ws://a:1/ws': ['ws://a:1/ws', 'http://a:1'],
		'wss://a': ['wss://a/ws', 'https://a'],
		'WS://a/ws#x': ['ws://a/ws', 'http://a'],
		'ws://user:secret@a/ws?x=1': ['ws://a/ws?x=1', 'http://a'],
		'ws://a/other': ['ws://a/other', 'http://a'],
		'localhost:8080': ['wss://localhost:8080/ws', 'https://localhost:8080'],
		'[::1]': null,
	};
	for (const [url, expected] of Object.entries(table)) {
		const a = addresses(url, page);
		if (expected) assert.deepEqual([a.ws, a.http], expected, url);
	}
	assert.equal(addresses('', undefined), null);
	assert.equal(addresses('/ws', 'file:///x.html'), null);
	assert.equal(addresses('ftp://a', page), null);
	assert.deepEqual(addresses('localhost:8080')?.ws, 'ws://localhost:8080/ws');
	for (const odd of [null, undefined, 7, {}, [], 'ws://', 'http://[', 'ws://a:99999']) assert.doesNotThrow(() => addresses(odd, undefined));
});

test('no server to go to is said, not thrown', async () => {
	const w = world(), live = w.live({ url: '' });
	await w.pass(60000);
	assert.equal(live.status.state, 'off');
	assert.match(live.status.reason, /url/);
});

test('an event is of a topic by its type, singular or plural, and by its id', () => {
	const e = { type: 'container_event', id: 'x', data: { name: 'kato' } };
	assert.ok(isOf(['container_events'], e) && isOf(['container_event'], e) && isOf(['*'], e) && isOf(['container_event.x'], e));
	assert.ok(!isOf(['containers', 'system_alerts', 'container_event.y'], e));
});

test('closings without a meaning of their own are losses', () => {
	for (const code of [0, 1000, 1001, 1006, 1011, 1015, 3000, 3999, 4200, 4999, NaN]) assert.equal(closing(code, { not: 'text' }).kind, 'lost');
	assert.ok(closing(4003, 'x'.repeat(5000)).why.length < 300);
});

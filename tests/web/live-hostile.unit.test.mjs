// A broken or hostile server, and listeners that throw: live.js stays up, and goes on.
import assert from 'node:assert/strict';
import test from 'node:test';
import { readFileSync } from 'node:fs';
import { createLive } from '../../share/dashboard/live.js';
import { simServer, world } from './livesim.mjs';

const quiet = async (body) => {
	const said = console.error, seen = [];
	console.error = (...args) => void seen.push(args);
	try {
		await body(seen);
	} finally {
		console.error = said;
	}
};

const JUNK = ['', ' ', '{', 'null', '7', '"text"', '[]', '[[1]]', 'true', '{}', '{"type":7}', '{"type":null}', '{"type":{}}', '{"type":""}', '\u0000', '{"type":"realtime_update"',
	'[' + '['.repeat(200000), JSON.stringify({ type: 'x', text: 'a'.repeat(10 * 1024 * 1024) }), '{"__proto__":{"type":"connected","polluted":1}}'];
const STRANGE = [
	{ type: 'connected' }, { type: 'connected', epoch: 7, offset: 'x', flags: [], topics: 9, timestamp: {} }, { type: 'connected', epoch: 'e'.repeat(100000), offset: 1 },
	{ type: 'connected', flags: { container_stats: 'no', ['x'.repeat(1000)]: true, a: { b: 1 } } }, { type: 'connected', epoch: null, offset: null, flags: null },
	{ type: 'subscribed' }, { type: 'subscribed', recovered: 'yes', replayed: {}, offset: [] }, { type: 'subscribed', recovered: false },
	{ type: 'realtime_update' }, { type: 'realtime_update', data: null }, { type: 'realtime_update', data: [] }, { type: 'realtime_update', data: { containers: 'x' } },
	{ type: 'system_alert' }, { type: 'system_alert', offset: 5, id: {} }, { type: 'system_alert', id: 'i'.repeat(100000), offset: 6 }, { type: 'heartbeat' },
	{ type: 'pong', timestamp: 'never' }, { type: 'error', code: {}, message: [] }, { type: 'constructor' }, { type: '__proto__', offset: 1 }, { type: 'toString' },
];

test('junk, binary frames and 10 MB messages are passed over', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(1000);
	const before = live.got.messages.length;
	for (const text of JUNK) w.socket.say(text);
	for (const data of [new ArrayBuffer(9), Buffer.from('{"type":"x"}'), null, undefined, 7, { type: 'x' }]) w.socket.onmessage({ data });
	w.socket.onmessage(undefined);
	assert.deepEqual(live.got.messages.slice(before).map((m) => m.type), ['']);
	assert.equal({}.polluted, undefined);
	await w.pass(60000);
	assert.equal(live.status.state, 'live');
	assert.equal(w.sockets.length, 1);
});

test('messages with strange members are handed on, and nothing breaks', async () => {
	const w = world(), live = w.live();
	w.serve();
	await w.pass(1000);
	for (const m of STRANGE) w.socket.say(m);
	await w.pass(60000);
	w.socket.shut(1006);
	await w.pass(60000);
	assert.equal(live.status.state, 'live');
	for (const [name, v] of Object.entries(live.status.flags ?? {})) assert.ok(typeof v === 'boolean' && name.length <= 64);
	assert.ok(JSON.stringify(live.status).length < 2000);
	assert.ok(w.sockets.every((s) => s.sent.every((m) => JSON.stringify(m).length < 4096)));
});

test('random bytes for messages, 5,000 times', async () => {
	let seed = 4711;
	const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
	const w = world({ random }), s = simServer(w), live = w.live();
	live.want('a', ['system_alerts']);
	await w.pass(1000);
	for (let i = 0; i < 5000; i++) {
		const text = JSON.stringify(STRANGE[Math.floor(random() * STRANGE.length)]).slice(0, 500).split('');
		for (let n = 0; n < 3; n++) text[Math.floor(random() * text.length)] = String.fromCharCode(32 + Math.floor(random() * 95));
		w.socket.say(text.join(''));
	}
	await w.pass(60000);
	s.restart();
	await w.pass(60000);
	const e = s.event();
	await w.pass(10);
	assert.equal(live.got.messages.at(-1).id, e.id);
});

test('a listener that throws harms nobody else', () => quiet(async (/** @type {any[]} */ said) => {
	const w = world(), live = w.live(), seen = [];
	live.on('message', () => {
		throw new Error('mine');
	});
	live.on('status', () => {
		throw new Error('mine');
	});
	live.on('message', (m) => seen.push(m.type));
	w.serve();
	await w.pass(1000);
	assert.ok(seen.includes('connected'));
	assert.equal(live.status.state, 'live');
	assert.ok(said.length > 0);
}));

test('a listener taken away, by itself or by another, is not called any more', async () => {
	const w = world(), live = w.live(), calls = [];
	const off1 = live.on('message', () => {
		calls.push(1);
		off1();
		off2();
	});
	const off2 = live.on('message', () => calls.push(2));
	w.serve();
	await w.pass(1000);
	off1();
	assert.deepEqual(calls, [1]);
	assert.equal(typeof live.on(/** @type {any} */ ('nothing'), () => {}), 'function');
	assert.equal(typeof live.on('message', null), 'function');
});

test('a listener that closes, or asks for more, in the middle of a message', async () => {
	for (const act of [(live) => live.close(), (live) => live.setToken('x'), (live) => live.refresh(), (live) => live.want('y', ['traffic'])]) {
		const w = world(), live = w.live();
		let done = false;
		live.on('message', () => {
			if (!done) act(live);
			done = true;
		});
		w.serve();
		await w.pass(30000);
		assert.ok(['off', 'live'].includes(live.status.state), live.status.state);
	}
});

test('a WebSocket that cannot be made is a failed try', async () => {
	const w = world(), live = w.live({
		WebSocket: class {
			constructor() {
				throw new Error('not from a secure page');
			}
		},
	});
	await w.pass(300);
	assert.equal(live.status.state, 'reconnecting');
	assert.match(live.status.reason, /not from a secure page/);
	await w.pass(60000);
	assert.ok(live.status.tries >= 5);
});

test('no WebSocket at all: HTTP, and said', { skip: 'WebSocket' in globalThis }, async () => {
	const w = world();
	w.answer = () => [200, {}];
	const live = createLive({ url: 'ws://sim', now: w.now, setTimeout: w.setTimeout, clearTimeout: w.clearTimeout, fetch: w.fetch });
	await w.pass(100);
	assert.equal(live.status.state, 'polling');
	assert.match(live.status.reason, /No WebSocket here/);
	live.close();
});

test('a socket that throws on sending and on closing', async () => {
	const w = world(), live = w.live();
	w.joined = (socket) => {
		socket.send = socket.close = () => {
			throw new Error('no');
		};
		socket.open();
		w.greet(socket);
	};
	await w.pass(1000);
	live.want('a', ['metrics']);
	live.refresh();
	await w.pass(60000);
	live.close();
	assert.equal(live.status.state, 'off');
});

test('options that are none', () => {
	for (const options of [null, 7, 'x', [], { url: 7, token: {}, enabled: 'x' }]) {
		const live = createLive(/** @type {any} */ (options));
		assert.equal(live.status.state, 'off');
		live.close();
	}
});

test('each message is logged with its latency when that is asked for', async () => {
	const said = console.log, lines = [];
	console.log = (...args) => void lines.push(args);
	try {
		const w = world(), live = w.live({ debug: true });
		w.serve();
		await w.pass(1000);
		w.socket.say({ type: 'realtime_update', timestamp: new Date(w.now() - 250).toISOString(), data: {} });
		live.close();
	} finally {
		console.log = said;
	}
	const line = lines.find((l) => l[1] === 'realtime_update');
	assert.equal(line[2], 'pushed');
	assert.match(line[3], /^25\d ms$/);
});

test('nothing of a page is touched on import, and no file but its own is needed', () => {
	for (const name of ['live', 'livecore', 'livelink', 'liveparts', 'livepast', 'livepoll', 'livewire']) {
		const text = readFileSync(new URL(`../../share/dashboard/${name}.js`, import.meta.url), 'utf8');
		for (const [, from] of text.matchAll(/from '([^']+)'/g)) assert.match(from, /^\.\/live[a-z]*\.js$/, name);
		assert.doesNotMatch(text, /querySelector|getElementById|createElement/);
	}
});

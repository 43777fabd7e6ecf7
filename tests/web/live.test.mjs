// live.js in Node against the real broadcaster: killed, stopped, cut, told to change its flags. Where waiting is the matter, time runs ten times as fast.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import { createLive } from '../../share/dashboard/live.js';
import { ROOT, alert, atEnd, containers, folder, metrics, sessionEvent, sessions, sourceStatus, start, test, until } from './harness.mjs';
import { cable } from './servers.mjs';

const FAST = 10;
const began = Date.now();
const fast = {
	now: () => began + (Date.now() - began) * FAST,
	setTimeout: (body, ms) => setTimeout(body, ms / FAST),
	clearTimeout: (t) => clearTimeout(t),
};

/** @param {string} url @param {any} [options] */
function listen(url, options = {}) {
	const live = createLive({ url, WebSocket, ...options });
	const got = { messages: [], states: [] };
	live.on('message', (m, meta) => got.messages.push({ ...m, meta }));
	live.on('status', (s) => got.states.at(-1) === s.state || got.states.push(s.state));
	atEnd(() => live.close());
	return Object.assign(live, {
		got,
		ids: () => got.messages.filter((m) => m.type === 'system_alert').map((m) => m.id),
		is: (state, seconds = 15) => until(() => live.status.state === state, { seconds, what: `${state}, not ${live.status.state}: ${live.status.reason}` }),
	});
}
const told = (...ids) => ids.map((id) => alert({ id }));

test('the ten lines of the header do what they say', async () => {
	const s = await start();
	s.feed(metrics({ active: 77 }), ...told('one'));
	const header = readFileSync(join(ROOT, 'share/dashboard/live.js'), 'utf8').split('*/')[0];
	const lines = header.split('\n').filter((l) => l.startsWith(' *     ')).map((l) => l.slice(7));
	assert.ok(lines.length <= 10, `${lines.length} lines`);
	const file = join(folder(), 'example.mjs');
	const program = lines.join('\n').replace('./live.js', join(ROOT, 'share/dashboard/live.js')).replace('http://localhost:8080', s.url).replace('60000', '3000');
	writeFileSync(file, `import WebSocket from '${join(ROOT, 'tests/web/node_modules/ws/wrapper.mjs')}';\nglobalThis.WebSocket ??= WebSocket;\n${program}\n`);
	let n = 0;
	const late = setInterval(() => s.feed(...told(`more-${n++}`)), 100);
	const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);
	clearInterval(late);
	assert.equal(stderr, '');
	assert.match(stdout, /^connecting Connecting to /);
	assert.match(stdout, /^live Connected to /m);
	assert.match(stdout, /active: 77/);
	assert.match(stdout, /High CPU usage/);
});

test('all that is known comes at once, as it was sent', async () => {
	const s = await start();
	s.feed(metrics({ active: 3 }), containers(), sessions(3, 9), sourceStatus('docker-stats'));
	const live = listen(s.url);
	await live.is('live');
	await until(() => live.got.messages.some((m) => m.type === 'source_status'));
	const update = Object.assign({}, ...live.got.messages.filter((m) => m.type === 'realtime_update').map((m) => m.data));
	assert.equal(update.sessions.total_count, 9);
	assert.equal(update.containers.containers.length, 2);
	await until(() => live.status.latency !== null);
	assert.ok(live.status.latency < 1000);
	assert.ok(Math.abs(live.status.skew) < 1000);
});

test('killed and started anew on the same port: live again, and no alert lost or doubled', async () => {
	let s = await start();
	s.feed(metrics());
	const live = listen(s.url, fast);
	await live.is('live');
	s.feed(...told('a1', 'a2'));
	await until(() => live.ids().length === 2);
	for (const [signal, n] of /** @type {[string, number][]} */ ([['SIGKILL', 3], ['SIGTERM', 4], ['SIGKILL', 5]])) {
		await s.stop(signal);
		await until(() => live.status.state !== 'live');
		s = await start({ port: s.port });
		s.feed(metrics(), ...told('a2', `a${n}`)); // known, and new; before anybody is back
		await live.is('live');
		await until(() => live.ids().includes(`a${n}`));
	}
	assert.deepEqual(live.ids(), ['a1', 'a2', 'a3', 'a4', 'a5']);
});

test('a link that breaks again and again: 300 alerts, each once, in order', async () => {
	const s = await start();
	s.feed(metrics());
	const wire = await cable(s.port), live = listen(wire.url, { ...fast, random: () => 0.05 });
	await live.is('live');
	const all = Array.from({ length: 300 }, (_, i) => `b${i}`);
	for (let i = 0; i < all.length; i += 10) {
		s.feed(...told(...all.slice(i, i + 10)));
		if (i % 50 === 0) {
			wire.cut();
			s.feed(sessionEvent());
			wire.mend();
			live.setToken(''); // as a new connection does: the old one is dropped where it stands
		}
		await new Promise((r) => setTimeout(r, 15));
	}
	await until(() => live.ids().length >= all.length, { seconds: 20, what: `all alerts, not ${live.ids().length}` });
	assert.deepEqual(live.ids(), all);
});

test('a server that is stopped dead is noticed within 45 s, and found again', async (t) => {
	const s = await start();
	s.feed(metrics(), ...told('c1'));
	const live = listen(s.url, fast);
	await live.is('live');
	process.kill(s.pid, 'SIGSTOP');
	const from = fast.now();
	await live.is('stale', 10);
	await live.is('reconnecting', 10);
	const took = Math.round((fast.now() - from) / 1000);
	t.diagnostic(`noticed after ${took} s`);
	assert.ok(took <= 45, `${took} s`);
	s.feed(...told('c2'));
	process.kill(s.pid, 'SIGCONT');
	await live.is('live');
	await until(() => live.ids().includes('c2'));
	assert.equal(live.ids().filter((id) => id === 'c2').length, 1);
});

test('a flag switched off by HUP is polled and said, and pushed again once it is on; no alert lost or doubled', async () => {
	const settings = join(folder(), 'settings');
	const set = (text) => writeFileSync(settings, text);
	set('WEBSOCKET_SYSTEM_ALERTS=true\n');
	const s = await start({ args: ['--settings', settings] });
	s.feed(metrics(), containers());
	const live = listen(s.url, fast);
	live.want('test', ['system_alerts', 'session_events', 'containers']);
	await live.is('live');
	s.feed(...told('d1'));
	await until(() => live.ids().length === 1);
	set('WEBSOCKET_SYSTEM_ALERTS=false\nWEBSOCKET_CONTAINER_STATS=false\n');
	process.kill(s.pid, 'SIGHUP');
	await until(() => live.status.polled.length === 2);
	assert.equal(live.status.state, 'live');
	assert.match(live.status.reason, /does not push it: containers, alerts/);
	s.feed(sessionEvent(), ...told('d2'), containers());
	await until(() => live.ids().includes('d2'));
	await until(() => live.got.messages.some((m) => m.meta.polled && m.data?.containers));
	assert.equal(live.got.messages.find((m) => m.id === 'd2').meta.polled, true);
	s.feed(...told('d3'), sessionEvent());
	set('WEBSOCKET_SYSTEM_ALERTS=true\n');
	process.kill(s.pid, 'SIGHUP');
	await until(() => live.status.polled.length === 0);
	s.feed(...told('d4'));
	await until(() => live.ids().includes('d4') && live.ids().includes('d3'));
	s.feed(...told('d5')); // a question still on its way may have brought d4, but not both
	await until(() => live.ids().includes('d5'));
	assert.deepEqual(live.ids().sort(), ['d1', 'd2', 'd3', 'd4', 'd5']);
	assert.ok(live.got.messages.some((m) => ['d4', 'd5'].includes(m.id) && !m.meta.polled));
});

test('WebSocket switched off on the server: polling at once; switched on: live by itself', async () => {
	const settings = join(folder(), 'settings');
	writeFileSync(settings, 'WEBSOCKET_ENABLED=false\n');
	const s = await start({ args: ['--settings', settings] });
	s.feed(metrics({ active: 8 }), sessions(8), sourceStatus('docker-stats'), ...told('e1'));
	const live = listen(s.url, fast), from = fast.now();
	await live.is('polling');
	assert.ok(fast.now() - from < 10000, `${fast.now() - from} ms`);
	assert.match(live.status.reason, /503/);
	await until(() => live.got.messages.some((m) => m.data?.metrics) && live.got.messages.some((m) => m.data?.sessions?.active_count === 8));
	s.feed(...told('e2'));
	await until(() => live.ids().includes('e2'));
	writeFileSync(settings, 'WEBSOCKET_ENABLED=true\n');
	process.kill(s.pid, 'SIGHUP');
	await live.is('live');
	assert.deepEqual(live.ids(), ['e2']);
});

test('live, it asks nothing by HTTP: the server has counted', async () => {
	const s = await start();
	s.feed(metrics());
	let asked = 0;
	const live = listen(s.url, { ...fast, fetch: (...a) => (asked++, fetch(.../** @type {[any]} */ (a))) });
	await live.is('live');
	for (let i = 0; i < 10; i++) {
		s.feed(metrics({ active: i }), containers(), sessions(i));
		await new Promise((r) => setTimeout(r, 200)); // 2 s at ten times the speed
	}
	assert.equal(asked, 0);
	assert.equal(live.status.state, 'live');
});

test('the union of wishes is what the server has: one connection for all', async () => {
	const s = await start();
	s.feed(metrics());
	const live = listen(s.url);
	await live.is('live');
	live.want('overview', ['metrics', 'source_status'], { every: 1 });
	live.want('alerts', ['system_alerts']);
	const set = async () => {
		const all = await (await fetch(`${s.url}/api/v1/ws/subscriptions`)).json();
		assert.equal(all.connections.length, 1);
		return all.connections[0].subscriptions.slice().sort().join();
	};
	await until(async () => (await set()) === 'metrics,source_status,system_alerts');
	live.want('overview', ['containers.kato']);
	await until(async () => (await set()) === 'containers.kato,system_alerts');
	live.want('alerts', []);
	await until(async () => (await set()) === 'containers.kato');
});

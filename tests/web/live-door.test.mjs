// live.js in a browser: tokens, other origins, a WebSocket that is switched off, the debugging switch, and quiet.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ROOT, alert, atEnd, metrics, start, test, until } from './harness.mjs';
import { bare, breathe, ids, is, status } from './livebare.mjs';
import { guarded } from './servers.mjs';

test('in Chromium: WebSocket switched off is found out at once, and HTTP is asked', async () => {
	const s = await start({ env: { WEBSOCKET_ENABLED: 'false' } });
	s.feed(metrics());
	const page = await bare(s.url);
	assert.ok((await is(page, 'polling', 5)) <= 2);
	assert.match((await status(page)).reason, /503/);
	await until(() => page.evaluate(() => /** @type {any} */ (globalThis).seen.some((m) => m.data?.metrics)));
});

test('in Chromium: a token is found to be missing; with it, it is shown as a subprotocol and never in an address', async () => {
	const s = await start(), paths = [];
	s.feed(metrics());
	const gate = await guarded(s.port, 'a.b-c_d', { told: (p) => paths.push(p) }), page = await bare(gate.url);
	const addresses = [];
	page.on('websocket', (w) => addresses.push(w.url()));
	await is(page, 'unauthorized', 10);
	assert.match((await status(page)).reason, /asks for a token/);
	await page.evaluate(() => /** @type {any} */ (globalThis).live.setToken('wrong'));
	await until(async () => /does not take this token/.test((await status(page)).reason));
	await page.evaluate(() => /** @type {any} */ (globalThis).live.setToken('a.b-c_d'));
	await is(page, 'live', 10);
	assert.ok(addresses.length >= 2 && addresses.every((a) => !a.includes('token') && !a.includes('a.b')), addresses.join());
});

test('in Chromium: a page of another origin', async () => {
	const site = createServer((req, res) => {
		const file = join(ROOT, 'share/dashboard', /^\/live[a-z]*\.js$/.test(req.url ?? '') ? /** @type {string} */ (req.url) : '/live.js');
		res.writeHead(200, { 'Content-Type': 'text/javascript' }).end(readFileSync(file));
	});
	await new Promise((r) => site.listen(0, '127.0.0.1', () => r(0)));
	atEnd(() => new Promise((r) => (site.closeAllConnections(), site.close(r))));
	const origin = `http://127.0.0.1:${/** @type {any} */ (site.address()).port}`;
	let s = await start({ env: { CORS_ORIGINS: origin } });
	s.feed(metrics());
	const page = await bare(origin, { url: s.url });
	await is(page, 'live');
	s.feed(alert({ id: 'x1' }));
	await until(async () => (await ids(page)).length === 1);
	await s.stop('SIGKILL');
	await until(async () => (await status(page)).state !== 'live');
	s = await start({ port: s.port, env: { CORS_ORIGINS: origin, WEBSOCKET_ENABLED: 'false' } });
	s.feed(metrics(), alert({ id: 'x2' }));
	await is(page, 'polling', 60);
	await until(async () => (await page.clock.runFor(1000), (await ids(page)).includes('x2')));
});

test('in Chromium: localStorage.ws_debug = true logs each message with its latency, and only then', async () => {
	const s = await start();
	s.feed(metrics());
	for (const on of [true, false]) {
		const lines = [];
		const page = await bare(s.url, {}, {
			before: async (p) => {
				if (on) await p.addInitScript(() => localStorage.setItem('ws_debug', 'true'));
				p.on('console', (m) => lines.push(m.text()));
			},
		});
		await page.evaluate((v) => v || localStorage.removeItem('ws_debug'), on);
		await is(page, 'live');
		s.feed(alert({ id: `log-${on}` }));
		await until(async () => (await ids(page)).includes(`log-${on}`));
		const line = lines.find((l) => l.includes('system_alert'));
		if (on) assert.match(line, /^live: system_alert pushed -?\d+ ms /);
		else assert.equal(lines.filter((l) => l.startsWith('live:')).length, 0);
	}
});

test('in Chromium: ten minutes of quiet, live, and not one request', async () => {
	const s = await start();
	s.feed(metrics());
	const page = await bare(s.url), asked = [];
	await is(page, 'live');
	page.on('request', (r) => asked.push(r.url()));
	page.on('websocket', (w) => asked.push(w.url()));
	for (let i = 0; i < 120; i++) {
		await page.clock.runFor(5000);
		await breathe();
	}
	assert.equal((await status(page)).state, 'live');
	assert.deepEqual(asked, []);
});

// /events in a browser's own EventSource, from the page's origin and from another.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fake } from './servers.mjs';
import { alert, folder, metrics, open, start, test, until } from './harness.mjs';

/** Opens an EventSource in the page; what it gets is in globalThis.got, its last ids in globalThis.ids. */
const listen = (page, url) =>
	page.evaluate((u) => {
		const w = /** @type {any} */ (globalThis);
		Object.assign(w, { got: [], ids: [], opened: 0, failed: 0 });
		w.source = new EventSource(u);
		w.source.onopen = () => w.opened++;
		w.source.onerror = () => w.failed++;
		w.source.onmessage = (e) => {
			w.got.push(JSON.parse(e.data));
			w.ids.push(e.lastEventId);
		};
	}, url);
const got = (page) => page.evaluate(() => /** @type {any} */ (globalThis).got);
const offsets = async (page) => (await got(page)).filter((m) => m.type === 'system_alert').map((m) => m.offset);

test('an EventSource gets each message, and its last id is the place of the last event', async () => {
	const b = await start();
	b.feed(metrics({ active: 42 }));
	const page = await open(b.url);
	await listen(page, '/events?subscribe=metrics,system_alerts');
	await until(async () => (await got(page)).some((m) => m.type === 'realtime_update' && m.data.metrics));
	b.feed(alert(), metrics());
	await until(async () => (await got(page)).filter((m) => m.type === 'realtime_update').length === 2);
	const [first] = await got(page);
	assert.equal(first.type, 'connected');
	assert.deepEqual(await offsets(page), [1]);
	assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).ids.at(-1)), `${first.epoch}:1`);
	assert.deepEqual(page.faults, []);
});

test('it comes back by itself after a kill -9, misses no event and gets none twice', async () => {
	const journal = join(folder(), 'journal');
	mkdirSync(journal, { recursive: true });
	const args = ['--journal', join(journal, 'events')];
	const a = await start({ args });
	const page = await open(a.url);
	await listen(page, '/events?subscribe=system_alerts');
	await until(async () => (await got(page)).length > 0);
	a.feed(alert(), alert());
	await until(async () => (await offsets(page)).length === 2);
	await a.stop('SIGKILL');
	const b = await start({ port: a.port, args });
	b.feed(alert(), alert());
	await until(async () => (await offsets(page)).length === 4, { seconds: 20 });
	b.feed(alert());
	await until(async () => (await offsets(page)).length === 5);
	assert.deepEqual(await offsets(page), [1, 2, 3, 4, 5]);
	const outcome = (await got(page)).filter((m) => 'recovered' in m);
	assert.equal(outcome.length, 1);
	assert.equal(outcome[0].recovered, true);
});

test('without a journal it is told that it missed something, and goes on with the new epoch', async () => {
	const a = await start();
	const page = await open(a.url);
	await listen(page, '/events?subscribe=system_alerts');
	await until(async () => (await got(page)).length > 0);
	a.feed(alert());
	await until(async () => (await offsets(page)).length === 1);
	await a.stop('SIGTERM');
	const b = await start({ port: a.port });
	b.feed(alert(), alert());
	await until(async () => (await got(page)).some((m) => m.recovered === false), { seconds: 20 });
	b.feed(alert());
	await until(async () => (await offsets(page)).length === 2);
	assert.deepEqual(await offsets(page), [1, 3]);
});

test('a page of another origin reads it only if CORS_ORIGINS lists that origin', async () => {
	const other = await fake({ answer: (_path, res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>another</title>') });
	const yes = await start({ env: { CORS_ORIGINS: other.url } });
	const no = await start();
	const page = await open(`${other.url}/api/page`);
	await listen(page, `${yes.url}/events`);
	await until(async () => (await got(page)).length > 0);
	await listen(page, `${no.url}/events`);
	await until(() => page.evaluate(() => /** @type {any} */ (globalThis).failed > 0));
	assert.deepEqual(await got(page), []);
});

// The page from one host, its records from another: VITE_WS_URL, the page's policy and the other's CORS_ORIGINS together.
import { alert, metrics, open, start, test, until } from './harness.mjs';
import assert from 'node:assert/strict';

const SWITCHES = { args: [], env: {} };

/** Two servers: one that has the page and knows nothing, one that knows all and lets that page in. @param {any} [env] of the former */
async function pair(env = {}) {
	const first = await start(SWITCHES);
	await first.stop();
	const other = await start({ env: { CORS_ORIGINS: first.url } });
	const own = await start({ port: first.port, env: { VITE_WS_URL: `ws://127.0.0.1:${other.port}/ws`, ...env } });
	other.feed(metrics({ total: 4711 }), alert({ message: 'from the other one' }));
	return { own, other };
}

const figure = (page, text) => until(async () => (await page.locator('main').innerText()).includes(text), { what: `${text} on the page` });

/** What the page asked its own host for beside its files. @param {any} page */
function watched(page) {
	const asked = [];
	page.on('request', (r) => asked.push(new URL(r.url())));
	page.on('websocket', (w) => asked.push(new URL(w.url())));
	return asked;
}

test('a page that is told of another host shows what that one knows, within its policy', async () => {
	const { own, other } = await pair();
	let asked = [];
	const page = await open(own.url, { before: async (p) => void (asked = watched(p)) });
	await figure(page, '4,711');
	await until(async () => /Alerts.*1/s.test(await page.getByRole('button', { name: /Alerts/ }).first().innerText() + (await page.getByRole('button', { name: /Alerts/ }).first().getAttribute('aria-label'))), { what: 'the alert of the history is counted' });
	assert.deepEqual(await page.evaluate(() => globalThis.cspReports), []);
	assert.ok(asked.some((u) => u.port === String(other.port) && u.pathname === '/ws'));
	assert.deepEqual(asked.filter((u) => u.port === String(own.port) && u.pathname.startsWith('/api/')).map(String), []);
	assert.deepEqual(page.faults, []);
});

test('it polls that host, too, when it must not open a WebSocket', async () => {
	const { own } = await pair({ VITE_WS_ENABLED: 'false' });
	const page = await open(own.url);
	await figure(page, '4,711');
	await page.getByRole('status').filter({ hasText: /Polling/ }).first().waitFor();
	assert.deepEqual(await page.evaluate(() => globalThis.cspReports), []);
	assert.deepEqual(page.faults, []);
});

test('the policy keeps every other host away', async () => {
	const { own, other } = await pair();
	const third = await start({ env: { CORS_ORIGINS: '*' } });
	const page = await open(own.url);
	const reach = (/** @type {string} */ url) => page.evaluate((u) => fetch(u).then(() => true, () => false), url);
	assert.equal(await reach(`${other.url}/healthz`), true);
	assert.equal(await reach(`${third.url}/healthz`), false);
});

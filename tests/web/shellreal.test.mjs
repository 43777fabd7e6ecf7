// The frame against the real server: what is loaded at once, token, demo data, a hidden tab, who can use it.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fake, status, words } from './fake.mjs';
import { ROOT, metrics, open, start, test, until } from './harness.mjs';
import { guarded } from './servers.mjs';

const room = (name) => join(ROOT, 'share/dashboard', name);

/** The modules a module needs before it can run, and those of these. */
function needs(name, seen = new Set()) {
	if (seen.has(name) || !existsSync(room(name))) return seen;
	seen.add(name);
	for (const [, a, b] of readFileSync(room(name), 'utf8').matchAll(/^(?:import|export)[^;]*?from '\.\/([\w.-]+\.js)'|^import '\.\/([\w.-]+\.js)'/gm)) needs(a ?? b, seen);
	return seen;
}

test('every module that the first figures need is asked for at once, and no other', () => {
	const listed = [...readFileSync(room('index.html'), 'utf8').matchAll(/<link rel="modulepreload" href="\/([\w.-]+)">/g)].map((m) => m[1]);
	const needed = new Set(['app.js', 'overview.js'].flatMap((n) => [...needs(n)]));
	needed.delete('app.js');
	assert.deepEqual(listed.sort(), [...needed].sort());
});

test('the first figures wait for no alert, no toast and no answer of the HTTP interface', async () => {
	const b = await start();
	b.feed(metrics({ active: 42 }));
	const before = async (page) => {
		await page.route('**/api/**', () => {});
		await page.route('**/alerts.js', () => {});
		await page.route('**/toasts.js', () => {});
		await page.route('**/vendor/*', () => {});
	};
	const page = await open(b.url, { before });
	await page.getByText('42').first().waitFor();
});

test('a server with a key: the page asks, a wrong token is refused in words, the right one brings it to life', async () => {
	const b = await start(), g = await guarded(b.port, 'right.one');
	b.feed(metrics({ active: 42 }));
	const page = await open(g.url);
	const dialog = page.getByRole('dialog', { name: 'This server asks for a token' });
	await dialog.waitFor();
	await dialog.getByLabel('Token').fill('wrong');
	await page.keyboard.press('Enter');
	await dialog.getByText(/^Not accepted/).waitFor();
	await dialog.getByLabel('Token').fill('right.one');
	await page.keyboard.press('Enter');
	await words(status(page), /^Live/);
	await page.getByText('42').first().waitFor();
	await page.reload();
	await words(status(page), /^Live/);
	assert.equal(await dialog.isVisible(), false);
	const other = await open(`${g.url}/#token=right.one`);
	await words(status(other), /^Live/);
	assert.equal(new URL(other.url()).hash, '');
});

test('demo data of the real server is labelled, and real data takes the label away', async () => {
	const b = await start();
	b.feed({ ...metrics(), demo: true });
	const page = await open(b.url);
	await page.getByText('Demo data').waitFor();
	b.feed(metrics());
	await page.getByText('Demo data').waitFor({ state: 'detached' });
});

test('a hidden tab is served every 10 s, and at once when it is shown again', async () => {
	const b = await start();
	const page = await open(b.url);
	await words(status(page), /^Live/);
	const hide = (hidden) => page.evaluate((is) => {
		Object.defineProperty(document, 'hidden', { value: is, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	}, hidden);
	const every = async () => (await (await fetch(`${b.url}/api/v1/ws/subscriptions`)).text());
	await hide(true);
	await until(async () => /10/.test(await every()), { what: 'the server knows' });
	b.feed(metrics({ active: 77 }));
	await hide(false);
	await page.getByText('77').first().waitFor();
});

test('every control of the frame is reached by Tab, in the order it is seen', async () => {
	const page = await fake();
	await page.getByRole('button', { name: /^Alerts/ }).waitFor();
	const names = [];
	for (let i = 0; i < 11; i++) {
		await page.keyboard.press('Tab');
		names.push(await page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()));
	}
	const order = ['To the content', 'KATO Live', 'Overview', 'Containers', 'Sessions', 'Data', 'Alerts', 'Refresh', 'Theme', 'Keys'];
	assert.deepEqual(names.slice(0, order.length).map((n) => order.find((o) => n.startsWith(o)) ?? n), order);
	for (const n of names.slice(0, order.length)) assert.ok(n);
});

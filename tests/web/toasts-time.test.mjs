// How long toasts stay, what takes them away and what brings none. The page's clock is moved on, the server is real.
import assert from 'node:assert/strict';
import { alert, metrics, open, start, test, until } from './harness.mjs';

const toasts = (page) => page.locator('.toast', { has: page.getByRole('button', { name: 'Dismiss', exact: true }) });
const toast = (page, text) => toasts(page).filter({ hasText: text });
const isLive = (page) => page.getByRole('status').filter({ hasText: /Live/ }).first().waitFor();
const gone = (locator) => locator.waitFor({ state: 'detached' });
const sidebar = (page) => page.getByRole('complementary', { name: 'Alerts' });

async function live({ clock = false, ...how } = /** @type {any} */ ({})) {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: async (p) => clock && p.clock.install(), ...how });
	await isLive(page);
	await page.getByRole('button', { name: /^Alerts, 0 unread/ }).waitFor();
	return { b, page };
}
const failing = (key, more = {}) => alert({ level: 'error', type: 'container_down', key, container_name: key, status: 'exited', message: `Container '${key}' is exited`, ...more });

test('after ten seconds it goes; an error stays', async () => {
	const { b, page } = await live({ clock: true });
	b.feed(alert({ message: 'a warning' }), failing('redis'));
	await toast(page, 'a warning').waitFor();
	await page.clock.runFor(8000);
	assert.equal(await toasts(page).count(), 2);
	await page.clock.runFor(2500);
	await gone(toast(page, 'a warning'));
	await page.clock.runFor(60_000);
	assert.equal(await toast(page, 'redis').count(), 1);
});

for (const way of ['the pointer', 'the focus']) {
	test(`${way} holds the time on`, async () => {
		const { b, page } = await live({ clock: true });
		b.feed(alert({ message: 'a warning' }));
		const it = toast(page, 'a warning');
		await it.waitFor();
		await page.clock.runFor(5000);
		await (way === 'the focus' ? it.getByRole('button', { name: 'Dismiss' }).focus() : it.hover());
		await page.clock.runFor(30_000);
		assert.equal(await it.count(), 1);
		await (way === 'the focus' ? page.locator('main').focus() : page.mouse.move(5, 5));
		await page.clock.runFor(3000);
		assert.equal(await it.count(), 1, 'it has what was left');
		await page.clock.runFor(4000);
		await gone(it);
	});
}

test('dismissed it never comes back by itself, nor when it is told again; only when it gets worse or fires anew', async () => {
	const { b, page } = await live({ clock: true });
	const since = new Date().toISOString();
	b.feed(alert({ since, message: 'CPU 85' }));
	await toast(page, 'CPU 85').getByRole('button', { name: 'Dismiss' }).click();
	await gone(toasts(page));
	b.feed(alert({ since, message: 'CPU 86' }), alert({ key: 'other', message: 'another' }));
	await toast(page, 'another').getByRole('button', { name: 'Dismiss' }).click();
	await page.clock.runFor(60_000);
	assert.equal(await toasts(page).count(), 0);
	b.feed(alert({ since, level: 'error', message: 'CPU 99' }));
	await toast(page, 'CPU 99').getByRole('button', { name: 'Dismiss' }).click();
	await gone(toasts(page));
	b.feed(alert({ since: new Date(Date.now() + 1000).toISOString(), message: 'CPU 87' }));
	await toast(page, 'CPU 87').waitFor();
});

test('a click opens the sidebar at that alert', async () => {
	const { b, page } = await live();
	b.feed(...Array.from({ length: 40 }, (_, i) => alert({ key: `before${i}`, message: `Before ${i}`, at: Date.now() + i })), failing('redis'));
	await toast(page, 'redis').locator('.toast-open').click();
	const card = sidebar(page).locator('.alert-card', { hasText: 'redis' });
	await card.waitFor();
	assert.equal(await card.locator('.alert-head').evaluate((e) => e === document.activeElement && e.getAttribute('aria-expanded')), 'true');
	await until(async () => { const box = await card.boundingBox(); return box && box.y >= 0 && box.y + box.height <= 900; }, { what: 'the alert is in view' });
	assert.equal(await toast(page, 'redis').count(), 0);
	assert.equal(await card.locator('.alert-unread:visible').count(), 0, 'it has been read');
});

test('history raises no toast', async () => {
	const b = await start();
	b.feed(alert({ message: 'from before' }), failing('redis'));
	const page = await open(b.url);
	await page.getByRole('button', { name: /^Alerts, 2 unread/ }).waitFor();
	b.feed(alert({ key: 'new', message: 'right now' }));
	await toast(page, 'right now').waitFor();
	assert.equal(await toasts(page).count(), 1);
});

test('an alert that comes while the page is still being put together has its toast, too', async () => {
	const b = await start();
	b.feed(metrics(), alert({ key: 'a', message: 'from before' }));
	const page = await open(b.url, { before: (p) => p.route('**/alerts.js', async (route) => {
		await p.getByRole('status').filter({ hasText: /Live/ }).first().waitFor();
		b.feed(alert({ key: 'b', message: 'in between' }));
		await until(async () => (await (await fetch(`${b.url}/api/v1/events?type=system_alert`)).json()).events.length === 2);
		await route.continue();
	}) });
	await toast(page, 'in between').waitFor();
	assert.equal(await toasts(page).count(), 1);
});

test('what was missed while the server was gone is one toast that says how many', async () => {
	const { b, page } = await live();
	b.feed(alert({ key: 'a', message: 'Told before.' }));
	await toast(page, 'Told before.').getByRole('button', { name: 'Dismiss' }).click();
	await b.stop('SIGKILL');
	const c = await start({ port: b.port });
	c.feed(metrics(), ...['b', 'c', 'd', 'e'].map((key) => alert({ key, message: `Missed ${key}.`, at: Date.now() - 1000 })), alert({ key: 'f', at: Date.now() - 900, since: new Date(Date.now() - 5000).toISOString(), state: 'resolved', level: 'info' }));
	await page.getByText('4 alerts came while the connection was gone').waitFor({ timeout: 30_000 });
	assert.equal(await toasts(page).count(), 1);
	await page.getByRole('button', { name: /^Alerts, 5 unread/ }).waitFor();
});

test('the switch takes toasts away and keeps them away, over a reload', async () => {
	const { b, page } = await live();
	b.feed(failing('redis'));
	await toast(page, 'redis').waitFor();
	await page.getByRole('button', { name: /^Alerts/ }).click();
	await page.getByRole('switch', { name: 'Toasts' }).uncheck();
	await gone(toasts(page));
	await page.reload();
	await isLive(page);
	await page.getByRole('button', { name: /^Alerts, 1 unread/ }).waitFor();
	b.feed(failing('qdrant'));
	await page.getByRole('button', { name: /^Alerts, 2 unread/ }).waitFor();
	assert.equal(await toasts(page).count(), 0);
});

test('Esc dismisses the toast that has the focus, then closes the sidebar', async () => {
	const { b, page } = await live();
	await page.getByRole('button', { name: /^Alerts/ }).click();
	b.feed(failing('redis'), failing('qdrant'));
	await toast(page, 'redis').getByRole('button', { name: 'Dismiss' }).focus();
	await page.keyboard.press('Escape');
	await gone(toast(page, 'redis'));
	assert.equal(await sidebar(page).isVisible(), true);
	assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Dismiss', 'the focus is on the next one');
	await page.keyboard.press('Escape');
	await gone(toasts(page));
	assert.equal(await sidebar(page).isVisible(), true);
	await page.keyboard.press('Escape');
	await sidebar(page).waitFor({ state: 'hidden' });
});


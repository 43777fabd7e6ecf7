// The history of alerts, in a browser: the button, the sidebar and its filters.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { alert, metrics, open, start, test, until } from './harness.mjs';

const button = (page) => page.getByRole('button', { name: /^Alerts/ }).first();
const unread = (page, n) => page.getByRole('button', { name: `Alerts, ${n} unread` }).waitFor();
const sidebar = (page) => page.getByRole('complementary', { name: 'Alerts' });
const cards = (page) => sidebar(page).locator('.alert-card');
const card = (page, text) => cards(page).filter({ hasText: text });
const texts = (page) => cards(page).locator('.alert-message').allTextContents();
const ago = (s) => Date.now() - s * 1000;
const iso = (s) => new Date(ago(s)).toISOString();
/** Told so many seconds ago. */
const told = (s, more = {}) => alert({ at: ago(s), since: iso(s), ...more });

async function opened(records, how = {}) {
	const b = await start();
	b.feed(metrics(), ...records);
	const page = await open(b.url, how);
	await button(page).click();
	if (records.length) await cards(page).first().waitFor();
	return { b, page };
}
const SEVEN = () => [
	told(60, { key: 'cpu', level: 'error', message: 'CPU of Berlin', value: 93.25, threshold: 80 }),
	told(50, { key: 'memory', type: 'high_memory', level: 'warning', message: 'Memory of Berlin', value: 91.2, threshold: 85 }),
	told(40, { key: 'down', type: 'container_down', level: 'error', message: 'redis is down', container_name: 'kato-redis', status: 'exited' }),
	told(30, { key: 'queue', type: 'queue_long', level: 'info', message: 'many jobs wait', value: 120, threshold: 100 }),
	told(20, { key: 'rate', type: 'high_error_rate', level: 'warning', message: 'errors of Rome', value: 0.073, threshold: 0.05 }),
	alert({ at: ago(10), since: iso(40), key: 'down', type: 'container_down', level: 'info', state: 'resolved', message: 'redis runs again', container_name: 'kato-redis' }),
];

test('the name of the button, its badge and the title of the tab hold the unread count', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url);
	await unread(page, 0);
	b.feed(alert({ key: 'a' }), alert({ key: 'b', type: 'high_memory' }), { ...alert({ key: 'c' }), alerts: [...alert({ key: 'c' }).alerts, ...alert({ key: 'd' }).alerts] });
	await unread(page, 4);
	assert.match((await button(page).textContent()) ?? '', /4/);
	await until(async () => (await page.title()).startsWith('(4)'), { what: 'the count in the title' });
});

test('it opens from the button, takes the focus, and the page beside it goes on', async () => {
	const { page } = await opened(SEVEN());
	assert.equal(await sidebar(page).isVisible(), true);
	assert.equal(await button(page).getAttribute('aria-expanded'), 'true');
	assert.equal(await sidebar(page).evaluate((e) => e.contains(document.activeElement)), true);
	await page.getByRole('link', { name: 'Data' }).first().click();
	await until(() => page.url().endsWith('/data'));
	assert.equal(await sidebar(page).isVisible(), true);
});

for (const way of ['Esc', 'Close', 'the button'])
	test(`${way} closes it and the focus goes back`, async () => {
		const b = await start();
		b.feed(metrics());
		const page = await open(b.url);
		await button(page).focus();
		await page.keyboard.press('Enter');
		await sidebar(page).waitFor();
		if (way === 'Esc') await page.keyboard.press('Escape');
		else if (way === 'Close') await sidebar(page).getByRole('button', { name: 'Close' }).click();
		else await button(page).click();
		await sidebar(page).waitFor({ state: 'hidden' });
		assert.equal(await button(page).evaluate((e) => e === document.activeElement), true);
	});

test('severity, type, state and words are combined', async () => {
	const { page } = await opened(SEVEN());
	const side = sidebar(page);
	await until(async () => (await texts(page)).join() === 'redis runs again,errors of Rome,many jobs wait,Memory of Berlin,CPU of Berlin');
	const types = () => side.getByLabel('Type', { exact: true }).locator('option').allTextContents();
	await until(async () => (await types()).join() === 'All,Container Down,High CPU,High Error Rate,High Memory,queue_long');
	await side.getByLabel('Severity', { exact: true }).selectOption('Error');
	await until(async () => (await cards(page).count()) === 2);
	await side.getByLabel('State', { exact: true }).selectOption('Firing');
	await until(async () => (await texts(page)).join() === 'CPU of Berlin');
	await side.getByLabel('Severity', { exact: true }).selectOption('All');
	await side.getByRole('searchbox').fill('berlin');
	await until(async () => (await texts(page)).join() === 'Memory of Berlin,CPU of Berlin');
	await side.getByLabel('Type', { exact: true }).selectOption('High Memory');
	await until(async () => (await texts(page)).join() === 'Memory of Berlin');
	await side.getByLabel('State', { exact: true }).selectOption('Resolved');
	await side.getByText('No alert is like that.').waitFor();
	await side.getByRole('button', { name: 'Show all' }).click();
	await until(async () => (await cards(page).count()) === 5);
});

test('container, value and threshold are told in their units', async () => {
	const { page } = await opened(SEVEN());
	await card(page, 'CPU of Berlin').getByText('93.3 % (limit 80.0 %)').waitFor();
	await card(page, 'errors of Rome').getByText('7.30 % (limit 5.00 %)').waitFor();
	await card(page, 'many jobs wait').getByText('120 (limit 100)').waitFor();
	await card(page, 'redis').getByText('kato-redis').first().waitFor();
});

test('firing says for how long and moves on, resolved how long it lasted', async () => {
	const b = await start();
	const page = await open(b.url, { before: (p) => p.clock.install() });
	await unread(page, 0);
	b.feed(alert({ at: ago(100), since: iso(300), key: 'x', type: 'high_memory', state: 'resolved', level: 'info', message: 'Memory fine' }), told(3605, { message: 'CPU high' }));
	await button(page).click();
	await card(page, 'Memory fine').getByText('Resolved after 3m 20s').waitFor();
	await card(page, 'CPU high').getByText('Firing for 1h', { exact: true }).waitFor();
	b.feed(alert({ key: 'short', message: 'Short' }));
	await card(page, 'Short').getByText(/Firing for \d\.\ds|Firing for \ds/).waitFor();
	await page.clock.runFor(12_000);
	await card(page, 'Short').getByText(/Firing for [1-9]\ds/).waitFor();
});

test('a key is one card with a count, that opens to its single messages', async () => {
	const many = Array.from({ length: 12 }, (_, i) => alert({ at: ago(700 - i * 60), since: iso(700), message: `CPU ${80 + i}.` }));
	const { page } = await opened([...many, told(5, { key: 'other', message: 'another' })]);
	assert.equal(await cards(page).count(), 2);
	await card(page, '×12').locator('.alert-head').click();
	assert.deepEqual(await card(page, '×12').locator('.alert-messages .alert-text').allTextContents(), many.map((m) => m.alerts[0].message).reverse());
	assert.match((await button(page).getAttribute('aria-label')) ?? '', /1 unread/, 'told twelve times it is one alert, and opening it is reading');
});

test('one is marked read by its button, another by opening it, all by Mark all read; a reload keeps it', async () => {
	const { b, page } = await opened(['a', 'b', 'c', 'd'].map((key, i) => told(50 - i, { key, message: `Alert ${key}.` })));
	await unread(page, 4);
	await card(page, 'Alert a.').getByRole('button', { name: 'Mark read' }).click();
	await unread(page, 3);
	await card(page, 'Alert b.').locator('.alert-head').click();
	await unread(page, 2);
	await page.reload();
	await unread(page, 2);
	await button(page).click();
	assert.deepEqual(await cards(page).filter({ has: page.locator('.alert-unread:visible') }).locator('.alert-message').allTextContents(), ['Alert d.', 'Alert c.']);
	await sidebar(page).getByRole('button', { name: 'Mark all read' }).click();
	await unread(page, 0);
	await page.reload();
	b.feed(alert({ key: 'e' }));
	await unread(page, 1);
});

test('Clear clears what the filter shows; it does not come back with a reload', async () => {
	const { page } = await opened(SEVEN());
	await sidebar(page).getByLabel('Severity', { exact: true }).selectOption('Error');
	await until(async () => (await cards(page).count()) === 2);
	await sidebar(page).getByRole('button', { name: 'Clear' }).click();
	await sidebar(page).getByLabel('Severity', { exact: true }).selectOption('All');
	await until(async () => (await cards(page).count()) === 3);
	await page.reload();
	await button(page).click();
	await until(async () => (await cards(page).count()) === 3);
	await sidebar(page).getByRole('button', { name: 'Clear' }).click();
	await until(async () => (await cards(page).count()) === 0);
	await page.reload();
	await button(page).click();
	await sidebar(page).getByText('No alerts so far.').waitFor();
});

test('Export gives what is shown as a file of the original records', async () => {
	const records = SEVEN(), { page } = await opened(records);
	const take = async () => {
		const [file] = await Promise.all([page.waitForEvent('download'), sidebar(page).getByRole('button', { name: 'Export' }).click()]);
		assert.match(file.suggestedFilename(), /^kato-alerts-[\d-]+\.ndjson$/);
		return (await readFile(await file.path(), 'utf8')).trim().split('\n').map((l) => JSON.parse(l));
	};
	assert.deepEqual(await take(), records);
	await sidebar(page).getByRole('searchbox').fill('berlin');
	await until(async () => (await cards(page).count()) === 2);
	assert.deepEqual(await take(), records.slice(0, 2));
	assert.deepEqual(page.faults, []);
});

test('on a phone it has the whole width', async () => {
	const { page } = await opened(SEVEN(), { context: { viewport: { width: 390, height: 844 } } });
	const box = await sidebar(page).boundingBox();
	assert.ok(box && box.x === 0 && box.width >= 375, JSON.stringify(box));
	assert.ok(await sidebar(page).evaluate((e) => e.scrollWidth <= e.clientWidth));
	await sidebar(page).getByRole('button', { name: 'Close' }).click();
	await sidebar(page).waitFor({ state: 'hidden' });
});

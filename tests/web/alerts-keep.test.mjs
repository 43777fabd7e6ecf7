// The history of alerts: nothing lost, nothing twice, whatever comes and however much; tabs, offline, notifications.
import assert from 'node:assert/strict';
import { alert, metrics, open, start, test, until } from './harness.mjs';

const button = (page) => page.getByRole('button', { name: /^Alerts/ }).first();
const unread = (page, n) => page.getByRole('button', { name: `Alerts, ${n} unread` }).waitFor({ timeout: 30_000 });
const sidebar = (page) => page.getByRole('complementary', { name: 'Alerts' });
const cards = (page) => sidebar(page).locator('.alert-card');
const texts = (page) => cards(page).locator('.alert-message').allTextContents();
const STORM = (n, from = 0) => Array.from({ length: n }, (_, i) => alert({ id: `storm-${from + i}`, key: `key_${from + i}`, level: ['info', 'warning', 'error'][i % 3], message: `Storm ${from + i}.` }));

/** Counts what held the page up; to be read as seen.long. */
const watchTasks = (p) => p.addInitScript(() => {
	const seen = /** @type {any} */ (globalThis).seen = { long: [] };
	new PerformanceObserver((list) => seen.long.push(...list.getEntries().map((e) => Math.round(e.duration)))).observe({ entryTypes: ['longtask'] });
});
const longTasks = (page) => page.evaluate(() => /** @type {any} */ (globalThis).seen.long.splice(0));

test('the history is there at load and after each reload, with what came meanwhile', async () => {
	const b = await start();
	b.feed(metrics(), alert({ key: 'a', message: 'A.' }));
	const page = await open(b.url);
	await unread(page, 1);
	b.feed(alert({ key: 'b', message: 'B.' }));
	await unread(page, 2);
	await page.goto('about:blank');
	b.feed(alert({ key: 'c', message: 'C.' }), alert({ key: 'd', message: 'D.' }), alert({ key: 'd', message: 'D is over.', state: 'resolved', level: 'info' }));
	await page.goto(b.url);
	await unread(page, 4);
	await button(page).click();
	await until(async () => (await texts(page)).join(' ') === 'D is over. C. B. A.');
});

test('alerts told while the server was gone are there afterwards, none twice', async () => {
	const b = await start();
	b.feed(metrics(), alert({ id: 'one', key: 'a', message: 'A.' }));
	const page = await open(b.url);
	await unread(page, 1);
	b.feed(alert({ id: 'two', key: 'b', message: 'B.' }));
	await unread(page, 2);
	await b.stop('SIGKILL');
	await page.getByRole('status').filter({ hasText: /Reconnecting|Polling|Stale/ }).first().waitFor();
	const c = await start({ port: b.port });
	c.feed(metrics(), alert({ id: 'two', key: 'b', message: 'B.' }), alert({ id: 'three', key: 'c', message: 'C.' }));
	await unread(page, 3);
	await button(page).click();
	await until(async () => (await texts(page)).sort().join(' ') === 'A. B. C.');
	assert.equal(await cards(page).locator('.alert-count:visible').count(), 0);
});

test('an alert while the browser is offline comes with the connection', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url);
	await unread(page, 0);
	await page.context().setOffline(true);
	b.feed(alert({ key: 'away', message: 'While away.' }));
	await page.context().setOffline(false);
	await unread(page, 1);
	await button(page).click();
	await sidebar(page).getByText('While away.').waitFor();
});

test('without a WebSocket alerts come by polling, with their toasts', async () => {
	const b = await start({ env: { WEBSOCKET_ENABLED: 'false' } });
	b.feed(metrics(), alert({ key: 'a', message: 'A.' }));
	const page = await open(b.url, { before: (p) => p.clock.install() });
	await unread(page, 1);
	await page.getByRole('status').filter({ hasText: 'Polling' }).first().waitFor();
	b.feed(alert({ key: 'b', message: 'B.' }));
	// one poll, and then as long as a busy machine needs for its answer: the page's clock must not run away meanwhile
	await page.clock.runFor(5500);
	await page.locator('.toast', { hasText: 'B.' }).waitFor({ timeout: 30_000 });
	await unread(page, 2);
	assert.equal(await page.locator('.toast', { hasText: 'A.' }).count(), 0);
});

test('two tabs share what was read and cleared', async () => {
	const b = await start();
	b.feed(metrics(), alert({ key: 'a', message: 'A.' }), alert({ key: 'b', message: 'B.' }), alert({ key: 'c', message: 'C.' }));
	const page = await open(b.url), other = await page.context().newPage();
	await other.goto(b.url);
	for (const p of [page, other]) await unread(p, 3);
	await button(page).click();
	await cards(page).filter({ hasText: 'A.' }).getByRole('button', { name: 'Mark read' }).click();
	await unread(other, 2);
	await sidebar(page).getByRole('searchbox').fill('C.');
	await until(async () => (await cards(page).count()) === 1);
	await sidebar(page).getByRole('button', { name: 'Clear' }).click();
	await unread(other, 1);
	await button(other).click();
	await until(async () => (await texts(other)).join() === 'B.,A.');
});

test('ten thousand alerts at once: counted, drawn in parts, found by their words', { timeout: 120_000 }, async (t) => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: watchTasks });
	await unread(page, 0);
	await button(page).click();
	await longTasks(page);
	const all = STORM(10_000);
	for (let i = 0; i < all.length; i += 500) b.feed(...all.slice(i, i + 500));
	await unread(page, 10_000);
	t.diagnostic(`long tasks while they came, sidebar open: ${(await longTasks(page)).join(', ') || 'none'} (ms)`);
	assert.ok((await cards(page).count()) <= 50);
	await sidebar(page).getByText('and 9,950 older: narrow the filter').waitFor();
	await sidebar(page).getByRole('button', { name: 'Show more' }).click();
	await until(async () => (await cards(page).count()) === 150);
	await sidebar(page).getByRole('searchbox').fill('storm 4242.');
	await until(async () => (await texts(page)).join() === 'Storm 4242.');
	t.diagnostic(`long tasks at Show more and search: ${(await longTasks(page)).join(', ') || 'none'} (ms)`);
	await sidebar(page).getByRole('button', { name: 'Mark all read' }).click();
	await unread(page, 0);
	t.diagnostic(`long tasks at Mark all read: ${(await longTasks(page)).join(', ') || 'none'} (ms)`);
	await page.reload();
	await until(() => page.evaluate(() => performance.now() > 100));
	await button(page).click();
	await sidebar(page).getByText('10,000 messages').waitFor({ timeout: 30_000 });
	t.diagnostic(`long tasks at a reload with ten thousand in the history: ${(await longTasks(page)).join(', ') || 'none'} (ms)`);
	await unread(page, 0);
	assert.deepEqual(page.faults, []);
});

test('five thousand alerts in one message', async (t) => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: watchTasks });
	await unread(page, 0);
	await longTasks(page);
	b.feed({ ...alert(), alerts: Array.from({ length: 5000 }, (_, i) => ({ level: 'error', type: 'high_cpu', key: `k${i}`, message: `CPU ${i}`, state: 'firing', since: new Date().toISOString() })) });
	await unread(page, 5000);
	t.diagnostic(`long tasks: ${(await longTasks(page)).join(', ') || 'none'} (ms)`);
	assert.equal(await page.getByRole('button', { name: 'Dismiss', exact: true }).count(), 3);
});

test('alerts without fields or of wrong kinds do no harm and say nothing wrong', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url);
	await unread(page, 0);
	const wrong = [{}, { level: null, type: null, message: null, key: null }, { level: 5, type: {}, message: [], value: 'x', threshold: null, since: 'yesterday', container_name: {}, key: 7 }, { message: 'z'.repeat(200_000), key: 'y'.repeat(100_000) }];
	b.feed({ type: 'system_alert' }, { type: 'system_alert', alerts: null, id: 7 }, { type: 'system_alert', alerts: [null, 5, 'x', []], id: 'w0' }, ...wrong.map((a, i) => ({ type: 'system_alert', id: `w${i + 1}`, timestamp: i ? 5 : null, alerts: [a] })), alert({ key: 'right', message: 'Right.' }));
	await unread(page, 5);
	await button(page).click();
	await sidebar(page).getByText('Right.').waitFor();
	for (const head of await cards(page).locator('.alert-head').all()) await head.click();
	assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|null|Infinity|\[object/);
	assert.ok(await sidebar(page).evaluate((e) => e.scrollWidth <= e.clientWidth));
	assert.deepEqual(page.faults, []);
});

/** Notifications as a browser has them, that answer the question for permission so. */
const pretend = (answer) => (p) => p.addInitScript((said) => {
	const told = /** @type {any} */ (globalThis).told = { asked: 0, shown: [], closed: 0 };
	globalThis.Notification = /** @type {any} */ (class {
		static permission = /** @type {any} */ (globalThis).sessionStorage.permission ?? 'default';
		static async requestPermission() {
			told.asked++;
			return (this.permission = sessionStorage.permission = said);
		}
		constructor(title, how) {
			told.shown.push({ title, ...how });
		}
		close() {
			told.closed++;
		}
	});
	Document.prototype.hasFocus = () => false;
}, answer);
const told = (page) => page.evaluate(() => /** @type {any} */ (globalThis).told);

test('the browser is asked for notifications on the click alone; then they come, and go with the alert', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: pretend('granted') });
	await unread(page, 0);
	b.feed(alert({ key: 'a' }));
	await unread(page, 1);
	assert.deepEqual(await told(page), { asked: 0, shown: [], closed: 0 });
	await button(page).click();
	const box = sidebar(page).getByRole('switch', { name: 'Browser notifications' });
	await box.check();
	assert.equal((await told(page)).asked, 1);
	await page.reload();
	await unread(page, 1);
	await button(page).click();
	assert.equal(await box.isChecked(), true, 'the switch is kept');
	const since = new Date().toISOString();
	b.feed(alert({ key: 'b', level: 'error', type: 'high_memory', message: 'Memory high', since }));
	const [n] = await until(async () => { const s = (await told(page)).shown; return s.length && s; });
	assert.deepEqual([n.title, n.body, n.tag], ['Error: High Memory', 'Memory high', 'b']);
	b.feed(alert({ key: 'b', state: 'resolved', since }));
	await until(async () => (await told(page)).closed === 1);
	b.feed(...STORM(50));
	await until(async () => (await told(page)).shown.some((x) => /alerts within/.test(x.title)));
	assert.ok((await told(page)).shown.length <= 6, 'many come as one');
	await box.uncheck();
	const before = (await told(page)).shown.length;
	b.feed(alert({ key: 'c', message: 'Later.' }));
	await sidebar(page).getByText('Later.').waitFor();
	assert.equal((await told(page)).shown.length, before);
});

test('when the browser denies notifications, that is said', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: pretend('denied') });
	await button(page).click();
	await sidebar(page).getByRole('switch', { name: 'Browser notifications' }).click();
	await sidebar(page).getByText('The browser blocks them').waitFor();
	assert.equal(await sidebar(page).getByRole('switch', { name: 'Browser notifications' }).isChecked(), false);
});

test('a storage that is denied costs the marks alone, and that is said', async () => {
	const b = await start();
	b.feed(metrics(), alert({ key: 'a' }));
	const page = await open(b.url, { before: (p) => p.addInitScript(() => Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })) });
	await unread(page, 1);
	await button(page).click();
	await sidebar(page).getByText('unread after a reload').waitFor();
	await sidebar(page).getByRole('button', { name: 'Mark all read' }).click();
	await unread(page, 0);
	assert.deepEqual(page.faults, []);
});

test('a history that cannot be read is said and tried again', async () => {
	const b = await start();
	b.feed(metrics(), alert({ key: 'a', message: 'A.' }));
	let broken = true;
	const page = await open(b.url, { before: async (p) => {
		await p.clock.install();
		await p.route('**/api/v1/events*', (r) => (broken ? r.fulfill({ status: 500, body: 'x' }) : r.continue()));
	} });
	await button(page).click();
	await sidebar(page).getByText('The history could not be read: the server answered 500').waitFor();
	broken = false;
	await page.clock.runFor(15_000);
	await sidebar(page).getByText('A.').waitFor();
	await sidebar(page).getByText('could not be read').waitFor({ state: 'hidden' });
});

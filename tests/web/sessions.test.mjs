// The page of sessions in a browser: the count, what came and went, the feed.
import assert from 'node:assert/strict';
import { metrics, open, sessionEvent, sessions, sourceStatus, start, test, until } from './harness.mjs';

const items = (page) => page.locator('.feed > li');
const text = async (locator) => (await locator.innerText()).replace(/\s+/g, ' ');
const card = (page, title) => page.locator('section.card').filter({ has: page.getByRole('heading', { name: title, exact: true }) }).first();

async function shown(records = [], { path = '/sessions', ...more } = /** @type {any} */ ({})) {
	const b = await start(more);
	b.feed(sessions(12, 340), ...records);
	const page = await open(b.url + path);
	await page.getByRole('heading', { name: 'Active sessions' }).first().waitFor();
	return { b, page };
}

test('the live count and the total are large and go on', async () => {
	const { b, page } = await shown();
	await card(page, 'Active sessions').getByText('12', { exact: true }).waitFor();
	await card(page, 'Seen in total').getByText('340', { exact: true }).waitFor();
	b.feed(sessions(13, 341));
	await card(page, 'Active sessions').getByText('13', { exact: true }).waitFor();
	assert.ok(Number.parseFloat(await page.locator('.tiles .figure').first().evaluate((e) => getComputedStyle(e).fontSize)) >= 32);
	await page.getByText(/KATO’s count is approximate/).waitFor();
});

test('the count has its chart', async () => {
	const { page } = await shown();
	await page.locator('.sessions-chart .chart').getByRole('heading', { name: 'Active sessions' }).waitFor();
});

test('created and destroyed come newest first with delta, session, node and reason', async () => {
	const { b, page } = await shown();
	await page.getByText('No session was created or destroyed yet.').waitFor();
	b.feed(sessionEvent({ now: 12, before: 9, session: 'sess-1' }));
	await until(async () => (await items(page).count()) === 1, { what: 'the first event' });
	const gone = sessionEvent({ created: false, now: 10, before: 12 });
	b.feed({ ...gone, data: { ...gone.data, reason: 'explicit_delete' } });
	await until(async () => (await items(page).count()) === 2, { what: 'the second event' });
	assert.match(await text(items(page).nth(0)), /Destroyed −2, now 10 reason explicit_delete/);
	assert.match(await text(items(page).nth(1)), /Created \+3, now 12 session sess-1 node node1 (just now|\d+ s ago)/);
	assert.deepEqual(page.faults, []);
});

test('a reload loses nothing and shows nothing twice', async () => {
	const t = Date.now();
	const { b, page } = await shown(Array.from({ length: 20 }, (_, i) => sessionEvent({ id: `e${i}`, session: `s-${i}`, at: t - 100000 + i * 1000 })));
	await until(async () => (await items(page).count()) === 20, { what: 'the feed' });
	await page.reload();
	await until(async () => (await items(page).count()) === 20, { what: 'the feed after a reload' });
	b.feed(sessionEvent({ id: 'e19', at: t }), sessionEvent({ id: 'new', session: 's-new' }));
	await page.getByText('s-new').waitFor();
	assert.equal(await items(page).count(), 21);
	await page.getByRole('link', { name: 'Overview', exact: true }).click();
	b.feed(sessionEvent({ id: 'meanwhile', session: 's-meanwhile' }));
	await page.getByRole('link', { name: 'Sessions', exact: true }).click();
	await page.getByText('s-meanwhile').waitFor();
	assert.equal(await items(page).count(), 22);
});

test('the feed holds the last 200', async () => {
	const t = Date.now() - 1000000;
	const { b, page } = await shown(Array.from({ length: 250 }, (_, i) => sessionEvent({ session: `s-${i}`, at: t + i })));
	await until(async () => (await items(page).count()) === 200, { what: '200 events' });
	b.feed(...Array.from({ length: 300 }, (_, i) => sessionEvent({ session: `n-${i}`, at: t + 500000 + i })));
	await page.getByText('n-299', { exact: true }).waitFor();
	assert.equal(await items(page).count(), 200);
	assert.match(await text(items(page).last()), /n-100/);
});

test('times keep themselves up to date', async () => {
	const b = await start();
	b.feed(sessions(1, 1), sessionEvent({ session: 's', at: Date.now() - 10000 }));
	const page = await open(`${b.url}/sessions`, { before: (p) => p.clock.install() });
	await page.locator('.feed time', { hasText: / s ago/ }).first().waitFor();
	await page.clock.fastForward(120000);
	await page.locator('.feed time', { hasText: '2 min ago' }).first().waitFor();
	assert.match((await page.locator('.feed time').first().getAttribute('title')) ?? '', /UTC/);
});

test('what came and went in the last minute and hour is counted by sessions', async () => {
	const t = Date.now();
	const { page } = await shown([sessionEvent({ now: 3, before: 0, at: t - 7200000 }), sessionEvent({ now: 5, before: 3, at: t - 1800000 }), sessionEvent({ created: false, now: 1, before: 5, at: t - 1000000 }), sessionEvent({ now: 2, before: 1, at: t })]);
	await until(async () => /Last hour 3 created 4 destroyed/.test(await text(card(page, 'Last hour'))), { what: 'the last hour' });
	assert.match(await text(card(page, 'Last minute')), /Last minute 1 created 0 destroyed/);
});

test('created or destroyed alone can be seen, and the address keeps it', async () => {
	const { page } = await shown(Array.from({ length: 9 }, (_, i) => sessionEvent({ created: i % 3 !== 0, at: Date.now() - i * 1000 })));
	await until(async () => (await items(page).count()) === 9, { what: 'all' });
	const choice = page.getByRole('group', { name: 'Show' });
	await choice.getByRole('button', { name: 'Destroyed' }).click();
	assert.equal(await items(page).count(), 3);
	await page.reload();
	await until(async () => (await items(page).count()) === 3, { what: 'destroyed after a reload' });
	assert.equal(await choice.getByRole('button', { name: 'Destroyed' }).getAttribute('aria-pressed'), 'true');
	await choice.getByRole('button', { name: 'All' }).click();
	assert.equal(await items(page).count(), 9);
});

test('events switched off are said, the count goes on', async () => {
	const { page } = await shown([], { env: { WEBSOCKET_SESSION_EVENTS: 'false' } });
	await page.getByText(/does not push session events \(WEBSOCKET_SESSION_EVENTS=false\)/).waitFor();
	await card(page, 'Active sessions').getByText('12', { exact: true }).waitFor({ timeout: 15000 });
});

test('while the source is down the count is grey and says why', async () => {
	const { b, page } = await shown([metrics()]);
	b.feed(sourceStatus('session-watch', 'down', { error: 'connection refused' }));
	await card(page, 'Active sessions').getByText(/session-watch is down since .*connection refused/).waitFor();
	assert.match((await page.locator('.tiles .figure').first().getAttribute('class')) ?? '', /stale/);
});

test('events that hold anything whatever are words', async () => {
	const bad = '<img src=x onerror=alert(1)>';
	const odd = [{ session_id: bad, node_id: bad, reason: bad, delta: 1 }, { session_id: 'x'.repeat(10000), delta: 'many' }, { delta: null, current_count: 'a' }, { session_id: { a: 1 }, delta: -1 }, null, 'text', []];
	const { page } = await shown(odd.map((data, i) => ({ type: 'session_event', id: `odd${i}`, event_type: 'session_created', timestamp: i === 2 ? 'never' : new Date().toISOString(), data })));
	await until(async () => (await items(page).count()) === 7, { what: 'seven changes' });
	assert.equal(await page.locator('.feed img').count(), 0);
	assert.doesNotMatch(await page.getByRole('main').innerText(), /undefined|NaN|null|\[object/);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no overflow');
	assert.deepEqual(page.faults, []);
});

test('on a phone nothing lies beyond the edge', async () => {
	const b = await start();
	b.feed(sessions(12345, 9876543), ...Array.from({ length: 5 }, (_, i) => sessionEvent({ session: `session-with-a-long-name-${i}`.repeat(4) })));
	const page = await open(`${b.url}/sessions`, { context: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } });
	await until(async () => (await items(page).count()) === 5, { what: 'the feed' });
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

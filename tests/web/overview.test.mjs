// The cards of the overview: their figures, their age, and what they say when a figure is not of now.
import assert from 'node:assert/strict';
import { container, containers, metrics, open, sessions, sourceStatus, start, test, until } from './harness.mjs';

const card = (page, title) => page.locator('section.card').filter({ has: page.getByRole('heading', { name: title, exact: true }) }).first();
const figure = (page, title) => card(page, title).locator('.figure').first();
const shows = (page, title, text) => until(async () => (await figure(page, title).textContent()) === text, { what: `${title}: ${text}, not ${'that'}` }).catch(async (e) => {
	throw new Error(`${e.message}: ${await card(page, title).textContent()}`);
});
/** A page that has its first figures. */
async function fed(...records) {
	const b = await start();
	b.feed(...records);
	const page = await open(b.url);
	await card(page, 'Total requests').waitFor();
	return { b, page };
}

test('six cards with these titles show their figures with units', async () => {
	const { page } = await fed(metrics({ total: 48611, perSecond: 12.5, errorRate: 0.0234, response: 0.0123, processors: 3 }), sessions(5, 127));
	for (const [title, text] of [['Active sessions', '5'], ['Total requests', '48,611'], ['Requests/s', '12.5'], ['Error rate', '2.34 %'], ['Mean response time', '12.3 ms'], ['Processors', '3 of 100']])
		await shows(page, title, text);
	assert.match(await card(page, 'Active sessions').textContent(), /127 seen in total/);
	assert.deepEqual(page.faults, []);
});

test('each card says how old its figure is, and grows older with it', async () => {
	const { b, page } = await fed(metrics(), sessions());
	await shows(page, 'Processors', '3 of 100');
	for (const title of ['Active sessions', 'Error rate']) await until(async () => /just now|\d s ago/.test(await card(page, title).locator('time').textContent()), { what: `${title} has an age` });
	await until(async () => /[2-9] s ago/.test(await card(page, 'Error rate').locator('time').textContent()), { what: 'seconds ago' });
	assert.match(await card(page, 'Error rate').locator('time').getAttribute('title'), /UTC/);
	b.feed(metrics());
	await until(async () => /just now|[01] s ago/.test(await card(page, 'Error rate').locator('time').textContent()), { what: 'young again' });
});

test('a figure that changes changes its text and nothing else', async () => {
	const { b, page } = await fed(metrics({ total: 100 }), containers());
	await shows(page, 'Total requests', '100');
	await page.evaluate(() => {
		const w = /** @type {any} */ (globalThis);
		w.cards = [...document.querySelectorAll('section.card')];
		w.changed = new Set();
		new MutationObserver((l) => l.forEach((m) => (m.type === 'childList' ? w.changed.add(m.target.className) : w.changed.add(m.type)))).observe(w.cards[1], { childList: true, subtree: true });
	});
	b.feed(metrics({ total: 101 }));
	await shows(page, 'Total requests', '101');
	assert.ok(await page.evaluate(() => /** @type {any} */ (globalThis).cards.every((c) => c.isConnected)));
	for (const c of await page.evaluate(() => [.../** @type {any} */ (globalThis).changed])) assert.match(c, /^(figure|)$|stale/, c);
});

test('what nobody has told is a dash with the reason, not a zero', async () => {
	const { page } = await fed(sessions(5));
	await shows(page, 'Active sessions', '5');
	for (const title of ['Total requests', 'Requests/s', 'Error rate', 'Mean response time', 'Processors']) {
		await shows(page, title, '–');
		await until(async () => /kato-metrics/.test(await card(page, title).textContent()), { what: `${title}: why` });
	}
});

test('a card whose source is down is grey and says why in words', async () => {
	const { b, page } = await fed(metrics({ total: 7 }), sessions());
	await shows(page, 'Total requests', '7');
	b.feed(sourceStatus('kato-metrics', 'down', { error: 'connection refused' }));
	await until(async () => /kato-metrics is down since .*connection refused/.test(await card(page, 'Total requests').textContent()), { what: 'the reason' });
	assert.ok(await figure(page, 'Total requests').evaluate((e) => e.classList.contains('stale')));
	assert.equal(await figure(page, 'Total requests').textContent(), '7');
	assert.ok(!(await figure(page, 'Active sessions').evaluate((e) => e.classList.contains('stale'))));
	const grey = await figure(page, 'Total requests').evaluate((e) => getComputedStyle(e).color);
	assert.notEqual(grey, await figure(page, 'Active sessions').evaluate((e) => getComputedStyle(e).color));
	b.feed(sourceStatus('kato-metrics', 'up'), metrics({ total: 8 }));
	await until(async () => !(await figure(page, 'Total requests').evaluate((e) => e.classList.contains('stale'))), { what: 'fresh again' });
});

test('a figure older than three intervals is stale by itself', async () => {
	const old = Date.now() - 60000;
	const { page } = await fed(metrics({ total: 7, at: old }), sessions(5, 9, Date.now()));
	await until(async () => /kato-metrics/.test(await card(page, 'Total requests').textContent()), { what: 'the reason' });
	assert.ok(await figure(page, 'Total requests').evaluate((e) => e.classList.contains('stale')));
});

test('members that lack or are no numbers leave the others as they are', async () => {
	const { b, page } = await fed(metrics());
	await shows(page, 'Processors', '3 of 100');
	b.feed({ type: 'metrics', timestamp: new Date().toISOString(), source: 'kato-metrics', data: { requests: { total: 77, per_second: '12' }, performance: { error_rate: null, average_response_time: {} }, processor_manager: { total_processors: 4 } } });
	await shows(page, 'Total requests', '77');
	for (const [title, text] of [['Requests/s', '–'], ['Error rate', '–'], ['Mean response time', '–'], ['Processors', '4']]) await shows(page, title, text);
	assert.doesNotMatch(await page.locator('main').innerText(), /undefined|NaN|null|Infinity|\[object/);
});

test('what the containers use is said with what there is', async () => {
	const { page } = await fed(containers([container('kato', { cpu: 114.35, mb: 776, limit: 2048 }), container('kato-redis', { cpu: 0, mb: 1000, limit: 2048, status: 'exited' })]));
	const all = card(page, 'Containers');
	await until(async () => /114.4 % of 400 %/.test(await all.textContent()), { what: 'total CPU' });
	for (const part of [/28.6 % of the host/, /1,776 MB of 4,096 MB/, /43.4 % of the limits/, /1 of 2/]) assert.match(await all.textContent(), part);
});

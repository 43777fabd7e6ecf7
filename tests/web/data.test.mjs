// The Data page: any state topic the server knows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, containers, metrics, open, sourceStatus, start, test, until } from './harness.mjs';

const at = (i = 0) => new Date(Date.now() + i * 60000).toISOString();
const WEATHER = {
	temperature: 21.5, humidity_percent: 62.5, sky: 'clear', wind: { speed: 3.25, gusts: { most: 7 } },
	hours: [0, 1, 2, 3].map((h) => ({ timestamp: at(h), value: h * 2 })), pressure: [[1762000000, 1010], [1762003600, 1012]],
	stations: [{ name: 'north', degrees: 20 }, { name: 'south', degrees: 23, note: 'in the sun' }, { name: 'east', degrees: 9 }], tags: ['dry', 'mild'],
};
const weather = (/** @type {any} */ data = WEATHER, /** @type {string | undefined} */ id = undefined) => ({ type: 'weather', ...(id ? { id } : {}), timestamp: at(), source: 'station', data });
const url = (b, path) => b.url.replace(/\/$/, '') + path;
const server = (...types) => start({ args: types.flatMap((t) => ['--state', t]) });
const subscribed = async (b) => JSON.stringify(await (await fetch(url(b, '/api/v1/ws/subscriptions'))).json());
const main = (page) => page.locator('.data-main');

test('a topic is chosen by its name, subscribed to, kept in the address, and let go of', async () => {
	const b = await server('weather', 'stock');
	b.feed(weather(), { type: 'stock', data: { price: 12 } });
	const page = await open(url(b, '/data'));
	const topics = page.getByRole('navigation', { name: 'Topics' });
	await topics.getByRole('link', { name: 'stock' }).waitFor();
	await topics.getByRole('link', { name: 'weather' }).click();
	await main(page).getByRole('heading', { name: 'weather' }).waitFor();
	assert.match(page.url(), /\/data\?topic=weather$/);
	await until(async () => (await subscribed(b)).includes('"weather"'), { what: 'subscribed' });
	assert.ok(!(await subscribed(b)).includes('"stock"'));
	await page.reload();
	await main(page).getByText('21.5').waitFor();
	assert.equal(await topics.getByRole('link', { name: 'weather' }).getAttribute('aria-current'), 'page');
	await topics.getByRole('link', { name: 'stock' }).click();
	await main(page).getByText('12', { exact: true }).waitFor();
	await until(async () => !(await subscribed(b)).includes('"weather"'), { what: 'let go of' });
	await page.goBack();
	await main(page).getByText('21.5').waitFor();
	assert.deepEqual(page.faults, []);
});

test('the only other topic needs no choosing', async () => {
	const b = await server('weather');
	b.feed(metrics(), weather());
	const page = await open(url(b, '/'));
	await page.getByRole('link', { name: 'Data' }).click();
	await main(page).getByText('21.5').waitFor();
	await until(() => /topic=weather/.test(page.url()), { what: 'the address says it' });
});

test('numbers as cards, points as lines, objects as tables and sections, with their age', async () => {
	const b = await server('weather');
	b.feed(weather());
	const page = await open(url(b, '/data?topic=weather'));
	const all = main(page);
	await all.locator('.data-figure', { hasText: 'Temperature' }).getByText('21.5').waitFor();
	await all.locator('.data-figure', { hasText: 'Humidity percent' }).getByText('62.5 %').waitFor();
	await all.locator('.data-fact', { hasText: 'Sky' }).getByText('clear').waitFor();
	await all.locator('.data-section', { hasText: 'Wind' }).first().getByText('3.25').waitFor();
	await all.locator('.data-section .data-section', { hasText: 'Gusts' }).getByText('7').waitFor();
	await all.getByRole('img', { name: /^Hours: 4 points from .* last .*6, lowest 0, highest 6$/ }).waitFor();
	await all.getByRole('img', { name: /^Pressure: 2 points/ }).waitFor();
	assert.match(/** @type {string} */ (await all.locator('path').first().getAttribute('d')), /^M0\.0 .*L600\.0 /);
	await all.getByRole('cell', { name: 'in the sun' }).waitFor();
	assert.deepEqual(await all.getByRole('columnheader').allTextContents(), ['Name', 'Degrees', 'Note']);
	await all.getByRole('listitem').filter({ hasText: 'mild' }).waitFor();
	await all.getByText(/^(just now|\d+ s ago)$/).waitFor();
	assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).cspReports.length), 0);
	assert.deepEqual(page.faults, []);
});

test('a line tells its points by pointer and by keys', async () => {
	const b = await server('weather');
	b.feed(weather({ hours: [[1762000000, 5], [1762003600, 8], [1762007200, 7]] }));
	const page = await open(url(b, '/data?topic=weather'));
	const line = main(page).getByRole('img', { name: /^Hours/ });
	const keys = main(page).locator('.data-keys');
	await until(async () => /^last ?7$/.test((await keys.textContent()) ?? ''), { what: 'the last value' });
	const box = /** @type {any} */ (await line.boundingBox());
	await page.mouse.move(box.x + box.width / 2, box.y + 10);
	await until(async () => /^at .*8$/.test((await keys.textContent()) ?? ''), { what: 'the value in the middle' });
	await page.mouse.move(0, 0);
	await line.focus();
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	await until(async () => /^at .*5$/.test((await keys.textContent()) ?? ''), { what: 'the first value' });
});

test('tables sort by their headers, and stay sorted while values come', async () => {
	const b = await server('weather');
	b.feed(weather());
	const page = await open(url(b, '/data?topic=weather'));
	const names = () => main(page).locator('tbody tr td:first-child').allTextContents();
	await main(page).getByRole('button', { name: 'Degrees' }).click();
	assert.deepEqual(await names(), ['south', 'north', 'east']);
	await main(page).getByRole('button', { name: 'Degrees' }).click();
	assert.deepEqual(await names(), ['east', 'north', 'south']);
	assert.equal(await main(page).getByRole('columnheader', { name: 'Degrees' }).getAttribute('aria-sort'), 'ascending');
	b.feed(weather({ ...WEATHER, stations: [...WEATHER.stations, { name: 'west', degrees: 21 }] }));
	await main(page).getByRole('cell', { name: 'west' }).waitFor();
	assert.deepEqual(await names(), ['east', 'north', 'west', 'south']);
	await main(page).getByRole('button', { name: 'Name' }).press('Enter');
	assert.deepEqual(await names(), ['east', 'north', 'south', 'west']);
});

test('several things of one topic are a list; one opens, stays open, and is found by search', async () => {
	const b = await server('weather');
	for (let i = 1; i <= 462; i++) b.feed(weather({ t: i, place: `place ${i}` }, `w${i}`));
	const page = await open(url(b, '/data?topic=weather&id=w2'));
	const things = main(page).locator('details');
	await until(async () => (await things.count()) === 50, { what: '50 of them' });
	await main(page).getByText('and 412 more').waitFor();
	await main(page).getByText('462 entries').waitFor();
	await things.filter({ has: page.locator('summary', { hasText: /^w2\b/ }) }).locator('.data-figure').getByText('2', { exact: true }).waitFor();
	await things.first().locator('summary').click();
	b.feed(weather({ t: 777, place: 'moved' }, 'w1'));
	await things.first().locator('.data-figure').getByText('777').waitFor();
	await page.getByRole('searchbox').fill('place 400');
	await until(async () => (await things.count()) === 1, { what: 'one left' });
	await things.getByText('w400').waitFor();
	await page.getByRole('searchbox').fill('nowhere');
	await main(page).getByText('Nothing holds these words.').waitFor();
	await page.getByRole('searchbox').fill('');
	b.feed(weather(null, 'w1'));
	await main(page).getByText('461 entries').waitFor();
});

test('the search finds rows of a table', async () => {
	const b = await server('weather');
	b.feed(weather({ stations: Array.from({ length: 512 }, (_, i) => ({ name: `station ${i}`, n: i })) }));
	const page = await open(url(b, '/data?topic=weather'));
	await main(page).getByText('and 412 more').waitFor();
	await page.getByRole('searchbox').fill('Station 499');
	await main(page).getByRole('cell', { name: 'station 499' }).waitFor();
	assert.equal(await main(page).locator('tbody tr').count(), 1);
});

test('raw JSON is shown on request and copied whole', async () => {
	const b = await server('weather');
	b.feed(weather({ t: 21, none: null }));
	const page = await open(url(b, '/data?topic=weather'), { context: { permissions: ['clipboard-read', 'clipboard-write'] } });
	await main(page).getByText('21', { exact: true }).waitFor();
	assert.equal(await page.locator('pre').isVisible(), false);
	await page.getByRole('button', { name: 'Raw JSON' }).click();
	await until(async () => /"t": 21,\s+"none": null/.test((await page.locator('pre').textContent()) ?? ''), { what: 'the JSON' });
	await page.getByRole('button', { name: 'Copy' }).click();
	await page.getByText('Copied').waitFor();
	assert.deepEqual(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())), { t: 21, none: null });
	b.feed(weather({ t: 22 }));
	await until(async () => /"t": 22/.test((await page.locator('pre').textContent()) ?? ''), { what: 'the newer JSON' });
	await page.getByRole('button', { name: 'Raw JSON' }).click();
	await page.locator('pre').waitFor({ state: 'hidden' });
});

test('a value of another kind takes the place of the old one', async () => {
	const b = await server('weather');
	b.feed(weather({ part: [{ a: 1 }], n: 1 }));
	const page = await open(url(b, '/data?topic=weather'));
	await main(page).getByRole('columnheader', { name: 'A' }).waitFor();
	b.feed(weather({ part: { deep: 5 }, n: 'word' }));
	await main(page).locator('.data-section').getByText('5').waitFor();
	await main(page).locator('.data-fact').getByText('word').waitFor();
	assert.equal(await main(page).getByRole('table').count(), 0);
});

test('hostile and huge values: nothing is run, the page stays up, the rest goes on', async () => {
	const b = await server('weather', 'other');
	const nasty = '<img src=x onerror="globalThis.hacked=1">';
	b.feed({ type: 'other', data: { fine: 12 } });
	b.feed(weather({ [nasty]: nasty, list: [nasty], rows: [{ [nasty]: nasty }], a: 'x'.repeat(300000), n: 1e308, part: { [nasty]: { [nasty]: 1 } }, __proto__: { a: 1 } }));
	const page = await open(url(b, '/data?topic=weather'));
	await main(page).getByText(nasty).first().waitFor();
	b.feed('{"type":"weather","data":{"a":1e999,"b":-1e999,"rows":[null,1,{"c":null}],"t":[[1,null],[2,null]],"e":{},"f":[],"g":[[]],"h":"","__proto__":{"polluted":1}}}');
	await main(page).locator('.data-figure', { hasText: 'A' }).getByText('–').waitFor();
	let deep = '1';
	for (let i = 0; i < 60; i++) deep = `{"d":${deep}}`;
	b.feed(`{"type":"weather","data":{"deep":${deep},"numbers":[${Array.from({ length: 20000 }, (_, i) => i % 97).join()}],"rows":[${Array.from({ length: 5000 }, (_, i) => `{"i":${i}}`).join()}]}}`);
	await main(page).getByText('and 4,900 more').waitFor();
	const state = await page.evaluate(() => ({ hacked: /** @type {any} */ (globalThis).hacked, polluted: /** @type {any} */ ({}).polluted, images: document.querySelectorAll('img:not(.brand img)').length, elements: document.querySelectorAll('*').length, wide: document.documentElement.scrollWidth - innerWidth }));
	assert.deepEqual([state.hacked, state.polluted, state.images], [undefined, undefined, 0]);
	assert.ok(state.elements < 3000, `${state.elements} elements`);
	assert.doesNotMatch(await page.locator('body').innerText(), /undefined|NaN|\bnull\b|Infinity|\[object/);
	await page.getByRole('navigation', { name: 'Topics' }).getByRole('link', { name: 'other' }).click();
	await main(page).locator('.data-figure', { hasText: 'Fine' }).getByText('12').waitFor();
	assert.deepEqual(page.faults, []);
});

test('topics of other pages and events can be looked at, too', async () => {
	const b = await start();
	b.feed(metrics({ total: 4321 }), containers(), { type: 'deploy', id: 'd1', data: { by: 'anna' } });
	const page = await open(url(b, '/data?topic=metrics'));
	await main(page).locator('.data-figure', { hasText: 'Total requests' }).getByText('4,321').waitFor();
	await page.getByRole('navigation', { name: 'Topics' }).getByRole('link', { name: 'deploy' }).click();
	await main(page).getByRole('cell', { name: 'anna' }).waitFor();
	await until(async () => (await subscribed(b)).includes('"deploy"'), { what: 'subscribed' });
	b.feed({ type: 'deploy', id: 'd2', data: { by: 'berta' } });
	await main(page).getByRole('cell', { name: 'berta' }).waitFor();
	assert.equal(await main(page).locator('tbody tr').count(), 2);
});

test('what is not of now is grey, with the reason in words', async () => {
	const b = await server('weather');
	b.feed(weather({ t: 21 }), sourceStatus('station', 'up', { interval: 60000 }));
	const page = await open(url(b, '/data?topic=weather'));
	await main(page).getByText('21', { exact: true }).waitFor();
	assert.equal(await main(page).locator('.stale').count(), 0);
	b.feed(sourceStatus('station', 'down', { error: 'mast struck by lightning', interval: 60000 }));
	await main(page).getByText(/^station is down since .*: mast struck by lightning$/).waitFor();
	await main(page).locator('.stale').getByText('21', { exact: true }).waitFor();
	b.feed(sourceStatus('station', 'up', { interval: 60000 }));
	await main(page).locator('.stale').waitFor({ state: 'detached' });
	await b.stop('SIGKILL');
	await main(page).locator('.stale').getByText('21', { exact: true }).waitFor();
});

test('while none is chosen, topics that come later appear by themselves', async () => {
	const b = await server('weather', 'stock', 'tide');
	b.feed(weather(), { type: 'tide', data: { level: 3 } });
	const page = await open(url(b, '/data'));
	await page.getByRole('link', { name: 'tide' }).waitFor();
	b.feed({ type: 'stock', data: { price: 12 } });
	await page.getByRole('link', { name: 'stock' }).waitFor();
	assert.deepEqual(page.faults, []);
});

test('topics that come later are found by looking again', async () => {
	const b = await server('weather', 'stock');
	b.feed(weather());
	const page = await open(url(b, '/data?topic=weather'));
	await main(page).getByText('21.5').waitFor();
	b.feed({ type: 'stock', data: { price: 12 } });
	await page.getByRole('button', { name: 'Look again' }).click();
	await page.getByRole('link', { name: 'stock' }).waitFor();
});

test('thousands of entries: changes are seen, and the page holds few of them', async () => {
	const b = await server('probe');
	const feed = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ n) => b.feed(...Array.from({ length: to - from }, (_, i) => ({ type: 'probe', id: `p${from + i}`, data: { n, name: `probe ${from + i}` } })));
	for (let i = 0; i < 9000; i += 500) feed(i, i + 500, 0);
	const page = await open(url(b, '/data?topic=probe'));
	await main(page).getByText('9,000 entries').waitFor();
	for (let n = 1; n <= 20; n++) {
		feed(0, 40, n);
		await main(page).locator('summary').first().getByText(`N ${n}`).waitFor();
	}
	assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) < 1000);
	assert.deepEqual(page.faults, []);
});

for (const context of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 390, height: 844 } }])
	test(`every kind of value is fit for a screen reader and as wide as the screen: ${JSON.stringify(context)}`, async () => {
		const b = await server('weather');
		b.feed(weather({ ...WEATHER, events: [{ when: at(), what: 'x'.repeat(200) }], many: [1, 2].map((i) => ({ t: 1762000000 + i, a: i, b: -i, c: 2 })) }));
		const page = await open(url(b, '/data?topic=weather'), { context: /** @type {any} */ (context) });
		await main(page).getByText('21.5').waitFor();
		await page.getByRole('button', { name: 'Raw JSON' }).click();
		await page.evaluate(readFileSync(join(ROOT, 'tests/web/node_modules/axe-core/axe.min.js'), 'utf8'));
		const found = await page.evaluate(async () => (await /** @type {any} */ (globalThis).axe.run(document)).violations.map((v) => `${v.impact} ${v.id} ${v.nodes[0].html.slice(0, 200)}`));
		assert.deepEqual(found, []);
		assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0);
	});

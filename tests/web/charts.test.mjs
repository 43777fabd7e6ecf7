// The charts: filled at once, then live; one cursor, one range and one zoom for all of them.
import assert from 'node:assert/strict';
import { alert, containers, metrics, open, sessions, start, test, until } from './harness.mjs';

const TITLES = ['CPU', 'Memory', 'Requests/s', 'Error rate', 'Active sessions', 'Containers CPU'];
const STATS = '**/api/v1/system/stats*';
const chart = (page, title) => page.getByRole('region', { name: title, exact: true });
const plot = (page, title) => chart(page, title).getByRole('img');
const value = (page, title) => chart(page, title).locator('.value').first().textContent();
const time = (page, title) => chart(page, title).locator('.chart-time').textContent();
const comes = (page, title, wanted) => until(async () => (wanted instanceof RegExp ? wanted.test(await value(page, title)) : (await value(page, title)) === wanted), { what: `${title}: ${wanted}` });
const bar = (page) => page.getByRole('group', { name: 'Time shown' });
const zoomed = (page) => bar(page).getByRole('button', { name: 'Back to live' }).isVisible();

/** A reading of all sections each second for some minutes before now; those in `without` (seconds ago) lack. */
function past(seconds, { without = [0, 0], cpu = () => 40 } = {}) {
	const now = Date.now(), list = [];
	for (let i = seconds; i > 0; i--) {
		if (i < without[0] && i > without[1]) continue;
		const at = now - i * 1000;
		list.push(metrics({ at, cpu: cpu(i) }), sessions(5, 100, at), containers(undefined, { at }));
	}
	return list;
}
async function shown(records, options) {
	const b = await start();
	b.feed(...records);
	if (records.length) await until(async () => (await fetch(`${b.url}/api/v1/system/metrics`)).ok, { what: 'the server knows' });
	const page = await open(b.url, options);
	await plot(page, 'CPU').locator('canvas').waitFor();
	return { b, page };
}
/** Where along the time axis the line of a chart is drawn: shares of its width that hold its colour. */
const drawnAt = (page, title) =>
	chart(page, title).evaluate((el) => {
		const canvas = el.querySelector('canvas'), over = el.querySelector('.u-over').getBoundingClientRect(), box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
		const [r, g, b] = getComputedStyle(el.querySelector('.swatch')).backgroundColor.match(/\d+/g).map(Number);
		const w = Math.floor(over.width * ratio), h = Math.floor(over.height * ratio) - 14;
		const { data } = canvas.getContext('2d').getImageData(Math.round((over.left - box.left) * ratio), Math.round((over.top - box.top) * ratio), w, h);
		const at = [];
		for (let x = 0; x < w; x++) for (let y = 0; y < h; y++) {
			const i = (y * w + x) * 4;
			if (data[i + 3] > 100 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 60) {
				at.push(x / w);
				break;
			}
		}
		return at;
	});
const hover = async (page, title, share = 0.5) => {
	const box = await plot(page, title).locator('.u-over').boundingBox();
	await page.mouse.move(box.x + box.width * share, box.y + box.height / 2, { steps: 2 });
};
async function drag(page, title, from, to) {
	await hover(page, title, from);
	await page.mouse.down();
	await hover(page, title, to);
	await page.mouse.up();
	await until(() => zoomed(page), { what: 'zoomed' });
}
const seconds = (hms) => hms.split(':').reduce((s, v) => s * 60 + Number(v), 0);
/** The window that is said to stand still, in seconds of the day. */
async function window(page) {
	const [, a, b] = /(\d\d:\d\d:\d\d) to (\d\d:\d\d:\d\d)/.exec(await bar(page).textContent());
	return [seconds(a), seconds(b)];
}

test('all charts are filled at once from the history, by one request', async () => {
	const asked = [];
	const { page } = await shown(past(500), { before: (p) => p.on('request', (r) => r.url().includes('system/stats') && asked.push(r.url())) });
	for (const title of TITLES) await comes(page, title, /\d/);
	await until(async () => (await drawnAt(page, 'CPU')).length > 50, { what: 'the line' });
	const at = await drawnAt(page, 'CPU');
	assert.ok(at[0] < 0.25 && at.at(-1) > 0.9, `${at[0]} to ${at.at(-1)}`);
	assert.equal(asked.length, 1);
	assert.match(asked[0], /minutes=10/);
	assert.deepEqual(page.faults, []);
});

test('cards stand while the history hangs, and charts fill as readings come', async () => {
	const { b, page } = await shown([metrics({ total: 77 })], { before: (p) => p.route(STATS, () => {}) });
	await page.getByText('77', { exact: true }).waitFor();
	b.feed(metrics({ cpu: 33.3 }));
	await comes(page, 'CPU', '33.3 %');
});

test('a history that fails is said quietly and can be asked for again', async () => {
	let fail = true;
	const { page } = await shown(past(300), { before: (p) => p.route(STATS, (r) => (fail ? r.fulfill({ status: 500, body: 'no' }) : r.continue())) });
	await bar(page).getByText(/No history: /).waitFor();
	fail = false;
	await bar(page).getByRole('button', { name: 'Try again' }).click();
	await until(async () => (await drawnAt(page, 'CPU')).length > 50, { what: 'the line' });
	assert.equal(await bar(page).getByText(/No history: /).isVisible(), false);
});

test('live readings come to the charts without any request', async () => {
	const { b, page } = await shown(past(60));
	await comes(page, 'CPU', '40.0 %');
	const asked = [];
	page.on('request', (r) => /system\/|sessions\//.test(r.url()) && asked.push(r.url()));
	for (const cpu of [51, 62, 73]) {
		b.feed(metrics({ cpu, errorRate: cpu / 1000 }), sessions(cpu));
		await comes(page, 'CPU', `${cpu}.0 %`);
		await comes(page, 'Active sessions', `${cpu}`);
		await comes(page, 'Error rate', `${(cpu / 10).toFixed(2)} %`);
	}
	assert.deepEqual(asked, []);
});

test('one cursor lies over all charts, with the values beneath it', async () => {
	const { page } = await shown(past(600, { cpu: (i) => (i > 300 ? 20 : 80) }));
	await comes(page, 'CPU', '80.0 %');
	await hover(page, 'Requests/s', 0.2);
	await comes(page, 'CPU', '20.0 %');
	const times = await Promise.all(TITLES.map((t) => time(page, t)));
	assert.match(times[0], /^\d\d:\d\d:\d\d$/);
	assert.equal(new Set(times).size, 1, `${times}`);
	await page.mouse.move(2, 2);
	await until(async () => (await time(page, 'CPU')) === '', { what: 'no cursor' });
	await comes(page, 'CPU', '80.0 %');
});

test('a drag zooms all charts, and a double click leads back to live', async () => {
	const { page } = await shown(past(600, { cpu: (i) => (i > 300 ? 20 : 80) }));
	await comes(page, 'CPU', '80.0 %');
	await drag(page, 'Memory', 0.1, 0.4);
	const [from, to] = await window(page);
	assert.ok(to - from > 150 && to - from < 210, `${to - from} s`);
	await page.mouse.move(2, 2);
	await comes(page, 'CPU', '20.0 %');
	await chart(page, 'Requests/s').locator('.u-over').dblclick();
	await until(async () => !(await zoomed(page)), { what: 'live' });
	await page.mouse.move(2, 2);
	await comes(page, 'CPU', '80.0 %');
});

test('a zoomed window stands still while readings come; none of them is lost', async () => {
	const { b, page } = await shown(past(300));
	await comes(page, 'CPU', '40.0 %');
	await drag(page, 'CPU', 0.6, 0.8);
	await page.mouse.move(2, 2);
	const before = await window(page);
	b.feed(metrics({ cpu: 66 }));
	await page.locator('.age time', { hasText: /just now|1 s ago/ }).first().waitFor();
	await comes(page, 'CPU', '40.0 %');
	assert.deepEqual(await window(page), before);
	await bar(page).getByRole('button', { name: 'Back to live' }).click();
	await comes(page, 'CPU', '66.0 %');
});

test('the keys 0 and Escape lead back to live', async () => {
	const { page } = await shown(past(300));
	for (const key of ['0', 'Escape']) {
		await drag(page, 'CPU', 0.3, 0.6);
		await page.keyboard.press(key);
		await until(async () => !(await zoomed(page)), { what: `live by ${key}` });
	}
});

test('ranges of 1 h and 24 h are asked for once each', async () => {
	const asked = [];
	const { page } = await shown(past(3000), { before: (p) => p.on('request', (r) => r.url().includes('system/stats') && asked.push(/minutes=(\d+)/.exec(r.url())[1])) });
	await comes(page, 'CPU', /\d/);
	for (const name of ['1 h', '24 h', '10 min', '1 h', '24 h']) {
		await bar(page).getByRole('button', { name, exact: true }).click();
		await until(async () => (await bar(page).getByRole('button', { name, exact: true }).getAttribute('aria-pressed')) === 'true', { what: name });
		await until(async () => (await drawnAt(page, 'CPU')).length > 5, { what: `a line over ${name}` });
	}
	assert.deepEqual(asked, ['10', '60', '1440']);
	assert.match(await bar(page).textContent(), /each point the mean of 2 min/);
});

test('a gap in the readings is a gap in the line', async () => {
	const { page } = await shown(past(600, { without: [400, 280] }));
	await until(async () => (await drawnAt(page, 'CPU')).length > 50, { what: 'the line' });
	const at = await drawnAt(page, 'CPU');
	assert.deepEqual(at.filter((x) => x > 0.36 && x < 0.5), []);
	assert.ok(at.some((x) => x < 0.3) && at.some((x) => x > 0.56));
	await hover(page, 'CPU', 0.43);
	await comes(page, 'CPU', '–');
});

test('alerts are marked on the time axis of every chart, with their words beneath the cursor', async () => {
	const now = Date.now(), since = new Date(now - 400000).toISOString();
	const { page } = await shown([...past(600), alert({ key: 'high_cpu', at: now - 400000, since }), alert({ key: 'high_cpu', at: now - 200000, since, level: 'info', state: 'resolved', message: 'CPU usage back to normal' })]);
	for (const title of TITLES) await chart(page, title).getByText('1 alert, none firing').waitFor();
	for (const title of TITLES) {
		const amber = await chart(page, title).evaluate((el) => {
			const canvas = el.querySelector('canvas'), over = el.querySelector('.u-over').getBoundingClientRect(), box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
			const at = (share) => [...canvas.getContext('2d').getImageData(Math.round((over.left - box.left + over.width * share) * ratio), Math.round((over.bottom - box.top) * ratio) - 2, 1, 1).data].join();
			return [at(0.5), at(0.1), at(0.9)];
		});
		assert.equal(amber[0], '135,82,0,255', title);
		assert.ok(!amber.slice(1).includes(amber[0]), title);
	}
	await hover(page, 'CPU', 0.5);
	await chart(page, 'Error rate').getByText(/Warning: High CPU usage: 85.0% \(\d\d:\d\d:\d\d to \d\d:\d\d:\d\d, resolved\)/).waitFor();
});

test('charts can be read by keyboard: arrows move the cursor, + zooms', async () => {
	const { page } = await shown(past(300));
	await comes(page, 'CPU', '40.0 %');
	await plot(page, 'CPU').focus();
	for (const key of ['ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft']) await page.keyboard.press(key);
	await until(async () => /^\d\d:\d\d:\d\d$/.test(await time(page, 'Memory')), { what: 'the cursor on the others' });
	await until(async () => /^\d\d:\d\d:\d\d: 40.0 %/.test(await chart(page, 'CPU').locator('[aria-live]').textContent()), { what: 'said' });
	await page.keyboard.press('+');
	await until(() => zoomed(page), { what: 'zoomed' });
	await page.keyboard.press('-');
	await until(async () => !(await zoomed(page)), { what: 'live' });
});

test('each chart has a text for who does not see it', async () => {
	const { page } = await shown(past(300, { cpu: (i) => (i === 100 ? 90 : i === 50 ? 10 : 40) }));
	await comes(page, 'CPU', '40.0 %');
	await plot(page, 'CPU').focus();
	assert.match(await plot(page, 'CPU').getAttribute('aria-label'), /^CPU, last 10 min\. CPU: newest 40\.0 %, lowest 10\.0 %, highest 90\.0 %\./);
});

test('charts follow the theme and the width of the page', async () => {
	const { page } = await shown(past(300), { context: { colorScheme: 'light' } });
	await until(async () => (await drawnAt(page, 'CPU')).length > 50, { what: 'the line' });
	const light = await chart(page, 'CPU').locator('.swatch').evaluate((e) => getComputedStyle(e).backgroundColor);
	await page.emulateMedia({ colorScheme: 'dark' });
	await until(async () => (await chart(page, 'CPU').locator('.swatch').evaluate((e) => getComputedStyle(e).backgroundColor)) !== light, { what: 'another colour' });
	await until(async () => (await drawnAt(page, 'CPU')).length > 50, { what: 'the line in it' });
	await page.setViewportSize({ width: 390, height: 844 });
	await until(async () => {
		const [c, e] = [await plot(page, 'CPU').locator('canvas').boundingBox(), await chart(page, 'CPU').boundingBox()];
		return c.width > 200 && c.width < e.width && e.width <= 390;
	}, { what: 'it fits' });
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 390));
});

test('a chart out of sight is not drawn again until it is seen', async () => {
	const { b, page } = await shown(past(60), { context: { viewport: { width: 390, height: 500 } }, before: (p) => p.addInitScript(() => {
		const { clearRect } = CanvasRenderingContext2D.prototype;
		CanvasRenderingContext2D.prototype.clearRect = function (...a) {
			const box = this.canvas.closest('section');
			if (box) box.dataset.drawn = String(Number(box.dataset.drawn ?? 0) + 1);
			return clearRect.apply(this, a);
		};
	}) });
	const drawn = async (title) => Number((await chart(page, title).getAttribute('data-drawn')) ?? 0);
	await chart(page, 'CPU').scrollIntoViewIfNeeded();
	await until(async () => (await drawn('Containers CPU')) > 0, { what: 'drawn once' });
	const [near, far] = [await drawn('CPU'), await drawn('Containers CPU')];
	for (const cpu of [50, 60, 70]) {
		b.feed(metrics({ cpu }), containers());
		await comes(page, 'CPU', `${cpu}.0 %`);
	}
	assert.ok((await drawn('CPU')) >= near + 3);
	assert.equal(await drawn('Containers CPU'), far);
	await chart(page, 'Containers CPU').scrollIntoViewIfNeeded();
	await until(async () => (await drawn('Containers CPU')) > far, { what: 'drawn when seen' });
});

test('readings that are no numbers, or absurd ones, break no chart', async () => {
	const { b, page } = await shown(past(60), { before: (p) => p.route(STATS, async (r) => {
		const answer = await (await r.fetch()).json();
		answer.time_series.kato_error_rate = [null, 5, { timestamp: 'x', value: 1 }, { timestamp: Date.now() / 1000, value: 'x' }];
		answer.time_series.kato_requests_per_second = 'none';
		await r.fulfill({ json: answer });
	}) });
	await comes(page, 'CPU', '40.0 %');
	const data = (cpu) => ({ type: 'metrics', timestamp: new Date().toISOString(), source: 'kato-metrics', data: { resources: { cpu_percent: cpu, memory_percent: 50 } } });
	b.feed(data('high'), data(null), data(1e308), data({}));
	b.feed(metrics({ cpu: 44 }));
	await comes(page, 'CPU', /4\d\.\d %/);
	await until(async () => (await drawnAt(page, 'CPU')).length > 10, { what: 'the line' });
	assert.doesNotMatch(await page.locator('main').innerText(), /undefined|NaN|null|Infinity|\[object/);
	assert.deepEqual(page.faults, []);
});

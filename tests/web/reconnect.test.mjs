// What the page does while the server is gone, and when it is back. The page's clock is moved on; the servers are real.
import assert from 'node:assert/strict';
import { alert, containers, metrics, open, sessions, start, test, until } from './harness.mjs';
import { cable, guarded } from './servers.mjs';

const connection = (page) => page.getByRole('status').filter({ hasText: /Live|Connecting|Reconnecting|Polling|Stale|Off|Token|token/ }).first();
const isLive = async (page) => /^\W*Live/.test((await connection(page).textContent({ timeout: 5000 })) ?? '');
const live = (page) => until(() => isLive(page), { what: 'live' });
const breathe = () => new Promise((r) => setTimeout(r, 15)); // for sockets, which keep real time
/** The page's clock in our hands, and its tries to connect counted. */
async function withClock(page) {
	await page.clock.install();
	await page.addInitScript(() => {
		const w = /** @type {any} */ (globalThis);
		w.dials = [];
		w.WebSocket = class extends WebSocket {
			constructor(...a) {
				super(.../** @type {[string]} */ (a));
				w.dials.push(this);
			}
		};
	});
}
const dials = (page) => page.evaluate(() => /** @type {any} */ (globalThis).dials.length);
/** A browser that has failed often takes up to 5 real seconds for a try: the clock waits for it. */
const connected = (page) => until(() => page.evaluate(() => /** @type {any} */ (globalThis).dials.at(-1)?.readyState !== 0), { what: 'the try is over' });
const told = (n, from = 0) => Array.from({ length: n }, (_, i) => alert({ id: `told-${from + i}`, key: `key_${from + i}`, level: 'warning', message: `Told ${from + i}.` }));

/** Moves the page's clock on, a step at a time, until enough has gone or until() holds. What it stopped at, in seconds. */
async function pass(page, seconds, { step = 1, stop = async () => false } = {}) {
	for (let t = 0; t < seconds; t += step) {
		await page.clock.runFor(step * 1000);
		await breathe();
		if (await stop()) return t + step;
	}
	return seconds;
}
const back = async (page, within) => {
	const took = await pass(page, within, { stop: async () => (await connected(page), await isLive(page)) });
	assert.ok(await isLive(page), `not back within ${within} s: ${await connection(page).textContent()}`);
	return took;
};

/** The alerts in the sidebar, each as often as it is there. */
async function inSidebar(page) {
	await page.getByRole('button', { name: /^Alerts/ }).first().click();
	const side = page.getByRole('dialog', { name: 'Alerts' }).or(page.getByRole('complementary', { name: 'Alerts' }));
	await side.getByText(/Told \d+\./).first().waitFor();
	const text = await side.innerText();
	await page.keyboard.press('Escape');
	return (text.match(/Told \d+\./g) ?? []).map((s) => Number(s.match(/\d+/)[0])).sort((a, b) => a - b);
}
const upTo = (n) => Array.from({ length: n }, (_, i) => i);
const marked = (page) => page.evaluate(() => /** @type {any} */ (globalThis).stayed);

for (const [name, seconds, step] of /** @type {[string, number, number][]} */ ([['5 s', 5, 1], ['60 s', 60, 2], ['10 min', 600, 6]])) {
	test(`a server killed for ${name} is found again, nothing lost, nothing twice`, async (t) => {
		const a = await start();
		a.feed(metrics({ active: 321 }), containers(), sessions(321), ...told(3));
		const page = await open(a.url, { before: withClock });
		await live(page);
		await page.getByText('321', { exact: true }).first().waitFor();
		await page.evaluate(() => (/** @type {any} */ (globalThis).stayed = true));
		a.feed(...told(2, 3));
		await until(async () => (await inSidebar(page)).length === 5, { what: 'five alerts' });
		await a.stop('SIGKILL');
		await until(async () => !(await isLive(page)), { what: 'that it is gone is said' });
		await pass(page, seconds, { step });
		assert.equal(await isLive(page), false);
		assert.ok((await page.locator('.stale').count()) > 0, 'numbers are visibly old');
		const b = await start({ port: a.port });
		b.feed(...told(8), metrics({ active: 654 }), containers(), sessions(654)); // the five once more, and three of the time away
		t.diagnostic(`live again ${await back(page, 45)} s (of the page) after the server`);
		await page.getByText('654', { exact: true }).first().waitFor();
		await until(async () => (await inSidebar(page)).length >= 8, { what: 'eight alerts' });
		assert.deepEqual(await inSidebar(page), upTo(8));
		assert.equal(await page.locator('.card .stale, .card.stale').count(), 0, 'no number is old any more');
		assert.equal(await marked(page), true, 'without a reload');
		assert.deepEqual(page.faults, []);
	});
}

test('a server that has lost its history: what was known stays, what is new comes once', async () => {
	const a = await start();
	a.feed(metrics(), ...told(4));
	const page = await open(a.url, { before: withClock });
	await live(page);
	await until(async () => (await inSidebar(page)).length === 4, { what: 'four alerts' });
	await a.stop('SIGKILL');
	await until(async () => !(await isLive(page)), { what: 'gone' });
	await pass(page, 5);
	const b = await start({ port: a.port });
	b.feed(metrics(), ...told(4, 2));
	await back(page, 45);
	await until(async () => (await inSidebar(page)).length >= 6, { what: 'six alerts' });
	assert.deepEqual(await inSidebar(page), upTo(6));
});

test('five restarts one after the other: live after each, each alert once', async () => {
	let s = await start();
	s.feed(metrics());
	const page = await open(s.url, { before: withClock });
	await live(page);
	for (let i = 0; i < 5; i++) {
		s.feed(...told(1, 2 * i));
		await until(async () => (await inSidebar(page)).length === 2 * i + 1, { what: `alert ${2 * i}` });
		await s.stop(i % 2 ? 'SIGTERM' : 'SIGKILL');
		await until(async () => !(await isLive(page)), { what: 'gone' });
		s = await start({ port: s.port });
		s.feed(metrics(), ...told(2, 2 * i)); // what it may not have had, and a new one
		await back(page, 45);
		await until(async () => (await inSidebar(page)).length >= 2 * i + 2, { what: `alert ${2 * i + 1}` });
	}
	assert.deepEqual(await inSidebar(page), upTo(10));
	assert.deepEqual(page.faults, []);
});

test('ten minutes of failed tries ask the server no more than the plan says', async () => {
	const a = await start();
	a.feed(metrics());
	const page = await open(a.url, { before: withClock });
	await live(page);
	await a.stop('SIGKILL');
	let requests = 0;
	const before = await dials(page);
	page.on('request', () => requests++);
	await pass(page, 600, { step: 5 });
	const sockets = (await dials(page)) - before;
	assert.ok(sockets >= 15, `${sockets} tries to connect in ten minutes: it never gives up`);
	assert.ok(sockets <= 120, `${sockets} tries to connect in ten minutes`);
	assert.ok(requests <= 700, `${requests} requests in ten minutes`);
});

test('a network cut without a close is noticed within 45 s, and the page comes back', async (t) => {
	const b = await start();
	const wire = await cable(b.port);
	b.feed(metrics({ active: 111 }), sessions(111));
	const page = await open(wire.url, { before: withClock });
	await live(page);
	wire.cut();
	const noticed = await pass(page, 45, { stop: async () => !(await isLive(page)) });
	assert.equal(await isLive(page), false, 'still said to be live after 45 s');
	t.diagnostic(`noticed after ${noticed} s`);
	await pass(page, 20);
	assert.ok((await page.locator('.stale').count()) > 0, 'numbers are visibly old');
	wire.mend();
	b.feed(metrics({ active: 222 }), sessions(222));
	await back(page, 90);
	await page.getByText('222', { exact: true }).first().waitFor();
	assert.deepEqual(page.faults, []);
});

test('a link on which nothing happens stays live, and asks nothing by HTTP', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: withClock });
	await live(page);
	await page.waitForLoadState('networkidle');
	await pass(page, 3);
	await page.waitForLoadState('networkidle');
	const asked = [];
	page.on('request', (r) => asked.push(r.url()));
	page.on('websocket', (w) => asked.push(w.url()));
	await pass(page, 180);
	assert.ok(await isLive(page), await connection(page).textContent());
	assert.deepEqual(asked, []);
});

test('a server that wants a token: the page asks for it, keeps it for the session, and asks again when it is wrong', async () => {
	const b = await start();
	b.feed(metrics({ active: 77 }), sessions(77));
	const g = await guarded(b.port, 'sesame');
	const page = await open(g.url);
	const box = page.getByLabel(/token/i).and(page.locator('input')).first();
	await box.fill('wrong');
	await box.press('Enter');
	await until(async () => (await box.isVisible()) && (await box.inputValue()) !== 'wrong', { what: 'it asks again' });
	await box.fill('sesame');
	await box.press('Enter');
	await live(page);
	await page.getByText('77', { exact: true }).first().waitFor();
	assert.ok(!page.url().includes('sesame'));
	await page.reload();
	await live(page);
	assert.ok(await page.evaluate(() => JSON.stringify({ ...sessionStorage }).includes('sesame') && !JSON.stringify({ ...localStorage }).includes('sesame')), 'kept for the session only');
	assert.deepEqual(page.faults, []);
});

test('a token behind the # is taken, and taken out of the address', async () => {
	const b = await start();
	b.feed(metrics());
	const g = await guarded(b.port, 'sesame');
	const page = await open(`${g.url}/sessions#token=sesame`);
	await live(page);
	assert.ok(!page.url().includes('sesame'), page.url());
	assert.match(page.url(), /\/sessions/);
});

// The page among messages that no program of ours would write: it stays up, runs nothing of them, and shows what is right in them.
import assert from 'node:assert/strict';
import { alert, container, containerEvent, containers, metrics, open as openPage, sessionEvent, sessions, sourceStatus, start, test, until } from './harness.mjs';
import { NASTY, dice, mad, mutated, text } from './junk.mjs';
import { fake } from './servers.mjs';

/** As open(); a room that caught an error of its own and went on has failed, too. */
async function open(url, options = {}) {
	const page = await openPage(url, options);
	page.on('console', (m) => m.type() === 'error' && !/Failed to load resource|WebSocket connection|ERR_/.test(m.text()) && page.faults.push(`console: ${m.text()}`));
	return page;
}

const ROOMS = ['Overview', 'Containers', 'Sessions', 'Data'];
const goTo = (page, name) => page.getByRole('link', { name, exact: true }).first().click();

/** What a page says to eye and ear that no person should read. */
const slips = (page) =>
	page.evaluate(() => {
		const bad = /\b(undefined|NaN|null|Infinity)\b|\[object /;
		const out = [];
		const look = (s, where) => s && bad.test(s) && out.push(`${where}: ${s.trim().slice(0, 120)}`);
		look(document.title, 'title');
		const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		while (texts.nextNode()) look(texts.currentNode.nodeValue, texts.currentNode.parentElement?.className || texts.currentNode.parentElement?.tagName);
		for (const e of document.querySelectorAll('*')) {
			for (const a of ['aria-label', 'title', 'aria-valuetext', 'placeholder', 'datetime', 'alt']) look(e.getAttribute(a), a);
			if (e instanceof HTMLInputElement) look(e.value, 'value');
		}
		return out;
	});

async function sane(page, where) {
	assert.deepEqual(await slips(page), [], `${where}: what is said`);
	assert.deepEqual(page.faults, [], `${where}: errors`);
	const state = await page.evaluate(() => ({
		hacked: /** @type {any} */ (globalThis).hacked ?? null,
		polluted: /** @type {any} */ ({}).polluted ?? null,
		broken: [...document.querySelectorAll('[role=alert]')].filter((e) => e.checkVisibility() && /cannot be shown/.test(e.textContent)).map((e) => e.textContent),
		foreign: document.querySelectorAll('img:not([src$="icon.svg"]), iframe, object, embed, script:not([src])').length,
		csp: /** @type {any} */ (globalThis).cspReports,
	}));
	assert.deepEqual(state, { hacked: null, polluted: null, broken: [], foreign: 0, csp: [] }, where);
}

async function everyRoom(page) {
	for (const name of ROOMS) {
		await goTo(page, name);
		await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
		await sane(page, name);
	}
	await page.getByRole('button', { name: /^Alerts/ }).first().click();
	await page.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
	await sane(page, 'Alerts');
	await page.keyboard.press('Escape');
}

const GOOD = () => [
	metrics(), containers(), sessions(), sessionEvent({ session: 'abc' }), alert({ value: 85, threshold: 80 }), alert({ state: 'resolved', level: 'info' }), containerEvent('kato'),
	sourceStatus('kato-metrics', 'down', { error: 'connection refused' }), { type: 'services', id: 'api', timestamp: new Date().toISOString(), data: { name: 'api', metrics: { p95: 1 }, points: [[1, 2]] } },
];
/** The same as they travel: the sections inside a realtime_update. */
function onTheWire(record) {
	const section = { metrics: 1, containers: 1, sessions: 1 }[record.type];
	if (section) return { type: 'realtime_update', timestamp: record.timestamp, data: { [record.type]: record.data } };
	return record.alerts || /event$/.test(record.type) ? { ...record, offset: 1 } : record;
}
const at = () => new Date().toISOString();
const hello = () => ({ type: 'connected', timestamp: at(), epoch: 'e1', offset: 0, server: 'fake', topics: ['metrics'], flags: {} });

/** After all that, the next right messages are on the screen. */
async function restUpdates(page, say, n) {
	await goTo(page, 'Overview');
	await until(async () => {
		say(metrics({ active: n, total: 7_000_000 + n, processors: n }), sessions(n, n));
		return page.getByText(String(n), { exact: true }).first().isVisible();
	}, { what: `the overview shows ${n}` });
	await goTo(page, 'Containers');
	await until(async () => {
		say(containers([container(`right-${n}`), container('kato')]));
		return page.getByRole('table').getByText(`right-${n}`).first().isVisible();
	}, { what: 'the right container is in the table' });
	await goTo(page, 'Sessions');
	say(sessionEvent({ session: `right-session-${n}`, id: `right-session-${n}` }));
	await page.getByText(`right-session-${n}`).first().waitFor();
	say(alert({ level: 'error', key: `right_${n}`, message: `Right alert ${n}` }));
	await page.getByText(`Right alert ${n}`).first().waitFor();
}

for (const seed of [1, 2, 3]) {
	test(`changed records through the real broadcaster, seed ${seed}`, async () => {
		const b = await start();
		const roll = dice(seed);
		const page = await open(b.url);
		for (const name of ROOMS) {
			await goTo(page, name);
			for (let i = 0; i < 60; i++) b.feed(text(mutated(GOOD()[i % 9], roll)));
			await restOfTurn(page);
			await sane(page, name);
		}
		await everyRoom(page);
		await restUpdates(page, b.feed, 500 + seed);
		await everyRoom(page);
	});
}
const restOfTurn = (page) => page.evaluate(() => new Promise((r) => setTimeout(() => requestAnimationFrame(r), 60)));

for (const seed of [11, 12, 13]) {
	test(`a server gone mad on every channel, seed ${seed}`, async () => {
		const roll = dice(seed);
		let calm = false;
		const good = () => GOOD().map(onTheWire);
		const answers = [{ time_series: { kato_cpu_usage_percent: [{ timestamp: 1, value: 2 }] } }, { events: GOOD(), epoch: 'e1', offset: 3 }, { alerts: GOOD(), events: GOOD() }, { records: GOOD(), topics: ['a'] }, GOOD()[0].data, GOOD()[1].data, { url: '', enabled: true, containerStats: true }];
		const f = await fake({
			answer: (_path, res) => {
				if (calm) return res.writeHead(404).end();
				const what = roll();
				if (what < 0.15) return res.writeHead([404, 500, 503, 204, 429][Math.floor(roll() * 5)]).end();
				if (what < 0.2) return res.destroy();
				res.writeHead(200, { 'Content-Type': what < 0.3 ? 'text/html' : 'application/json' });
				res.end(what < 0.35 ? mad(good(), roll) : text(mutated(answers[Math.floor(roll() * answers.length)], roll)));
			},
			joined: (socket) => {
				if (calm || roll() < 0.5) socket.send(text(hello()));
				for (let i = 0; !calm && i < 100; i++) socket.send(mad(good(), roll));
			},
		});
		const page = await open(f.url);
		await until(() => f.clients.size > 0, { what: 'the page connects' });
		for (const name of ROOMS) {
			await goTo(page, name);
			for (let i = 0; i < 100; i++) f.say(mad(good(), roll));
			if (roll() < 0.5) f.say(Buffer.from([1, 2, 255, 0]));
			await restOfTurn(page);
			await sane(page, name);
		}
		await everyRoom(page);
		calm = true;
		f.say(text(hello()));
		await restUpdates(page, (...records) => f.clients.size && records.forEach((r) => f.say(text(onTheWire({ ...r, timestamp: at() })))), 600 + seed);
		await everyRoom(page);
	});
}

test('names that would be markup or paths are shown as they are, also on a page of their own', async () => {
	const names = NASTY.filter((n) => n.trim() && !/[\u0000\ud800]/.test(n));
	const b = await start();
	b.feed(containers(names.map((n) => container(n))), ...names.slice(0, 4).flatMap((n) => [containerEvent(n), alert({ key: n, type: n, message: n, container_name: n, level: 'error' })]));
	const page = await open(b.url);
	await goTo(page, 'Containers');
	await page.getByRole('table').getByText('<img src=x onerror="globalThis.hacked=1">').first().waitFor();
	for (const n of names.slice(0, 8)) {
		await goTo(page, 'Containers');
		await page.getByRole('table').getByText(n, { exact: true }).first().click();
		await page.getByRole('heading', { name: n }).first().waitFor();
		await page.reload();
		await page.getByRole('heading', { name: n }).first().waitFor();
	}
	await everyRoom(page);
});

test('a name of 300,000 characters does not push anything off the page', async () => {
	const b = await start();
	b.feed(containers([container('x'.repeat(300_000)), container('kato')]), alert({ message: 'y'.repeat(300_000), key: 'long' }), sourceStatus('z'.repeat(1000), 'down', { error: 'e'.repeat(5000) }));
	for (const context of [{}, { viewport: { width: 390, height: 844 } }]) {
		const page = await open(b.url, { context });
		for (const name of ROOMS) {
			await goTo(page, name);
			await restOfTurn(page);
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
			assert.ok(wide <= 1, `${name}: ${wide} px too wide`);
		}
		assert.deepEqual(page.faults, []);
	}
});

test('ten thousand alerts at once: the page answers, counts them and goes on', { timeout: 90000 }, async (t) => {
	const b = await start();
	const page = await open(b.url);
	await page.getByRole('link', { name: 'Overview' }).first().waitFor();
	const began = Date.now();
	const many = Array.from({ length: 10_000 }, (_, i) => alert({ id: `storm-${i}`, key: `key_${i % 3000}`, level: ['info', 'warning', 'error'][i % 3], message: `Storm ${i}` }));
	for (let i = 0; i < many.length; i += 500) b.feed(...many.slice(i, i + 500));
	await page.getByRole('button', { name: /^Alerts.*(10,?000|\d,?\d{3}\+?|99\+)/ }).first().waitFor({ timeout: 40_000 });
	t.diagnostic(`in the badge after ${Date.now() - began} ms`);
	const asked = Date.now();
	await page.getByRole('button', { name: /^Alerts/ }).first().click();
	const side = page.getByRole('dialog', { name: 'Alerts' }).or(page.getByRole('complementary', { name: 'Alerts' }));
	await side.getByRole('searchbox').fill('Storm 9999');
	await side.getByText('Storm 9999').first().waitFor();
	t.diagnostic(`opened and searched in ${Date.now() - asked} ms`);
	const elements = await page.evaluate(() => document.querySelectorAll('*').length);
	t.diagnostic(`${elements} elements`);
	await side.getByRole('searchbox').fill('');
	assert.ok((await page.evaluate(() => document.querySelectorAll('*').length)) < 12_000, 'the list is drawn in parts');
	assert.ok((await page.getByRole('button', { name: 'Dismiss' }).count()) <= 3, 'three toasts at most');
	await page.keyboard.press('Escape');
	await restUpdates(page, b.feed, 700);
	assert.deepEqual(page.faults, []);
});

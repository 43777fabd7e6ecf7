// The frame of the page: header, connection, notices, sources, keys, theme, router, and what a page that throws does to the others.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ROOT, containers, metrics, open, sessions, sourceStatus, start, test, until } from './harness.mjs';

const FAKE = readFileSync(`${ROOT}/tests/web/fake-live.js`, 'utf8');
const script = (body) => ({ contentType: 'text/javascript', body });

/** The page over a link that the test holds in its hands. */
async function fake(path = '/', { modules = {}, ...options } = {}) {
	const b = await start();
	const before = async (page) => {
		await page.route('**/live.js', (r) => r.fulfill(script(FAKE)));
		for (const [name, body] of Object.entries(modules)) await page.route(`**/${name}`, (r) => (body === null ? r.fulfill({ status: 404 }) : r.fulfill(script(body))));
		await options.before?.(page);
	};
	const page = await open(b.url + path, { ...options, before });
	await page.waitForFunction(() => globalThis.fakeLive);
	page.say = (status) => page.evaluate((s) => globalThis.fakeLive.say(s), status);
	page.give = (...messages) => page.evaluate((m) => globalThis.fakeLive.give(...m), messages);
	return page;
}
const update = (data, more = {}) => ({ type: 'realtime_update', data, ...more });
const status = (page) => page.getByRole('status', { name: 'Connection' });
const words = async (locator, pattern) => locator.filter({ hasText: pattern }).waitFor();
const view = (draw) => `export const createOverview = () => ({ el: document.createElement('p'), title: 'Overview', topics: ['metrics'], show() {}, hide() {}, draw(now) { ${draw} } });`;

test('the header: title, connection beside it, four links, Refresh, theme, keys', async () => {
	const b = await start();
	const page = await open(b.url);
	for (const name of ['Overview', 'Containers', 'Sessions', 'Data']) await page.getByRole('navigation').getByRole('link', { name, exact: true }).waitFor();
	await page.getByRole('button', { name: 'Refresh' }).waitFor();
	await page.getByRole('combobox', { name: 'Theme' }).waitFor();
	const title = await page.getByRole('link', { name: 'KATO Live' }).boundingBox(), link = await status(page).boundingBox();
	assert.ok(link.x - (title.x + title.width) < 60 && Math.abs(link.y + link.height / 2 - title.y - title.height / 2) < 20, 'the connection stands beside the title');
	assert.deepEqual(page.faults, []);
});

test('live, with latency and the age of the newest message', async () => {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url);
	await words(status(page), /^Live/);
	await words(status(page), /newest message/);
	const other = await fake();
	await other.say({ state: 'live', latency: 3.21, heard: Date.now() - 4000 });
	await words(status(other), /Live\s*3\.2 ms · newest message [34]s ago/);
});

test('each state of the link has its word, and its reason is told', async () => {
	const page = await fake();
	const told = [
		[{ state: 'connecting' }, /^Connecting/], [{ state: 'polling', reason: 'the WebSocket is refused (503)' }, /^Polling.*the WebSocket is refused \(503\)/],
		[{ state: 'stale', reason: 'nothing heard for 45 s' }, /^Stale.*nothing heard for 45 s/], [{ state: 'off', reason: '' }, /^Off/],
		[{ state: 'reconnecting', retryAt: Date.now() + 60000, reason: 'the server restarts (1012)' }, /^Reconnecting in (60|59|58) s.*the server restarts \(1012\)/],
	];
	for (const [s, text] of told) {
		await page.say({ reason: '', ...s });
		await words(status(page), text);
	}
});

test('a screen reader hears a change of state, not each second', async () => {
	const page = await fake();
	await page.say({ state: 'reconnecting', retryAt: Date.now() + 30000, heard: Date.now() - 5000, reason: 'lost' });
	await words(status(page), /in \d+ s/);
	await page.evaluate(() => {
		globalThis.heard = [];
		const off = (n) => (n.nodeType === 1 ? n : n.parentElement).closest('[aria-live=off]');
		new MutationObserver((list) => list.forEach((m) => globalThis.heard.push(`${off(m.target) ? 'mute' : 'said'} ${m.target.textContent}`)))
			.observe(document.getElementById('connection'), { subtree: true, childList: true, characterData: true });
	});
	await page.waitForFunction(() => globalThis.heard.filter((x) => x.startsWith('mute')).length >= 2);
	assert.deepEqual(await page.evaluate(() => globalThis.heard.filter((x) => x.startsWith('said'))), []);
	await page.say({ state: 'live', latency: 2 });
	await page.waitForFunction(() => globalThis.heard.includes('said Live'));
});

test('a section that the server does not push is said', async () => {
	const page = await fake();
	await page.give({ type: 'connected', epoch: 'e', offset: 0, flags: { container_stats: false, session_events: true, system_alerts: false } });
	await page.getByText('Container statistics are not pushed: polled every 5 s.').waitFor();
	await page.getByText('Alerts are not pushed').waitFor();
	assert.equal(await page.getByText('Session counts').count(), 0);
	await page.give({ type: 'connected', epoch: 'e', offset: 0, flags: { container_stats: true, system_alerts: true } });
	await page.getByText('are not pushed').first().waitFor({ state: 'detached' });
});

test('demo data is labelled on every page, and no longer once it is over', async () => {
	const page = await fake();
	await page.give(update({ metrics: {} }, { demo: true }));
	for (const name of ['Overview', 'Containers', 'Sessions', 'Data']) {
		await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
		await page.getByText('Demo data: a bundled recording, not your system.').waitFor();
	}
	await page.give(update({ metrics: {} }));
	await page.getByText('Demo data').waitFor({ state: 'detached' });
});

test('the strip of sources: each collector, up or down, since when and why', async () => {
	const b = await start();
	b.feed(sourceStatus('kato-metrics'), sourceStatus('docker-stats', 'down', { error: 'connection <b>refused</b>', since: Date.now() - 3600000 }), sourceStatus('session-watch', 'degraded', { error: '2 of 3' }));
	const page = await open(b.url);
	const strip = page.getByRole('region', { name: 'Sources' });
	const chip = (name) => strip.getByRole('listitem').filter({ hasText: name });
	await words(chip('docker-stats'), /docker-stats down since \d\d:\d\d:\d\d: connection <b>refused<\/b>|since \d{4}-/);
	await words(chip('session-watch'), /session-watch degraded since .*: 2 of 3/);
	await words(chip('kato-metrics'), /kato-metrics up since/);
	assert.match(await chip('docker-stats').locator('time').getAttribute('title'), /UTC$/);
	b.feed(sourceStatus('docker-stats'));
	await words(chip('docker-stats'), /docker-stats up/);
	assert.deepEqual(page.faults, []);
});

test('a page that throws while drawing is a card, tells the reason, and comes back with the next good reading', async () => {
	const page = await fake('/', { modules: { 'overview.js': view(`if (globalThis.bad !== false) throw new Error('no such <b>figure</b>'); this.el.textContent = 'drawn';`) } });
	await page.getByText('Overview cannot be shown').waitFor();
	await page.getByText('no such <b>figure</b>').waitFor();
	await page.getByRole('navigation').getByRole('link', { name: 'Sessions', exact: true }).click();
	await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
	assert.equal(await page.getByText('cannot be shown').filter({ visible: true }).count(), 0);
	await page.evaluate(() => (globalThis.bad = false));
	await page.getByRole('navigation').getByRole('link', { name: 'Overview', exact: true }).click();
	await page.getByText('drawn').waitFor();
	assert.equal(await page.getByText('cannot be shown').filter({ visible: true }).count(), 0);
});

test('a page that is missing, or throws when it is made, takes no other with it', async () => {
	const page = await fake('/', { modules: { 'overview.js': null, 'containers.js': 'export function createContainers() { throw new Error("broken on purpose"); }', 'alerts.js': 'throw new Error("no")', 'toasts.js': null } });
	await page.getByText('Overview cannot be shown').waitFor();
	await page.getByRole('navigation').getByRole('link', { name: 'Containers', exact: true }).click();
	await page.getByText('broken on purpose').waitFor();
	await page.getByRole('navigation').getByRole('link', { name: 'Data', exact: true }).click();
	await page.getByRole('heading', { name: 'Data', level: 1 }).waitFor();
	assert.equal(await page.getByText('cannot be shown').filter({ visible: true }).count(), 0);
	await page.say({ state: 'live', latency: 1 });
	await words(status(page), /^Live/);
});

test('real paths: a link has the address, back and forward work, a reload stays, the link in view is marked', async () => {
	const b = await start();
	const page = await open(b.url);
	const here = (name) => page.waitForFunction((n) => document.querySelector('nav [aria-current=page]')?.textContent === n, name);
	await here('Overview');
	await page.getByRole('navigation').getByRole('link', { name: 'Containers', exact: true }).click();
	await here('Containers');
	assert.equal(new URL(page.url()).pathname, '/containers');
	await page.getByRole('navigation').getByRole('link', { name: 'Data', exact: true }).click();
	await here('Data');
	await page.goBack();
	await here('Containers');
	await page.goForward();
	await here('Data');
	await page.reload();
	await here('Data');
	assert.equal(await page.locator('nav [aria-current]').count(), 1);
	assert.deepEqual(page.faults, []);
});

test('an address that is no page says so', async () => {
	const b = await start();
	const page = await open(`${b.url}/nowhere`);
	await page.getByText('There is no such page.').waitFor();
	await page.getByRole('link', { name: 'Back to the overview' }).click();
	await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
});

test('the keys: ? lists them all, Esc closes the list, figures and g go to the pages, r refreshes, / finds the search', async () => {
	const page = await fake();
	await page.getByRole('button', { name: 'Refresh' }).waitFor();
	await page.keyboard.press('?');
	const help = page.getByRole('dialog', { name: 'Keys' });
	await help.waitFor();
	const listed = await help.locator('kbd').allTextContents();
	for (const k of ['1', '2', '3', '4', 'g', 'o', 'c', 's', 'd', '/', 'a', 'r', '?', 'Esc']) assert.ok(listed.includes(k), `${k} is listed`);
	await page.keyboard.press('Escape');
	await help.waitFor({ state: 'hidden' });
	for (const [keys, path] of [['2', '/containers'], ['3', '/sessions'], ['4', '/data'], ['1', '/'], ['g c', '/containers'], ['g s', '/sessions'], ['g d', '/data'], ['g o', '/']]) {
		for (const k of keys.split(' ')) await page.keyboard.press(k);
		await until(() => new URL(page.url()).pathname === path, { what: `${keys} goes to ${path}` });
	}
	const before = await page.evaluate(() => globalThis.fakeLive.refreshed);
	await page.keyboard.press('r');
	assert.equal(await page.evaluate(() => globalThis.fakeLive.refreshed), before + 1);
	await page.keyboard.press('2');
	await page.getByRole('searchbox').waitFor();
	await page.keyboard.press('/');
	assert.equal(await page.evaluate(() => document.activeElement.type), 'search');
	await page.keyboard.type('1r?');
	assert.equal(await page.getByRole('searchbox').inputValue(), '1r?', 'in a field keys are text');
	assert.equal(new URL(page.url()).pathname, '/containers');
});

test('Esc closes the topmost thing alone', async () => {
	const page = await fake('/', { modules: { 'overview.js': `export const createOverview = (ctx) => { globalThis.keys = ctx.keys; return { el: document.createElement('p'), title: 'x', topics: [], show() {}, hide() {}, draw() {} }; };` } });
	await page.waitForFunction(() => globalThis.keys);
	await page.evaluate(() => {
		globalThis.shut = [];
		for (const name of ['under', 'over']) {
			const release = globalThis.keys.onEscape(() => (globalThis.shut.push(name), release()));
		}
	});
	await page.keyboard.press('?');
	await page.keyboard.press('Escape');
	await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
	assert.deepEqual(await page.evaluate(() => globalThis.shut), []);
	await page.keyboard.press('Escape');
	assert.deepEqual(await page.evaluate(() => globalThis.shut), ['over']);
	await page.keyboard.press('Escape');
	assert.deepEqual(await page.evaluate(() => globalThis.shut), ['over', 'under']);
});

test('the theme follows the system, the switch is kept, and System gives it back', async () => {
	const page = await fake('/', { context: { colorScheme: 'dark' } });
	const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const dark = await background();
	await page.emulateMedia({ colorScheme: 'light' });
	const light = await background();
	assert.notEqual(light, dark);
	await page.evaluate(() => document.addEventListener('themechange', () => (globalThis.changes = (globalThis.changes ?? 0) + 1)));
	await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
	assert.equal(await background(), dark);
	await page.waitForFunction(() => globalThis.changes);
	await page.reload();
	assert.equal(await background(), dark, 'kept');
	assert.equal(await page.getByRole('combobox', { name: 'Theme' }).inputValue(), 'dark');
	await page.getByRole('combobox', { name: 'Theme' }).selectOption('System');
	assert.equal(await background(), light);
});

test('the title of the tab tells the state and the page', async () => {
	const page = await fake();
	await page.say({ state: 'live' });
	await page.waitForFunction(() => document.title === 'KATO Live');
	await page.say({ state: 'polling' });
	await page.waitForFunction(() => document.title === 'KATO Live · Polling');
	await page.keyboard.press('3');
	await page.waitForFunction(() => document.title === 'KATO Live · Sessions · Polling');
});

test('unread alerts are counted in the title of the tab', async () => {
	const page = await fake();
	await page.say({ state: 'live' });
	await page.getByRole('button', { name: /^Alerts/ }).waitFor();
	for (const key of ['a', 'b', 'c'])
		await page.give({ type: 'system_alert', id: `alert_${key}`, offset: key.charCodeAt(0), alerts: [{ level: 'error', type: 'high_cpu', message: key, state: 'firing', since: new Date().toISOString(), key }] });
	await page.waitForFunction(() => document.title === '(3) KATO Live');
});

test('the page in view is subscribed to, and what is always needed; a hidden tab every 10 s, and at once when shown', async () => {
	const page = await fake();
	const wish = () => page.evaluate(() => globalThis.fakeLive.wishes.page);
	const hide = (hidden) => page.evaluate((is) => {
		Object.defineProperty(document, 'hidden', { value: is, configurable: true });
		document.dispatchEvent(new Event('visibilitychange'));
	}, hidden);
	await until(async () => (await wish()).topics.includes('metrics'));
	await page.keyboard.press('3');
	await until(async () => !(await wish()).topics.includes('metrics') && (await wish()).topics.includes('session_events'));
	for (const topic of ['source_status', 'system_alerts']) assert.ok((await wish()).topics.includes(topic), topic);
	assert.equal((await wish()).every, undefined);
	const before = await page.evaluate(() => globalThis.fakeLive.refreshed);
	await hide(true);
	assert.equal((await wish()).every, 10);
	await hide(false);
	assert.equal((await wish()).every, undefined);
	assert.equal(await page.evaluate(() => globalThis.fakeLive.refreshed), before + 1);
});

test('without a token the page asks for it, keeps it for the tab and says why one was refused', async () => {
	const page = await fake();
	await page.say({ state: 'unauthorized', reason: 'HTTP 401' });
	const dialog = page.getByRole('dialog', { name: 'This server asks for a token' });
	await dialog.waitFor();
	await words(status(page), /^Token required/);
	await dialog.getByLabel('Token').fill('  abc.def  ');
	await dialog.getByRole('button', { name: 'Connect' }).click();
	await dialog.waitFor({ state: 'hidden' });
	assert.equal(await page.evaluate(() => globalThis.fakeLive.token), 'abc.def');
	assert.equal(await page.evaluate(() => Object.values(sessionStorage).includes('abc.def') && !Object.values(localStorage).includes('abc.def')), true);
	await page.say({ state: 'unauthorized', reason: 'the token has run out' });
	await dialog.getByText('Not accepted: the token has run out').waitFor();
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'hidden' });
	await page.say({ state: 'unauthorized', reason: 'HTTP 401', tries: 2 });
	assert.equal(await dialog.isVisible(), false, 'asked once, not for ever');
	await page.getByRole('button', { name: 'Give a token' }).click();
	await dialog.waitFor();
});

test('a token in the address is used and taken out of the address bar', async () => {
	const page = await fake('/#token=x.y.z');
	assert.equal(await page.evaluate(() => globalThis.fakeLive.options.token), 'x.y.z');
	assert.equal(new URL(page.url()).hash, '');
	await page.reload();
	await page.waitForFunction(() => globalThis.fakeLive?.options.token === 'x.y.z');
});

test('the settings of the server reach the link, also when they come late or not at all', async () => {
	const page = await fake('/', { before: (p) => p.route('**/config.json', (r) => r.fulfill({ json: { enabled: false, containerStats: false } })) });
	assert.deepEqual(await page.evaluate(() => [globalThis.fakeLive.options.enabled, globalThis.fakeLive.options.containerStats, globalThis.fakeLive.options.alerts]), [false, false, true]);
	await page.getByText('Container statistics are not pushed').waitFor();
	const other = await fake('/', { before: (p) => p.route('**/config.json', () => {}) });
	assert.equal(await other.evaluate(() => globalThis.fakeLive.options.enabled), true);
});

test('numbers are those of the last reading, and the page says when the server is gone', async () => {
	const b = await start();
	b.feed(metrics({ active: 42 }), containers(), sessions(42), sourceStatus('kato-metrics'));
	const page = await open(b.url);
	await words(status(page), /^Live/);
	await page.getByText('42').first().waitFor();
	await b.stop();
	await words(status(page), /^(Reconnecting|Polling|Stale)/);
	const again = await start({ port: b.port });
	again.feed(metrics({ active: 43 }), sessions(43));
	await words(status(page), /^Live/);
	await page.getByText('43').first().waitFor();
	assert.deepEqual(page.faults, []);
});

for (const path of ['/', '/containers', '/sessions', '/data'])
	test(`${path} on a phone: nothing lies outside, the links can be used`, async () => {
		const b = await start();
		b.feed(metrics(), containers(), sessions(), sourceStatus('docker-stats', 'down', { error: `x${'y'.repeat(300)}` }));
		const page = await open(b.url + path, { context: { viewport: { width: 390, height: 844 } } });
		await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
		await page.getByText('docker-stats').first().waitFor();
		assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
		for (const link of await page.getByRole('navigation').getByRole('link').all()) {
			const box = await link.boundingBox();
			assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.height >= 32);
		}
	});

test('what is said in words by anyone on the wire is never markup', async () => {
	const page = await fake();
	const evil = '<img src=x onerror="globalThis.bad=1">';
	await page.say({ state: 'polling', reason: evil });
	await page.give({ type: 'source_status', data: { source: evil, status: 'down', error: evil, since: new Date().toISOString() } }, update({ metrics: { sessions: { active: evil } } }));
	await page.getByRole('region', { name: 'Sources' }).getByText(evil).first().waitFor();
	assert.equal(await page.locator('img[src=x]').count(), 0);
	assert.equal(await page.evaluate(() => globalThis.bad), undefined);
	assert.deepEqual(await page.evaluate(() => globalThis.cspReports), []);
});

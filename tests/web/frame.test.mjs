// Pages, paths, keys, theme and token; and what a page that throws does to the others.
import assert from 'node:assert/strict';
import { fake, link, status, words } from './fake.mjs';
import { open, start, test, until } from './harness.mjs';

const view = (draw) => `export const createOverview = () => ({ el: document.createElement('p'), title: 'Overview', topics: ['metrics'], show() {}, hide() {}, draw(now) { ${draw} } });`;

test('a page that throws while drawing is a card, tells the reason, and comes back with the next good reading', async () => {
	const page = await fake('/', { modules: { 'overview.js': view(`if (globalThis.bad !== false) throw new Error('no such <b>figure</b>'); this.el.textContent = 'drawn';`) } });
	await page.getByText('Overview cannot be shown').waitFor();
	await page.getByText('no such <b>figure</b>').waitFor();
	await link(page, 'Sessions').click();
	await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
	assert.equal(await page.getByText('cannot be shown').filter({ visible: true }).count(), 0);
	await page.evaluate(() => (globalThis.bad = false));
	await link(page, 'Overview').click();
	await page.getByText('drawn').waitFor();
	assert.equal(await page.getByText('cannot be shown').filter({ visible: true }).count(), 0);
});

test('a page that is missing, or throws when it is made, takes no other with it', async () => {
	const page = await fake('/', { modules: { 'overview.js': null, 'containers.js': 'export function createContainers() { throw new Error("broken on purpose"); }', 'alerts.js': 'throw new Error("no")', 'toasts.js': null } });
	await page.getByText('Overview cannot be shown').waitFor();
	await link(page, 'Containers').click();
	await page.getByText('broken on purpose').waitFor();
	await link(page, 'Data').click();
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
	await link(page, 'Containers').click();
	await here('Containers');
	assert.equal(new URL(page.url()).pathname, '/containers');
	await link(page, 'Data').click();
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

test('the way back leads to the place on the page that was left', async () => {
	const tall = `const el = document.createElement('div'); el.style.height = '4000px'; export const createOverview = () => ({ el, title: 'Overview', topics: [], show() {}, hide() {}, draw() {} });`;
	const page = await fake('/', { modules: { 'overview.js': tall } });
	await page.waitForFunction(() => document.body.scrollHeight > 4000);
	await page.evaluate(() => scrollTo(0, 1234));
	await page.keyboard.press('3');
	await page.waitForFunction(() => scrollY === 0 && location.pathname === '/sessions');
	await page.goBack();
	await page.waitForFunction(() => scrollY === 1234);
});

test('requests go to the server that the connection goes to', async () => {
	const asked = [];
	const before = async (p) => {
		await p.route('**/config.json', (r) => r.fulfill({ json: { url: 'ws://localhost:1/below/ws' } }));
		p.on('request', (r) => asked.push(r.url()));
	};
	await fake('/', { before, context: { bypassCSP: true } }); // the policy names that server only when the real settings do
	await until(() => asked.some((u) => u.startsWith('http://localhost:1/below/api/v1/')));
	assert.equal(asked.some((u) => /127\.0\.0\.1:\d+\/api\//.test(u)), false);
});

// What toasts look like and say, in a browser.
import assert from 'node:assert/strict';
import { alert, metrics, open, start, test, until } from './harness.mjs';

const toasts = (page) => page.locator('.toast', { has: page.getByRole('button', { name: 'Dismiss', exact: true }) });
const toast = (page, text) => toasts(page).filter({ hasText: text });
const isLive = (page) => page.getByRole('status').filter({ hasText: /Live/ }).first().waitFor();
const gone = (locator) => locator.waitFor({ state: 'detached' });
const sidebar = (page) => page.getByRole('complementary', { name: 'Alerts' });

async function live({ clock = false, ...how } = /** @type {any} */ ({})) {
	const b = await start();
	b.feed(metrics());
	const page = await open(b.url, { before: async (p) => clock && p.clock.install(), ...how });
	await isLive(page);
	await page.getByRole('button', { name: /^Alerts, 0 unread/ }).waitFor();
	return { b, page };
}
const failing = (key, more = {}) => alert({ level: 'error', type: 'container_down', key, container_name: key, status: 'exited', message: `Container '${key}' is exited`, ...more });

test('a toast is there within 50 ms of its message', async (t) => {
	const b = await start();
	const page = await open(b.url, {
		before: (p) => p.addInitScript(() => {
			const seen = /** @type {any} */ (globalThis).seen = { came: 0, shown: 0, took: [] };
			const Real = WebSocket;
			globalThis.WebSocket = class extends Real {
				constructor(/** @type {[any, any]} */ ...a) {
					super(...a);
					super.addEventListener('message', (e) => String(e.data).includes('system_alert') && (seen.came = performance.now()));
				}
			};
			document.addEventListener('DOMContentLoaded', () => new MutationObserver((list) => {
				if (list.some((m) => [...m.addedNodes].some((n) => n instanceof Element && n.matches('.toast')))) seen.took.push(performance.now() - seen.came);
			}).observe(document.body, { childList: true, subtree: true }));
		}),
	});
	await isLive(page);
	await page.getByRole('button', { name: /^Alerts, 0 unread/ }).waitFor();
	for (let i = 0; i < 3; i++) {
		b.feed(alert({ key: `k${i}`, message: `Number ${i}.` }));
		await toast(page, `Number ${i}.`).waitFor();
	}
	const took = await page.evaluate(() => /** @type {any} */ (globalThis).seen.took);
	t.diagnostic(`message to toast: ${took.map((ms) => ms.toFixed(1)).join(', ')} ms`);
	assert.equal(took.length, 3);
	assert.ok(Math.max(...took) < 50, String(took));
});

test('the live regions are there from the start, errors are said at once', async () => {
	const { b, page } = await live();
	assert.equal(await page.locator('.toasts [aria-live=polite]').count(), 1);
	assert.equal(await page.locator('.toasts [aria-live=assertive]').count(), 1);
	assert.equal(await page.locator('.toasts [aria-live]').evaluateAll((list) => list.some((e) => getComputedStyle(e).display === 'none')), false);
	b.feed(alert({ message: 'a warning' }), failing('redis'));
	await page.locator('[aria-live=polite] .toast', { hasText: 'a warning' }).waitFor();
	await page.locator('[aria-live=assertive] .toast', { hasText: 'redis' }).waitFor();
});

for (const [name, viewport] of /** @type {[string, any][]} */ ([['a desk', { width: 1440, height: 900 }], ['a phone', { width: 390, height: 844 }], ['a low window', { width: 1000, height: 420 }]])) {
	test(`three at most, clear of each other and of the header: ${name}`, async () => {
		const { b, page } = await live({ context: { viewport } });
		for (let i = 0; i < 8; i++) b.feed(alert({ key: `k${i}`, type: 'high_memory', message: `Number ${i}: ${'long words '.repeat(40)}`, value: 93, threshold: 85 }));
		await page.getByText('and 5 more').waitFor();
		assert.equal(await toasts(page).count(), 3);
		await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished))); // where they come to rest
		const boxes = await page.locator('.toast:visible').evaluateAll((list) => list.map((e) => e.getBoundingClientRect()).map(({ top, bottom, left, right }) => ({ top, bottom, left, right })));
		const header = await page.getByRole('banner').boundingBox(), area = await page.locator('.toasts').boundingBox();
		assert.ok(area && header && area.y >= header.y + header.height, 'below the header');
		for (const [i, a] of boxes.entries()) for (const c of boxes.slice(i + 1)) assert.ok(a.bottom <= c.top || c.bottom <= a.top, 'one over another');
		assert.ok(boxes.every((x) => x.left >= 0 && x.right <= viewport.width), 'within the window');
	});
}

test('one toast a key, with a count', async () => {
	const { b, page } = await live();
	for (let i = 1; i <= 4; i++) b.feed(alert({ message: `CPU ${i}.` }));
	await toast(page, 'CPU 4.').filter({ hasText: '×4' }).waitFor();
	assert.equal(await toasts(page).count(), 1);
});

test('the end of an alert takes its toast away, and no other', async () => {
	const { b, page } = await live();
	const since = new Date().toISOString();
	b.feed(failing('redis', { since }), failing('qdrant', { since }));
	await toast(page, 'redis').waitFor();
	b.feed(failing('redis', { since, state: 'resolved', level: 'info', message: 'redis is running again' }));
	await gone(toast(page, "'redis' is exited"));
	assert.equal(await toasts(page).count(), 1);
	await toast(page, 'qdrant').waitFor();
});

test('what was read in the sidebar needs no toast', async () => {
	const { b, page } = await live();
	b.feed(failing('redis'));
	await toast(page, 'redis').waitFor();
	await page.getByRole('button', { name: /^Alerts/ }).click();
	await page.getByRole('button', { name: 'Mark all read' }).click();
	await gone(toasts(page));
});

test('the words of a message are never markup', async () => {
	const { b, page } = await live();
	const evil = '<img src=x onerror="globalThis.hacked=1">';
	b.feed(alert({ message: evil, container_name: evil, key: evil, type: evil, level: 'error' }));
	await toast(page, evil).waitFor();
	await page.getByRole('button', { name: /^Alerts, 1 unread/ }).click();
	await sidebar(page).locator('.alert-head').click();
	assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).hacked), undefined);
	assert.equal(await page.locator('img[src=x]').count(), 0);
	assert.deepEqual(page.faults, []);
});

test('with reduced motion nothing slides', async () => {
	const { b, page } = await live({ context: { reducedMotion: 'reduce' } });
	b.feed(failing('redis'));
	await toast(page, 'redis').waitFor();
	assert.equal(await toast(page, 'redis').evaluate((e) => getComputedStyle(e).animationName), 'none');
});

// For who does not see, does not point, or holds a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judged, tick, tiers } from './fleet.mjs';
import { ROOT, alert, container, containerEvent, containers, metrics, open, sessionEvent, sessions, sourceStatus, start, test, until } from './harness.mjs';

const AXE = readFileSync(join(ROOT, 'tests/web/node_modules/axe-core/axe.min.js'), 'utf8');
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const ROOMS = ['/', '/containers', '/sessions', '/data', '/diagnostics'], ONES = ['/containers/kato', '/diagnostics/api-5'];

async function busy() {
	const b = await start();
	b.feed(
		metrics(), sessions(),
		containers([container('kato'), container('kato-redis', { health: 'unhealthy' }), container('kato-qdrant', { status: 'exited', cpu: 0, mb: 0 }), container('kato-db', { status: 'missing', cpu: 0, mb: 0 })]),
		sourceStatus('kato-metrics'), sourceStatus('docker-stats', 'degraded', { error: 'one container did not answer' }), sourceStatus('session-watch', 'down', { error: 'connection refused' }),
		sessionEvent({ session: 'one' }), sessionEvent({ created: false, session: 'two' }), containerEvent('kato', 'start'), containerEvent('kato', 'die', { exit_code: 1 }),
		alert({ value: 85, threshold: 80 }), alert({ level: 'error', type: 'container_down', key: 'container_down_kato-qdrant', container_name: 'kato-qdrant', message: 'kato-qdrant is down' }),
		alert({ level: 'info', state: 'resolved', type: 'high_memory', message: 'Memory usage back to normal' }),
		{ type: 'services', id: 'api', timestamp: new Date().toISOString(), source: 'x', data: { name: 'api', metrics: { p95: 1.5 }, series: [[1, 2], [2, 3]], parts: [{ name: 'a', n: 1 }] } },
	);
	b.feed(...judged(tick(tiers(20, 30))));
	return b;
}
const url = (b, path) => b.url.replace(/\/$/, '') + path;
const settled = (page) => until(() => page.getByRole('status').filter({ hasText: 'Live' }).first().isVisible(), { what: 'live' });

/** What axe finds that is serious or critical, a line each. */
async function findings(page) {
	await page.evaluate(AXE);
	const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document, { resultTypes: ['violations'] }));
	return violations.filter((v) => ['serious', 'critical'].includes(v.impact)).flatMap((v) => v.nodes.slice(0, 4).map((n) => `${v.id}: ${n.target.join(' ')} ${n.html.slice(0, 160)} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ''}`));
}

for (const [name, context] of /** @type {[string, any][]} */ ([['light', { colorScheme: 'light' }], ['dark', { colorScheme: 'dark' }], ['on a phone', { ...PHONE, colorScheme: 'light' }], ['on a phone, dark', { ...PHONE, colorScheme: 'dark' }]])) {
	test(`no page has a serious fault, ${name}`, async () => {
		const b = await busy();
		const page = await open(url(b, '/'), { context: { ...context, reducedMotion: 'reduce' } });
		for (const path of [...ROOMS, ...ONES]) {
			await page.goto(url(b, path));
			await settled(page);
			assert.deepEqual(await findings(page), [], path);
		}
		assert.deepEqual(page.faults, []);
	});

	test(`sidebar, toasts and list of keys have no serious fault, ${name}`, async () => {
		const b = await busy();
		const page = await open(url(b, '/'), { context: { ...context, reducedMotion: 'reduce' } });
		await settled(page);
		b.feed(alert({ level: 'error', key: 'new1', message: 'A new one' }), alert({ key: 'new2', message: 'Another one' }), alert({ level: 'info', key: 'new3', message: 'A third one' }));
		await page.getByRole('button', { name: 'Dismiss' }).first().waitFor();
		assert.deepEqual(await findings(page), [], 'toasts');
		await page.getByRole('button', { name: /^Alerts/ }).first().click();
		await page.getByRole('button', { name: 'Mark all read' }).waitFor();
		assert.deepEqual(await findings(page), [], 'sidebar');
		await page.keyboard.press('Escape');
		await page.getByRole('button', { name: 'Mark all read' }).waitFor({ state: 'hidden' });
		await page.keyboard.press('?');
		await page.getByRole('dialog').first().waitFor();
		assert.deepEqual(await findings(page), [], 'keys');
	});
}

/** Presses Tab until the page has been gone through; what was never reached, and what shows no focus. */
async function tabThrough(page) {
	await page.evaluate(() => {
		const w = /** @type {any} */ (globalThis);
		const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert], [hidden]');
		const controls = 'a[href], button:not([disabled]), input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea, summary, [role=button], [role=link], [role=switch], [role=slider], [tabindex="0"]';
		const composite = '[role=tablist], [role=radiogroup], [role=menu], [role=listbox], [role=grid], [role=toolbar]';
		w.wanted = [...document.querySelectorAll(controls)].filter((e) => shown(e) && !(e.getAttribute('tabindex') === '-1' && e.closest(composite)) && !(e instanceof HTMLInputElement && e.type === 'radio' && !e.checked));
		w.seen = new Set();
		w.unseen = [];
		w.label = (e) => e.outerHTML.slice(0, 140);
		/** @type {any} */ (document.activeElement)?.blur?.();
	});
	for (let i = 0; i < 400; i++) {
		await page.keyboard.press('Tab');
		const over = await page.evaluate(() => {
			const w = /** @type {any} */ (globalThis);
			const e = document.activeElement;
			if (!e || e === document.body || w.seen.has(e)) return w.seen.size > 0;
			w.seen.add(e);
			const s = getComputedStyle(e);
			if (!(s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) && s.boxShadow === 'none') w.unseen.push(w.label(e));
			return false;
		});
		if (over) break;
	}
	return page.evaluate(() => {
		const w = /** @type {any} */ (globalThis);
		return { missed: w.wanted.filter((e) => e.isConnected && !w.seen.has(e)).map(w.label), unseen: w.unseen, reached: w.seen.size };
	});
}

for (const path of [...ROOMS, ...ONES]) {
	test(`every control of ${path} is reached by Tab and shows that it is`, async () => {
		const b = await busy();
		const page = await open(url(b, path));
		await settled(page);
		const { missed, unseen, reached } = await tabThrough(page);
		assert.deepEqual(missed, [], 'never reached');
		assert.deepEqual(unseen, [], 'no focus to be seen');
		assert.ok(reached >= 6, `${reached} controls`);
	});
}

test('the sidebar is opened, gone through and closed by keys, and gives the focus back', async () => {
	const b = await busy();
	const page = await open(url(b, '/'));
	await settled(page);
	const button = page.getByRole('button', { name: /^Alerts/ }).first();
	await button.focus();
	await page.keyboard.press('Enter');
	const side = page.getByRole('dialog', { name: 'Alerts' }).or(page.getByRole('complementary', { name: 'Alerts' }));
	await side.getByRole('searchbox').waitFor();
	for (const name of ['Severity', 'Type', 'State']) await side.getByLabel(name, { exact: true }).first().waitFor();
	const reached = new Set();
	for (let i = 0; i < 60; i++) {
		await page.keyboard.press('Tab');
		reached.add(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') || document.activeElement?.textContent?.trim() || document.activeElement?.tagName));
	}
	for (const name of ['Mark all read', 'Clear', 'Export']) assert.ok([...reached].some((r) => r?.includes(name)), `${name} among ${[...reached].join(' | ')}`);
	await side.getByRole('searchbox').focus();
	await page.keyboard.press('Escape');
	await side.getByRole('searchbox').waitFor({ state: 'hidden' });
	assert.match(await page.evaluate(() => document.activeElement?.textContent + ' ' + document.activeElement?.getAttribute('aria-label')), /Alerts/);
});

test('Esc closes the list of keys', async () => {
	const b = await busy();
	const page = await open(url(b, '/'));
	await settled(page);
	await page.keyboard.press('?');
	await page.getByRole('dialog').first().waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').first().waitFor({ state: 'hidden' });
});

test('a phone needs no sideways scrolling and no control is too small for a thumb', async () => {
	const b = await busy();
	const page = await open(url(b, '/'), { context: PHONE });
	for (const path of [...ROOMS, ...ONES]) {
		await page.goto(url(b, path));
		await settled(page);
		assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 1, `${path} is wider than the phone`);
		const small = await page.evaluate(() =>
			[...document.querySelectorAll('button, select, input, nav a')].filter((e) => e.checkVisibility({ visibilityProperty: true })).map((e) => ({ e, r: e.getBoundingClientRect() }))
				.filter(({ r }) => r.width > 0 && (r.width < 24 || r.height < 24)).map(({ e, r }) => `${Math.round(r.width)}x${Math.round(r.height)} ${e.outerHTML.slice(0, 100)}`),
		);
		assert.deepEqual(small, [], path);
	}
});

test('an alert that comes while the page is still starting has its toast', async () => {
	const b = await busy();
	for (let i = 0; i < 3; i++) {
		const page = await open(url(b, '/'));
		await settled(page);
		b.feed(alert({ level: 'error', key: `early-${i}`, message: `Early ${i}` }));
		await page.getByRole('region', { name: 'Notifications' }).getByText(`Early ${i}`).first().waitFor({ timeout: 5000 });
		await page.context().close();
	}
});

test('who asked for less motion gets none', async () => {
	const b = await busy();
	const page = await open(url(b, '/'), { context: { reducedMotion: 'reduce' } });
	await settled(page);
	b.feed(alert({ level: 'error', key: 'moving', message: 'Does it move?' }));
	await page.getByText('Does it move?').first().waitFor();
	const moving = () => page.evaluate(() => document.getAnimations().filter((a) => Number(a.effect?.getComputedTiming().duration) > 20 && a.playState === 'running').map((a) => /** @type {any} */ (a.effect)?.target?.className));
	assert.deepEqual(await moving(), []);
	await page.getByRole('button', { name: /^Alerts/ }).first().click();
	assert.deepEqual(await moving(), []);
});

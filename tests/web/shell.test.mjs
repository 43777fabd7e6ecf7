// The frame of the page: header, connection, notices, sources, title, subscription.
import assert from 'node:assert/strict';
import { fake, link, status, words } from './fake.mjs';
import { containers, metrics, open, sessions, sourceStatus, start, test, until } from './harness.mjs';

const update = (data, more = {}) => ({ type: 'realtime_update', data, ...more });

test('the header: title, connection beside it, four links, Refresh, theme, keys', async () => {
	const b = await start();
	const page = await open(b.url);
	for (const name of ['Overview', 'Containers', 'Sessions', 'Data']) await link(page, name).waitFor();
	await page.getByRole('button', { name: 'Refresh' }).waitFor();
	await page.getByRole('combobox', { name: 'Theme' }).waitFor();
	const title = await page.getByRole('link', { name: 'KATO Live' }).boundingBox(), box = await status(page).boundingBox();
	assert.ok(box.x - (title.x + title.width) < 60 && Math.abs(box.y + box.height / 2 - title.y - title.height / 2) < 20, 'the connection stands beside the title');
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
		await link(page, name).click();
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

test('the settings of the server reach the link, also when they come late or not at all', async () => {
	const page = await fake('/', { before: (p) => p.route('**/config.json', (r) => r.fulfill({ json: { enabled: false, containerStats: false } })) });
	assert.deepEqual(await page.evaluate(() => [globalThis.fakeLive.options.enabled, globalThis.fakeLive.options.containerStats, globalThis.fakeLive.options.alerts]), [false, false, true]);
	await page.getByText('Container statistics are switched off for this page.').waitFor();
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
		for (const a of await page.getByRole('navigation').getByRole('link').all()) {
			const box = await a.boundingBox();
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

test('without a connection the strip says that it is what was heard last', async () => {
	const page = await fake();
	await page.say({ state: 'live' });
	await page.give({ type: 'source_status', data: { source: 'kato-metrics', status: 'up', since: new Date().toISOString() } });
	await page.getByRole('region', { name: 'Sources', exact: true }).getByText('kato-metrics').waitFor();
	await page.say({ state: 'reconnecting', retryAt: Date.now() + 5000 });
	await page.getByRole('region', { name: 'Sources, as last heard' }).waitFor();
});

test('hundreds of sources: those in trouble are shown, the rest is counted', async () => {
	const page = await fake();
	await page.say({ state: 'live' });
	const since = new Date().toISOString();
	await page.give(...Array.from({ length: 100 }, (_, i) => ({ type: 'source_status', data: { source: `s${String(i).padStart(3, '0')}`, status: i === 77 ? 'down' : 'up', since } })));
	const strip = page.getByRole('region', { name: 'Sources' });
	await strip.getByText('s077 down').waitFor();
	await strip.getByText('and 84 more').waitFor();
});

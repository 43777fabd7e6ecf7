// The Diagnostics page: how well services are, who needs whom, what is odd, what changed; over a real broadcaster, judged by the real healthd.
import assert from 'node:assert/strict';
import { dependencies, judged, service, tick, tiers, traffic } from './fleet.mjs';
import { metrics, open, sessions, sourceStatus, start, test, until } from './harness.mjs';
import { NASTY } from './junk.mjs';
import { longestTask } from './measure.mjs';

const url = (b, path) => b.url.replace(/\/$/, '') + path;
const link = (page) => page.getByRole('link', { name: 'Diagnostics', exact: true });
const node = (page, id) => page.locator(`.diag-node[data-id="${id}"]`);
const rows = (page) => page.getByRole('table', { name: 'Services' }).locator('tbody tr');
const tile = (page, title) => page.locator('.diag-tiles .card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
const named = (page, what) => page.getByRole('list', { name: what });

/** A shop: the orders' API fails, the mail service is known by name only. */
const shop = (at = Date.now()) => [
	service('web', { request_rate: 12, latency_p95: 0.12 }, { name: 'Web shop', at }), service('api', { error_rate: 0.5, latency_p95: 1.8, cpu_usage: 0.4 }, { name: 'Orders API', at }),
	service('db', { connections: 40 }, { name: 'Orders', type: 'database', at }), service('cache', { error_rate: 0.32 }, { name: 'Cache', at }),
	dependencies([['web', 'api'], ['api', 'db'], ['api', 'smtp.example'], ['web', 'cache']], at), traffic('web', 'api', { rate: 12, errors: 0.4, p95: 1.7, at }), traffic('api', 'db', { rate: 80, at }),
];
async function opened(records = judged(shop()), path = '/diagnostics', options = {}) {
	const b = await start();
	b.feed(...records);
	const page = await open(url(b, path), options);
	return { b, page };
}
const drawn = async (page, n) => until(async () => (await page.locator('.diag-node').count()) === n, { what: `${n} nodes` });

test('all that healthd says is there: cards, services worst first, anomalies, failing dependencies, traffic, changes', async () => {
	const { page } = await opened();
	await drawn(page, 5);
	await tile(page, 'Overall').getByText('critical').waitFor();
	assert.match(/** @type {string} */ (await tile(page, 'Services').textContent()), /4.*50.0 % healthy/);
	assert.match(/** @type {string} */ (await tile(page, 'Active anomalies').textContent()), /3.*2 critical/);
	assert.match(/** @type {string} */ (await tile(page, 'Failing dependencies').textContent()), /2.*1 failed/);
	assert.match(/** @type {string} */ (await tile(page, 'Abnormal traffic').textContent()), /1.*of 2 flows/);
	assert.deepEqual(await rows(page).locator('th a').allTextContents(), ['Orders API', 'Cache', 'Orders', 'Web shop']);
	assert.match(/** @type {string} */ (await rows(page).first().textContent()), /failed30high error rate 50.0%, high latency 1800 ms.*latency p95 1.80 s.*(just now|s ago)/);
	await named(page, 'Anomalies').getByText('error_rate is 900.0% above the expected 0.05').waitFor();
	await named(page, 'Failing dependencies').locator('li').filter({ hasText: 'Web shop needs Orders API' }).getByText('failed').waitFor();
	const flow = page.getByRole('table', { name: 'Dependencies and traffic' }).locator('tbody tr');
	assert.match(/** @type {string} */ (await flow.first().textContent()), /Web shop → Orders API.*target failed, abnormal traffic.*12\.0\/s.*40\.0 %.*1\.70 s/);
	assert.equal(await flow.count(), 4, 'the table says all that the drawing does');
	await named(page, 'What changed').getByText(/latency spike/).waitFor();
	assert.deepEqual(page.faults, []);
	assert.deepEqual(await page.evaluate(() => /** @type {any} */ (globalThis).cspReports), []);
});

test('the drawing tells status by shape, word and colour, marks what fails, and draws who is known by name only', async () => {
	const { page } = await opened();
	await drawn(page, 5);
	assert.deepEqual(await page.locator('.diag-node').evaluateAll((l) => l.map((e) => `${/** @type {any} */ (e).dataset.id} ${/** @type {any} */ (e).dataset.status}`).sort()), ['api failed', 'cache degraded', 'db healthy', 'smtp.example foreign', 'web healthy']);
	const shapes = await page.locator('.diag-node .diag-shape').evaluateAll((l) => new Set(l.map((e) => e.getAttribute('d'))).size);
	assert.equal(shapes, 4, 'a shape of its own for each status');
	assert.match(/** @type {string} */ (await node(page, 'api').getAttribute('aria-label')), /Orders API; failed, 30 of 100; 2 anomalies; needs 2; needed by 1/);
	assert.equal((await page.locator('.diag-drawing .diag-line.failing').getAttribute('d'))?.match(/M/g)?.length, 2);
	const marks = (look) => page.locator(`.diag-drawing .diag-mark.${look}`).evaluate((e) => e.getAttribute('d')?.match(/M/g)?.length ?? 0);
	assert.deepEqual([await marks('failing'), await marks('abnormal')], [2, 1], 'an edge that fails and whose traffic is abnormal has both marks');
});

test('new values change what is drawn and move nothing; a new service is drawn in its place', async () => {
	const { b, page } = await opened();
	await drawn(page, 5);
	const places = () => page.locator('.diag-node').evaluateAll((l) => l.map((e) => `${/** @type {any} */ (e).dataset.id} ${e.getAttribute('transform')}`));
	const before = await places();
	await node(page, 'web').focus();
	await page.evaluate(() => (/** @type {any} */ (globalThis).kept = [...document.querySelectorAll('.diag-node')]));
	b.feed(...judged([...shop().slice(0, 1), service('db', { error_rate: 0.9 }, { name: 'Orders', type: 'database' }), dependencies([['web', 'api'], ['api', 'db'], ['api', 'smtp.example'], ['web', 'cache']])]));
	await page.locator('.diag-node[data-id="db"][data-status="failed"]').waitFor();
	assert.deepEqual(await places(), before);
	assert.ok(await page.evaluate(() => /** @type {any} */ (globalThis).kept.every((e) => e.isConnected)), 'the same elements');
	assert.equal(await page.evaluate(() => /** @type {any} */ (document.activeElement)?.dataset.id), 'web', 'and the focus');
	b.feed(...judged([service('search', {}, { name: 'Search' })]));
	await node(page, 'search').waitFor();
	await drawn(page, 6);
});

test('pointer and keys show a service, and open it; the way back leads to where one was', async () => {
	const { page } = await opened();
	await drawn(page, 5);
	await node(page, 'web').hover();
	const aside = page.getByRole('complementary', { name: 'The service pointed at' });
	await aside.getByText('Needs Orders API (12.0/s, 40.0 % errors, p95 1.70 s)').waitFor();
	await page.mouse.move(0, 0);
	await page.getByRole('button', { name: 'Show the whole graph' }).focus();
	await page.keyboard.press('Tab');
	assert.equal(await page.evaluate(() => document.activeElement?.classList.contains('diag-node')), true);
	await page.keyboard.press('Home');
	for (let i = 0; i < 6; i++) await page.keyboard.press('ArrowLeft');
	await aside.getByRole('heading', { name: 'Web shop' }).waitFor();
	await page.keyboard.press('ArrowRight');
	const id = await page.evaluate(() => /** @type {any} */ (document.activeElement)?.dataset.id);
	assert.ok(['api', 'cache'].includes(id), id);
	await page.keyboard.press('Enter');
	await page.waitForURL(`**/diagnostics/${id}`);
	await page.goBack();
	await node(page, 'api').click();
	await page.waitForURL('**/diagnostics/api');
});

test('search, status and type hold for table and drawing, and stand in the address', async () => {
	const { page } = await opened();
	await drawn(page, 5);
	await page.getByRole('searchbox').fill('high error');
	await until(async () => (await rows(page).count()) === 2, { what: 'two services' });
	await page.getByRole('button', { name: 'Failed 1' }).click();
	await until(async () => (await rows(page).count()) === 1, { what: 'one service' });
	assert.match(page.url(), /\?q=high\+error&status=failed$/);
	assert.deepEqual(await page.locator('.diag-node:not(.passed)').evaluateAll((l) => l.map((e) => /** @type {any} */ (e).dataset.id)), ['api']);
	await page.reload();
	await until(async () => (await rows(page).count()) === 1 && (await page.getByRole('searchbox').inputValue()) === 'high error', { what: 'the same after a reload' });
	await page.getByRole('searchbox').fill('nothing like it');
	await page.getByText('No service is like that.').waitFor();
	await page.goto(page.url().replace(/\?.*/, '?type=database'));
	await until(async () => (await rows(page).locator('th a').allTextContents()).join() === 'Orders', { what: 'the database' });
	await page.locator('.diag-wishes').getByLabel('Type').selectOption('');
	await page.getByRole('button', { name: 'Service', exact: true }).click();
	await until(async () => (await rows(page).locator('th a').allTextContents()).join() === 'Cache,Orders,Orders API,Web shop', { what: 'by name' });
});

test('a service has a page of its own: metrics over the time seen, neighbours, anomalies, changes', async () => {
	const { b, page } = await opened(judged(shop(Date.now() - 20000)), '/diagnostics/api');
	const one = page.locator('.diag-service');
	await one.getByRole('heading', { name: 'Orders API' }).waitFor();
	b.feed(...judged(shop(Date.now() - 10000)), ...judged(shop()));
	await one.getByRole('img', { name: /^Latency p95: \d points .* last .*1.80 s/ }).waitFor();
	await named(one, 'Needs').getByText('not measured').first().waitFor();
	await named(one, 'Needed by').getByRole('link', { name: 'Web shop' }).waitFor();
	await named(one, 'Anomalies').getByText('critical').first().waitFor();
	await named(one, 'What changed').locator('li').first().waitFor();
	await named(one, 'Needs').getByRole('link', { name: 'smtp.example' }).click();
	await one.getByText('It is only named as a dependency').waitFor();
	await page.goto(url(b, '/diagnostics/nobody'));
	await one.getByText('No service of this id is known.').waitFor();
	assert.deepEqual(page.faults, []);
});

test('the way to it stands in the header as soon as there is something to see, and not before', async () => {
	const b = await start();
	b.feed(metrics(), sessions());
	const page = await open(b.url);
	await until(() => page.getByRole('status').filter({ hasText: 'Live' }).first().isVisible(), { what: 'live' });
	assert.equal(await link(page).count(), 0);
	b.feed(...judged(shop()));
	await link(page).click();
	await drawn(page, 5);
	await page.goto(url(await start(), '/diagnostics'));
	await page.getByText('No service is known yet').waitFor();
	await page.getByText('prom-services | healthd | broadcaster').waitFor();
	assert.equal(await link(page).getAttribute('aria-current'), 'page');
});

test('a collector alone is shown, too, and it is said that nobody judges', async () => {
	const { page } = await opened(shop().map((r) => JSON.stringify(r)));
	await drawn(page, 5);
	await page.getByText(/Nobody judges these readings/).waitFor();
	assert.equal(await rows(page).first().locator('.status-word').textContent(), 'not judged');
});

test('what ended while the page looked elsewhere has ended, and what happened meanwhile is told', async () => {
	const { b, page } = await opened();
	await drawn(page, 5);
	await named(page, 'Failing dependencies').locator('li').first().waitFor();
	await page.getByRole('link', { name: 'Overview', exact: true }).click();
	await until(async () => !JSON.stringify(await (await fetch(url(b, '/api/v1/ws/subscriptions'))).json()).includes('service_health'), { what: 'let go of' });
	const over = (type, id) => ({ type, id, timestamp: new Date().toISOString(), source: 'healthd', data: null });
	b.feed(over('failing_dependency', 'web>api'), over('failing_dependency', 'web>cache'), over('anomaly', 'api:error_rate'), over('anomaly', 'api:latency_p95'), over('anomaly', 'cache:error_rate'),
		{ type: 'health_change', id: 'meanwhile', timestamp: new Date().toISOString(), source: 'healthd', data: { resource_id: 'db', old_status: 'healthy', new_status: 'degraded', health_score: 61 } });
	await link(page).click();
	await until(async () => /^.*0none failed/.test((await tile(page, 'Failing dependencies').textContent()) ?? ''), { what: 'no dependency fails' });
	await until(async () => /0none critical/.test((await tile(page, 'Active anomalies').textContent()) ?? ''), { what: 'no anomaly' });
	await named(page, 'What changed').getByText('healthy → degraded, score 61').waitFor();
});

test('what is not of now is grey, and why is said', async () => {
	const { b, page } = await opened(judged(shop(Date.now() - 120000)));
	await page.getByText(/No reading of any service since \d\d:\d\d:\d\d, 2m/).waitFor();
	assert.ok(await page.locator('.diag-page.stale-page').count());
	b.feed(...judged(shop()));
	await until(async () => (await page.locator('.diag-page.stale-page').count()) === 0, { what: 'of now again' });
	b.feed(sourceStatus('prom-services', 'down', { error: 'connection refused' }));
	await page.locator('.diag-tiles').getByText(/prom-services is down since .*connection refused/).waitFor();
	b.feed(sourceStatus('prom-services', 'up'));
	await until(async () => (await page.locator('.diag-page.stale-page').count()) === 0, { what: 'up again' });
	await b.stop();
	await until(async () => (await page.locator('.diag-page.stale-page').count()) > 0, { what: 'no connection' });
});

test('a recording is said to be one', async () => {
	const { page } = await opened(judged(shop()).map((l) => l.replace(/}$/, ',"demo":true}')));
	await drawn(page, 5);
	await page.getByText('Demo data').waitFor();
});

test('on paper there is all of it, and nothing to press', async () => {
	const { page } = await opened(judged(shop()), '/diagnostics', { context: { viewport: { width: 794, height: 1100 } } });
	await drawn(page, 5);
	await page.emulateMedia({ media: 'print' });
	assert.equal(await page.getByRole('searchbox').isVisible(), false);
	assert.equal(await page.getByRole('button', { name: 'Show the whole graph' }).isVisible(), false);
	const beyond = await page.evaluate(() => [...document.querySelectorAll('.diag-whole td, .diag-whole th, .diag-node')].filter((e) => e.getBoundingClientRect().right > innerWidth).length);
	assert.equal(beyond, 0, 'beyond the edge of the paper');
});

test('nothing in a record breaks the page: members that lack, numbers that are none, ids with quotes and markup', async () => {
	const { b, page } = await opened();
	await drawn(page, 5);
	const at = new Date().toISOString(), types = ['service_health', 'traffic_health', 'anomaly', 'failing_dependency', 'overall_health', 'dependencies', 'services', 'traffic', 'health_change', 'anomaly_detected', 'traffic_anomaly'];
	const ids = [...NASTY.filter((s) => typeof s === 'string').slice(0, 12), '"quoted\'', '<img src=x onerror=hacked=1>', '__proto__', 'a>b>c'];
	for (const type of types) for (const id of ids) b.feed({ type, id, timestamp: at, data: { resource_id: id, resource_name: id, source_id: id, target_id: `${id}2`, metrics: { [id]: 1, x: null }, anomalies: [id, null, {}], health_score: null, status: id, severity: id, current_value: null, edges: [{ source_id: id, target_id: id }, null, []] } });
	for (const type of types) for (const data of [{}, [], 7, 'x', { metrics: [], anomalies: {}, edges: 5 }]) b.feed({ type, id: `odd-${JSON.stringify(data)}`, timestamp: 'never', data });
	b.feed(...judged([service('right', { cpu_usage: 0.2 })]));
	await node(page, 'right').waitFor();
	await node(page, '\\"quoted\'').evaluate((e) => /** @type {any} */ (e).dispatchEvent(new MouseEvent('click', { bubbles: true })));
	await page.waitForURL(/\/diagnostics\?id=%22quoted/);
	await page.locator('.diag-service').getByRole('heading', { name: '"quoted\'' }).waitFor();
	const state = await page.evaluate(() => ({ hacked: /** @type {any} */ (globalThis).hacked ?? null, foreign: document.querySelectorAll('img:not([src$="icon.svg"])').length, said: /\b(undefined|NaN|Infinity)\b|\[object /.exec(document.body.innerText)?.[0] ?? null, csp: /** @type {any} */ (globalThis).cspReports }));
	assert.deepEqual(state, { hacked: null, foreign: 0, said: null, csp: [] });
	assert.equal(await page.getByText('cannot be shown').locator('visible=true').count(), 0);
	assert.deepEqual(page.faults, []);
});

test('200 services and 400 edges that tick: no task holds the page up', async (t) => {
	const fleet = tiers(200, 400), { b, page } = await opened(judged(tick(fleet)));
	await drawn(page, 200);
	const places = await page.locator('.diag-node').evaluateAll((l) => l.map((e) => e.getAttribute('transform')).join());
	const shown = (round) => page.waitForFunction((r) => document.querySelector('.diag-services .diag-metrics')?.textContent !== r, round);
	for (let round = 1; round <= 4; round++) {
		const lines = judged(tick(fleet, { round, at: Date.now() })), before = /** @type {string} */ (await page.locator('.diag-services .diag-metrics').first().textContent());
		const { longest, tasks } = await longestTask(async () => {
			b.feed(...lines);
			await shown(before);
			await page.evaluate(() => new Promise((r) => setTimeout(r, 600))); // the parts of the page follow one another
		});
		t.diagnostic(`tick ${round}: the longest of ${tasks} tasks took ${longest.toFixed(1)} ms of processor time`);
		assert.ok(tasks > 20, 'the tasks were seen');
		assert.ok(longest < 50, `a task of ${longest} ms`);
	}
	assert.equal(await page.locator('.diag-node').evaluateAll((l) => l.map((e) => e.getAttribute('transform')).join()), places);
});

test('2,000 services are gone through: counted, searched, the unwell drawn', async () => {
	const fleet = tiers(2000, 3000), { b, page } = await opened(judged(tick(fleet)));
	await until(async () => /2,000/.test((await tile(page, 'Services').textContent()) ?? ''), { seconds: 30, what: '2,000 services' });
	await page.getByText(/services more not drawn/).waitFor({ timeout: 20000 });
	await drawn(page, 300);
	b.feed(...judged(tick(fleet, { round: 1, at: Date.now() })));
	await page.getByRole('searchbox').fill('store 1999');
	await until(async () => (await rows(page).locator('th a').allTextContents()).join() === 'store 1999', { seconds: 20, what: 'the one' });
	assert.deepEqual(page.faults, []);
});

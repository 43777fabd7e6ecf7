// The Data page with the dashboard of another application: shown by its shape, without a line that knows what it is about.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { analytics, dashboard } from './analytics.mjs';
import { ROOT, open, start, test, until } from './harness.mjs';

const url = (b) => `${b.url.replace(/\/$/, '')}/data?topic=dashboard`;
const main = (page) => page.locator('.data-main');
const shown = async (record) => {
	const b = await start();
	b.feed(record);
	const page = await open(url(b));
	await main(page).locator('.data-block, .data-fact').first().waitFor();
	return { b, page, all: main(page) };
};

test('figures as cards, counts of kinds as bars, days as a line, things as tables with badges and bars', async () => {
	const { page, all } = await shown(dashboard());
	await all.locator('.data-figure', { hasText: 'Average risk score' }).getByText('12.4').waitFor();
	assert.equal(await all.locator('.data-figure', { hasText: 'SLA compliance rate' }).locator('.data-bar > span').evaluate((e) => /** @type {any} */ (e).style.width), '76.5%');
	assert.equal(await all.locator('.data-figure', { hasText: 'Average risk score' }).locator('.data-bar').count(), 0);
	const bars = all.locator('.data-half').filter({ hasText: 'Severity distribution' });
	assert.deepEqual(await bars.locator('dt').allTextContents(), ['Critical', 'High', 'Medium', 'Low']);
	assert.deepEqual(await bars.locator('dd.num').allTextContents(), ['4 8 %', '9 19 %', '21 44 %', '14 29 %']);
	assert.deepEqual(await bars.locator('.data-bar > span').evaluateAll((l) => l.map((e) => Math.round(parseFloat(/** @type {any} */ (e).style.width)))), [19, 43, 100, 67]);
	await all.getByRole('img', { name: /^Risk trends: 7 points from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d, last Score 12.4/ }).waitFor();
	assert.ok(await all.locator('.data-area').getAttribute('d'));
	const risks = all.locator('.data-block').filter({ hasText: 'Top risks' });
	assert.deepEqual((await risks.getByRole('columnheader').allTextContents()).slice(0, 4), ['Name', 'Score', 'Severity', 'Status']);
	assert.deepEqual(await risks.locator('.data-badge').filter({ hasText: /critical|high|low/ }).evaluateAll((l) => l.map((e) => e.className.split(' ')[1])), ['bad', 'warn', 'warn', 'good']);
	assert.equal(await risks.locator('.data-bar').count(), 0, 'a trend that falls is no share of a hundred');
	const steps = all.locator('.data-block').filter({ hasText: 'Mitigation progress' });
	assert.deepEqual(await steps.locator('.data-shared span:first-child').filter({ hasText: '%' }).allTextContents(), ['60 %', '20 %', '100 %', '0 %']);
	await steps.getByText('in progress').waitFor();
	assert.deepEqual(page.faults, []);
});

test('new values take the place of the old ones: what is sorted, scrolled and focused stays', async () => {
	const { b, page, all } = await shown(dashboard());
	const risks = all.locator('.data-block').filter({ hasText: 'Top risks' });
	await risks.getByRole('button', { name: 'Name' }).click();
	await page.evaluate(() => scrollTo(0, 500));
	const before = await page.evaluate(() => {
		const w = /** @type {any} */ (globalThis);
		w.kept = [...document.querySelectorAll('.data-block, .data-figure')];
		return { y: scrollY, high: document.documentElement.scrollHeight };
	});
	const next = analytics();
	next.metrics.average_risk_score = 14.25;
	next.severity_distribution.critical = 21;
	next.top_risks[0].status = 'closed';
	b.feed({ ...dashboard(), data: next });
	await all.locator('.data-figure', { hasText: 'Average risk score' }).getByText('14.25').waitFor();
	assert.deepEqual(await page.evaluate(() => ({ y: scrollY, high: document.documentElement.scrollHeight })), before);
	assert.ok(await page.evaluate(() => /** @type {any} */ (globalThis).kept.every((e) => e.isConnected)), 'the same elements');
	assert.deepEqual(await risks.locator('tbody td:first-child').allTextContents(), ['Backup never restored', 'Expired certificate', 'Old wiki', 'Shared admin password', 'Unpatched VPN gateway']);
	assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Name');
});

test('what is null is none, a time never set is none, and lists come back', async () => {
	const { b, page, all } = await shown(dashboard({ risk_trends: null, top_risks: null, severity_distribution: null, mitigation_progress: [{ name: 'No date', due_date: '0001-01-01T00:00:00Z', progress: null }] }));
	for (const name of ['Risk trends', 'Top risks', 'Severity distribution']) assert.equal(await all.locator('.data-fact').filter({ hasText: name }).locator('dd').textContent(), 'none');
	assert.equal(await all.locator('.data-block').filter({ hasText: 'Mitigation progress' }).getByText(/0001/).count(), 0);
	b.feed(dashboard());
	await all.locator('.data-block').filter({ hasText: 'Top risks' }).getByText('Old wiki').waitFor();
	assert.deepEqual(page.faults, []);
});

test('it is saved as a file with the time in its name, whole', async () => {
	const record = dashboard();
	const { page, all } = await shown(record);
	const [file] = await Promise.all([page.waitForEvent('download'), all.getByRole('button', { name: 'Export' }).click()]);
	assert.match(file.suggestedFilename(), /^dashboard-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z\.json$/);
	assert.deepEqual(JSON.parse(readFileSync(/** @type {string} */ (await file.path()), 'utf8')), JSON.parse(JSON.stringify(record.data)));
	assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).cspReports.length), 0);
});

test('values that fit no shape are shown as they are', async () => {
	const { b, page, all } = await shown(dashboard());
	for (const data of [{ severity_distribution: { critical: -1, high: 1.5 }, progress: 900, status: { deep: { er: [null, [], {}] } } }, { top_risks: [{ status: 7, severity: null, progress: 'half' }, null, 3], status: '<img src=x onerror=hacked=1>' }, [], 'text', 12])
		b.feed({ type: 'dashboard', timestamp: new Date().toISOString(), data });
	await until(async () => (await all.textContent())?.includes('12'), { what: 'the last of them' });
	assert.equal(await page.evaluate(() => /** @type {any} */ (globalThis).hacked ?? null), null);
	assert.deepEqual(page.faults, []);
});

test('no line of the page knows what it shows', () => {
	const folder = join(ROOT, 'share/dashboard');
	for (const f of readdirSync(folder).filter((n) => /^data.*\.(js|css)$/.test(n))) assert.doesNotMatch(readFileSync(join(folder, f), 'utf8'), /risk|mitigat|openrisk/i, f);
});

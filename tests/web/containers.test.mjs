// The page of containers in a browser: the table, its order, its search, what it says and what it bears.
import assert from 'node:assert/strict';
import { container, containers, open, sourceStatus, start, test, until } from './harness.mjs';

const fleet = [
	container('kato', { cpu: 2.5, mb: 120.5, health: 'healthy' }), container('kato-redis', { cpu: 100, mb: 40, health: 'unhealthy' }), container('web.front', { cpu: 20, mb: 900 }),
	container('job', { status: 'exited', cpu: 0, mb: 0 }), container('held', { status: 'paused', cpu: 0, mb: 64 }), container('gone', { status: 'missing', cpu: 0, mb: 0 }),
];
const rowsOf = (page) => page.locator('tbody tr');
const rowOf = (page, name) => page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
const names = (page) => page.locator('tbody th a').allTextContents();
const sortBy = (page, column) => page.getByRole('columnheader', { name: column }).getByRole('button').click();

async function shown(list = fleet, { path = '/containers', context = {}, ...more } = /** @type {any} */ ({})) {
	const b = await start();
	b.feed(containers(list, more));
	const page = await open(b.url + path, { context });
	await page.getByRole('table').waitFor();
	await until(async () => (await rowsOf(page).count()) > 0, { what: 'rows' });
	return { b, page };
}
const clean = async (page) => {
	assert.deepEqual(page.faults, []);
	assert.deepEqual(await page.evaluate(() => globalThis.cspReports), []);
	assert.doesNotMatch(await page.locator('body').innerText(), /\b(undefined|NaN|null|Infinity)\b|\[object/);
};

test('each container is a row with status, health, CPU, memory, rates, restarts and processes', async () => {
	const { page } = await shown();
	assert.equal(await rowsOf(page).count(), 6);
	const text = (await rowOf(page, 'kato').innerText()).replace(/\s+/g, ' ');
	for (const part of ['kato:1', 'running', 'healthy', '2.50 %', '120.5 MB of 1024 MB (11.8 %)', 'in 2.0 KB/s', 'out 512 B/s']) assert.ok(text.includes(part), `${part} in: ${text}`);
	assert.match(await rowOf(page, 'kato-redis').innerText(), /unhealthy/);
	assert.match(await rowOf(page, 'gone').innerText(), /missing/);
	await clean(page);
});

test('status is told by word, colour and shape', async () => {
	const { page } = await shown();
	const look = (name) => rowOf(page, name).locator('.mark').evaluate((e) => {
		const s = getComputedStyle(e);
		return { colour: s.backgroundColor, shape: `${s.borderRadius} ${s.clipPath}` };
	});
	const seen = await Promise.all(['kato', 'job', 'held', 'gone'].map(look));
	assert.equal(new Set(seen.map((s) => s.shape)).size, 4, 'four shapes');
	assert.equal(new Set(seen.map((s) => s.colour)).size, 3, 'green, red, amber');
	assert.equal(seen[1].colour, seen[3].colour, 'exited and missing are red');
});

test('a click on a head sorts by numbers, again turns round; address and reload keep it', async () => {
	const { page } = await shown();
	await sortBy(page, 'CPU');
	assert.deepEqual((await names(page)).slice(0, 3), ['kato-redis', 'web.front', 'kato']);
	assert.equal(await page.getByRole('columnheader', { name: 'CPU' }).getAttribute('aria-sort'), 'descending');
	assert.equal(await page.locator('th[aria-sort]').count(), 1);
	await sortBy(page, 'CPU');
	assert.deepEqual(await names(page), ['gone', 'held', 'job', 'kato', 'web.front', 'kato-redis']);
	await sortBy(page, 'Memory');
	const byMemory = ['web.front', 'kato', 'held', 'kato-redis', 'gone', 'job'];
	assert.deepEqual(await names(page), byMemory);
	assert.match(page.url(), /sort=memory/);
	await page.reload();
	await until(async () => (await names(page)).join() === byMemory.join(), { what: 'the order after a reload' });
	await page.getByRole('link', { name: 'Sessions', exact: true }).click();
	await page.getByRole('link', { name: 'Containers', exact: true }).click();
	assert.deepEqual(await names(page), byMemory);
	assert.match(page.url(), /sort=memory/);
});

test('the search is reached by /, finds by name, image and status, counts, and is kept over a reload', async () => {
	const { page } = await shown();
	const search = page.getByRole('searchbox');
	await page.keyboard.press('/');
	await page.keyboard.type('redis:1');
	assert.deepEqual(await names(page), ['kato-redis']);
	await page.getByText('1 of 6 shown').waitFor();
	await search.fill('exited');
	assert.deepEqual(await names(page), ['job']);
	await page.reload();
	await page.getByText('1 of 6 shown').waitFor();
	assert.deepEqual(await names(page), ['job']);
	await search.fill('no such thing');
	await page.getByText('No container has “no such thing”').waitFor();
	await page.getByRole('button', { name: 'Clear the search' }).click();
	assert.equal((await names(page)).length, 6);
});

test('the total sums what is shown and says what it is a part of', async () => {
	const { page } = await shown();
	const total = async () => (await page.getByRole('row').filter({ hasText: 'Total' }).innerText()).replace(/\s+/g, ' ');
	for (const part of ['of all 6', '122.5 %', 'of 400 % (4 cores), 30.6 % of the host', '1125 MB of 6144 MB (18.3 %)', 'in 12.0 KB/s']) assert.ok((await total()).includes(part), `${part} in: ${await total()}`);
	await page.getByRole('searchbox').fill('kato');
	await until(async () => /of 2 shown.*102\.5 %.*160\.5 MB of 2048 MB/.test(await total()), { what: 'the total of two' });
});

test('disk rates come of two readings; a counter set back gives none', async () => {
	const t = Date.now(), io = (read, write, at) => /** @type {any} */ ({ ...container('a', { at }), block_io: { read_bytes: read, write_bytes: write } });
	const { b, page } = await shown([io(0, 0, t)], { at: t });
	const disk = async () => (await page.locator('tbody .c-disk').innerText()).replace(/\s+/g, ' ');
	assert.match(await disk(), /read –.*write –/);
	b.feed(containers([io(20480, 2048, t + 2000)], { at: t + 2000 }));
	await until(async () => /read 10\.0 KB\/s.*write 1\.0 KB\/s/.test(await disk()), { what: 'rates' });
	b.feed(containers([io(100, 0, t + 4000)], { at: t + 4000 }));
	await until(async () => /read –.*write –/.test(await disk()), { what: 'no rates' });
});

test('sparklines are there at once out of the history, asked for once', async () => {
	const b = await start(), t = Date.now(), asked = [];
	for (let i = 60; i >= 0; i--) b.feed(containers([container('web.front', { cpu: 10 + (i % 7), mb: 100 + i })], { at: t - i * 8000 }));
	const page = await open(`${b.url}/containers`, { before: async (p) => p.on('request', (r) => asked.push(r.url())) });
	const points = async (which) => ((await page.locator(`tbody .spark.${which} path`).getAttribute('d')) ?? '').split('L').length;
	await until(async () => (await points('cpu')) > 40 && (await points('memory')) > 40, { what: 'sparklines of ten minutes' });
	const path = await page.locator('tbody .spark.cpu path').getAttribute('d');
	b.feed(containers([container('web.front', { cpu: 90 })]));
	await until(async () => (await page.locator('tbody .spark.cpu path').getAttribute('d')) !== path, { what: 'the line goes on' });
	assert.ok(asked.filter((u) => u.includes('/system/stats') && u.includes('minutes=10')).length <= 2);
});

test('rows are written in place: element, focus, selection and scroll stay', async () => {
	const many = (cpu) => Array.from({ length: 60 }, (_, i) => container(`c${i}`, { cpu: cpu + i }));
	const { b, page } = await shown(many(1));
	await page.evaluate(() => scrollTo(0, 500));
	await page.getByRole('link', { name: 'c30', exact: true }).focus();
	const before = await page.evaluate(() => {
		const row = /** @type {any} */ (document.activeElement.closest('tr'));
		row.mine = true;
		getSelection().selectAllChildren(row.querySelector('.image'));
		return { y: scrollY, text: getSelection().toString() };
	});
	b.feed(containers(many(2)));
	await rowOf(page, 'c30').getByText('32.0 %').waitFor();
	const after = await page.evaluate(() => ({ y: scrollY, text: getSelection().toString(), name: document.activeElement.textContent, mine: /** @type {any} */ (document.activeElement.closest('tr'))?.mine }));
	assert.deepEqual(after, { ...before, name: 'c30', mine: true });
});

test('the order waits while somebody points at a row, and follows when they leave', async () => {
	const { b, page } = await shown([container('a', { cpu: 3 }), container('b', { cpu: 2 })], { path: '/containers?sort=cpu' });
	await rowOf(page, 'a').hover();
	b.feed(containers([container('a', { cpu: 1 }), container('b', { cpu: 9 })]));
	await page.getByText('9.00 %').first().waitFor();
	assert.deepEqual(await names(page), ['a', 'b']);
	await page.getByRole('searchbox').hover();
	b.feed(containers([container('a', { cpu: 1 }), container('b', { cpu: 8 })]));
	await until(async () => (await names(page)).join() === 'b,a', { what: 'the new order' });
});

test('who is gone leaves, who is new comes, each where it belongs', async () => {
	const { b, page } = await shown([container('a'), container('c')]);
	b.feed(containers([container('c'), container('b'), container('d')]));
	await until(async () => (await names(page)).join() === 'b,c,d', { what: 'b, c and d' });
	await page.getByText('3 of 3 shown').waitFor();
});

test('names that would be markup, endless or of another direction are text and nothing else', async () => {
	const odd = ['<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', 'x'.repeat(10000), 'حاوية', '🐳/a.b?c#d', '../..%2f', '__proto__', ' '];
	const { b, page } = await shown(odd.map((n) => ({ ...container('x'), name: n, image: n, status: n, health: n })));
	const dialogs = [];
	page.on('dialog', (d) => (dialogs.push(d.message()), d.dismiss()));
	const broken = [...odd.map((n) => ({ name: n, cpu: 'x', memory: null, network: [], timestamp: 7 })), null, 3, { name: 7 }, [], container('last')];
	b.feed({ ...containers(), data: { aggregated: { online_cpus: 'many', total_cpu_percent: null }, truncated: '<b>', containers: broken } });
	await page.getByRole('link', { name: 'last', exact: true }).waitFor();
	assert.equal(await page.locator('tbody img, tbody script').count(), 0);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no overflow');
	for (const name of [odd[0], odd[4], odd[6]]) {
		await page.getByRole('link', { name, exact: true }).click();
		await page.getByRole('heading', { name, level: 2 }).waitFor();
		await page.goBack();
	}
	assert.deepEqual(dialogs, []);
	await clean(page);
});

test('what does not fit into a record is said', async () => {
	const { b, page } = await shown([container('a')]);
	const r = containers([container('a')]);
	b.feed({ ...r, data: { ...r.data, truncated: 37 } });
	await page.getByText('37 containers more do not fit into a record').waitFor();
});

test('an error in the place of the containers is said in words, and the last rows are greyed', async () => {
	const { b, page } = await shown();
	b.feed({ type: 'containers', timestamp: new Date().toISOString(), source: 'docker-stats', data: { error: 'Docker client not initialized', containers: [], aggregated: {} } });
	await page.getByText('could not be read: Docker client not initialized').waitFor();
	b.feed(containers(fleet));
	await rowOf(page, 'kato').waitFor();
	b.feed({ type: 'containers', timestamp: new Date().toISOString(), source: 'docker-stats', data: { error: 'connection refused' } });
	await page.getByText('could not be read: connection refused').waitFor();
	assert.equal(await rowsOf(page).count(), 6);
	assert.match(await page.getByRole('table').getAttribute('class'), /stale/);
	await clean(page);
});

test('while the source is down the numbers are grey and the reason stands there', async () => {
	const { b, page } = await shown();
	b.feed(sourceStatus('docker-stats', 'down', { error: 'connection refused' }));
	await page.getByRole('main').getByText(/docker-stats is down since .*connection refused/).waitFor();
	const colour = (sel) => page.locator(sel).first().evaluate((e) => getComputedStyle(e).color);
	assert.equal(await colour('tbody .c-cpu'), await colour('main .quiet'));
});

test('before the first reading the page says that there is none', async () => {
	const b = await start();
	const page = await open(`${b.url}/containers`);
	await page.getByText('No reading from docker-stats yet').waitFor();
	b.feed(containers([]));
	await page.getByText('There are no containers.').waitFor();
});

test('on a phone nothing lies beyond the edge and everything is named', async () => {
	const { page } = await shown(fleet, { context: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } });
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the page');
	assert.ok(await page.locator('.table-box').evaluate((e) => e.scrollWidth <= e.clientWidth + 1), 'the table');
	const label = await page.locator('tbody .c-memory').first().evaluate((e) => getComputedStyle(e, '::before').content);
	assert.equal(label, '"Memory"');
});

test('fifteen hundred containers are all there, in order, and the search answers', async () => {
	const many = Array.from({ length: 1500 }, (_, i) => container(`c${i}`, { cpu: i / 10 }));
	const { b, page } = await shown(many, { path: '/containers?sort=cpu' });
	await page.getByText('1,500 of 1,500 shown').waitFor();
	await until(async () => (await rowsOf(page).count()) === 1500, { what: 'all rows', seconds: 30 });
	assert.deepEqual((await names(page)).slice(0, 2), ['c1499', 'c1498']);
	b.feed(containers(many.map((c) => ({ ...c, cpu: 1 }))));
	await rowOf(page, 'c1499').getByText('1.00 %').waitFor();
	await page.getByRole('searchbox').fill('c777');
	await page.getByText('1 of 1,500 shown').waitFor();
	assert.deepEqual(await names(page), ['c777']);
});

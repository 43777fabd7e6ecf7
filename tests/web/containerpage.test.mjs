// A container's own page: how it is reached, what it says, what happened to it.
import assert from 'node:assert/strict';
import { container, containerEvent, containers, open, start, test, until } from './harness.mjs';

const list = (cpu = 2.5) => [container('kato', { cpu, health: 'healthy' }), container('web.front', { cpu: 7 }), ...Array.from({ length: 30 }, (_, i) => container(`other-${i}`))];
const heading = (page, name) => page.getByRole('heading', { name, level: 2, exact: true });
const main = (page) => page.getByRole('main').innerText();

async function at(path, events = [], records = [containers(list())]) {
	const b = await start();
	b.feed(...records, ...events);
	const page = await open(b.url + path);
	await page.locator('.containers-page').waitFor();
	return { b, page };
}

test('a click anywhere on a row opens the container, Back returns to the same row', async () => {
	const { page } = await at('/containers');
	await page.getByRole('link', { name: 'other-20', exact: true }).waitFor();
	await page.evaluate(() => scrollTo(0, 600));
	await page.getByRole('row').filter({ has: page.getByRole('link', { name: 'other-20', exact: true }) }).locator('.c-pids').click();
	await heading(page, 'other-20').waitFor();
	assert.match(page.url(), /\/containers\/other-20$/);
	await page.goBack();
	await page.getByRole('table').waitFor();
	await until(() => page.evaluate(() => document.activeElement?.textContent === 'other-20' && scrollY === 600), { what: 'the row and its place' });
});

test('a row is reached and opened by keyboard alone', async () => {
	const { page } = await at('/containers?q=web');
	const link = page.getByRole('link', { name: 'web.front', exact: true });
	await link.waitFor();
	await page.keyboard.press('/');
	for (let i = 0; i < 20 && !(await link.evaluate((e) => e === document.activeElement)); i++) await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await heading(page, 'web.front').waitFor();
});

test('a name with dots has an address that survives a reload', async () => {
	const { page } = await at('/containers');
	await page.getByRole('link', { name: 'web.front', exact: true }).click();
	await heading(page, 'web.front').waitFor();
	await page.reload();
	await heading(page, 'web.front').waitFor();
	await page.getByText('7.00 %').first().waitFor();
});

test('the page says what the container is and how it does, and goes on', async () => {
	const { b, page } = await at('/containers/kato');
	await page.getByText('2.50 %').first().waitFor();
	const text = (await main(page)).replace(/\s+/g, ' ');
	for (const part of ['running', 'healthy', 'kato:1', '120.5 MB of 1024 MB (11.8 %)', 'in 2.0 KB/s', 'Restarts 0', 'PIDs 4']) assert.ok(text.includes(part), `${part} in: ${text}`);
	b.feed(containers(list(33.3)));
	await page.getByText('33.3 %').first().waitFor();
	b.feed(containers(list().slice(1)));
	await page.getByText('There is no container of this name now').waitFor();
	assert.deepEqual(page.faults, []);
});

test('it has charts of its own CPU and memory', async () => {
	const { page } = await at('/containers/kato');
	await page.locator('.charts').getByRole('heading', { name: 'CPU' }).waitFor();
	await page.locator('.charts').getByRole('heading', { name: 'Memory' }).waitFor();
	await page.getByRole('link', { name: /All containers/ }).click();
	await page.getByRole('table').waitFor();
	assert.equal(await page.locator('main .chart').count(), 0, 'no chart is left behind');
});

test('its events of before and of now are listed once, newest first, and tell since when it runs', async () => {
	const t = Date.now() - 600000;
	const past = [containerEvent('kato', 'die', { exit_code: 137, at: t }), containerEvent('kato', 'start', { at: t + 5000 }), containerEvent('web.front', 'oom', { at: t + 6000 })];
	const { b, page } = await at('/containers/kato', past);
	const events = page.locator('.happenings li');
	await until(async () => (await events.count()) === 2, { what: 'two events of before' });
	assert.match(await events.nth(0).innerText(), /started/);
	assert.match(await events.nth(1).innerText(), /exit code 137/);
	await page.getByText(/since .*, for 9m/).waitFor();
	b.feed(containerEvent('kato', 'health_status', { health: 'unhealthy' }));
	await until(async () => (await events.count()) === 3, { what: 'the new event' });
	assert.match(await events.nth(0).innerText(), /unhealthy/);
	await page.getByRole('link', { name: /All containers/ }).click();
	await page.goBack();
	await until(async () => (await events.count()) === 3, { what: 'each once' });
});

test('the history of events is asked for once when the page is opened, not while it is', async () => {
	const b = await start(), asked = [];
	b.feed(containers(list()), containerEvent('kato', 'start'));
	const page = await open(`${b.url}/containers/kato`, { before: async (p) => p.on('request', (r) => asked.push(r.url())) });
	await page.locator('.happenings li').waitFor();
	for (let i = 0; i < 5; i++) {
		b.feed(containers(list(40 + i)));
		await page.getByText(`${40 + i}.0 %`).first().waitFor();
	}
	assert.equal(asked.filter((u) => u.includes('/api/v1/events') && u.includes('container_event')).length, 1);
});

test('events that say anything whatever are words', async () => {
	const odd = [{ action: null, name: 'kato' }, { action: '<img src=x onerror=alert(1)>', name: 'kato', exit_code: 'x' }, { name: 'kato', action: 'rename', old_name: { a: 1 } }, { name: 7 }, null, 'text'];
	const { page } = await at('/containers/kato', odd.map((data, i) => ({ type: 'container_event', id: `odd${i}`, timestamp: i === 1 ? 'never' : new Date().toISOString(), data })));
	await until(async () => (await page.locator('.happenings li').count()) === 3, { what: 'the three of kato' });
	assert.doesNotMatch(await main(page), /undefined|NaN|null|\[object/);
	assert.equal(await page.locator('.happenings img').count(), 0);
	assert.deepEqual(page.faults, []);
});

test('a container nobody knows has a page that says so', async () => {
	const { page } = await at('/containers/nobody');
	await page.getByText('There is no container of this name now').waitFor();
	await page.getByText('No event of this container is known').waitFor();
});

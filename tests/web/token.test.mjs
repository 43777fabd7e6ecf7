// The page and the real server's tokens: asked for, shown where it does not show, run out, and too small for some of the page.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status, words } from './fake.mjs';
import { BIN, folder, metrics, open, start, test, until } from './harness.mjs';

/** A server with a key, and its tokens. */
async function locked() {
	const key = join(folder(), 'secret');
	writeFileSync(key, 'a secret of more than thirty-two bytes, all told\n');
	const b = await start({ args: ['--jwt-key-file', key] });
	const token = (...args) => spawnSync(join(BIN, 'katoctl'), ['token', '--key-file', key, ...args], { encoding: 'utf8' }).stdout.trim();
	b.feed(metrics({ active: 42 }), { type: 'sessions', timestamp: new Date().toISOString(), source: 't', data: { active_count: 42, total_count: 99 } });
	return { b, token };
}

const asks = (page) => page.getByRole('dialog', { name: 'This server asks for a token' });
const give = async (page, token) => {
	await asks(page).getByLabel('Token').fill(token);
	await page.keyboard.press('Enter');
};

test('the page asks, refuses a wrong token in words, and lives with a right one that no address holds', async () => {
	const { b, token } = await locked();
	const page = await open(b.url), addresses = [];
	page.on('request', (r) => addresses.push(r.url()));
	page.on('websocket', (w) => addresses.push(w.url()));
	await asks(page).waitFor();
	await give(page, 'wrong');
	await asks(page).getByText(/^Not accepted/).waitFor();
	await give(page, token());
	await words(status(page), /^Live/);
	await page.getByText('42').first().waitFor();
	await page.reload();
	await words(status(page), /^Live/);
	assert.equal(await asks(page).isVisible(), false);
	assert.ok(addresses.some((a) => a.startsWith('ws:')) && addresses.every((a) => !/token=|eyJ/.test(a)), addresses.join());
	assert.deepEqual(page.faults, []);
});

test('a token behind the # is taken, and one that runs out is asked for again', async () => {
	const { b, token } = await locked();
	const page = await open(`${b.url}/#token=${token('--ttl', '4')}`);
	await words(status(page), /^Live/);
	assert.equal(new URL(page.url()).hash, '');
	await asks(page).waitFor({ timeout: 15000 });
	await give(page, token());
	await words(status(page), /^Live/);
	assert.deepEqual(page.faults, []);
});

test('a token for metrics alone: what it allows is live, the rest is no reason to ask again', async () => {
	const { b, token } = await locked();
	const page = await open(`${b.url}/#token=${token('--topics', 'metrics')}`);
	await words(status(page), /^Live/);
	for (const room of ['Sessions', 'Containers', 'Data', 'Overview']) {
		await page.getByRole('link', { name: room }).first().click();
		b.feed(metrics({ active: 43 }));
		await new Promise((r) => page.waitForFunction(() => document.readyState === 'complete').then(r));
		await words(status(page), /^Live/);
		assert.equal(await asks(page).isVisible(), false, room);
	}
	await until(async () => /\b12\.5|45/.test(await page.locator('main').innerText()));
	assert.doesNotMatch(await page.locator('main').innerText(), /\b99\b/);
	assert.deepEqual(page.faults, []);
});

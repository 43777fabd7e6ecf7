// live.js in a browser: kills, cuts, and the moments at which it looks after its link. The page's clock is moved on; the servers are real.
import assert from 'node:assert/strict';
import { alert, metrics, start, test, until } from './harness.mjs';
import { bare, breathe, fire, ids, is, status } from './livebare.mjs';
import { cable } from './servers.mjs';

test('in Chromium: killed and started anew, live again, no alert lost or doubled', async () => {
	let s = await start();
	s.feed(metrics(), alert({ id: 'a1' }));
	const page = await bare(s.url);
	await is(page, 'live');
	s.feed(alert({ id: 'a2' }));
	await until(async () => (await ids(page)).includes('a2'));
	for (const [seconds, signal] of /** @type {[number, string][]} */ ([[5, 'SIGKILL'], [60, 'SIGTERM'], [600, 'SIGKILL']])) {
		await s.stop(signal);
		await until(async () => (await status(page)).state !== 'live');
		for (let t = 0; t < seconds; t += Math.ceil(seconds / 20)) {
			await page.clock.runFor(Math.ceil(seconds / 20) * 1000);
			await breathe();
		}
		assert.equal((await status(page)).state, 'reconnecting');
		s = await start({ port: s.port });
		s.feed(metrics(), alert({ id: 'a2' }), alert({ id: `a${seconds}` }));
		const took = await is(page, 'live', 45);
		assert.ok(took <= 31, `live after ${took} s`);
		await until(async () => (await ids(page)).includes(`a${seconds}`));
	}
	assert.deepEqual(await ids(page), ['a2', 'a5', 'a60', 'a600']);
	assert.deepEqual(page.faults, []);
});

test('in Chromium: a link cut without a close is noticed within 45 s', async (t) => {
	const s = await start();
	s.feed(metrics());
	const wire = await cable(s.port), page = await bare(wire.url);
	await is(page, 'live');
	await page.clock.runFor(8000);
	wire.cut();
	const took = await is(page, 'reconnecting', 45);
	t.diagnostic(`noticed after ${took} s`);
	wire.mend();
	s.feed(alert({ id: 'c1' }));
	await is(page, 'live');
	await until(async () => (await ids(page)).length === 1);
});

for (const event of ['online', 'visibilitychange', 'pageshow'])
	test(`in Chromium: ${event} has the link looked at at once: a dead one is found within 6 s`, async () => {
		const s = await start();
		s.feed(metrics());
		const wire = await cable(s.port), page = await bare(wire.url);
		await is(page, 'live');
		await page.clock.runFor(7000);
		await until(async () => (await status(page)).latency !== null);
		wire.cut();
		await fire(page, event);
		assert.ok((await is(page, 'reconnecting', 10)) <= 6);
	});

test('in Chromium: back online, the next try is soon', async () => {
	const s = await start();
	s.feed(metrics());
	const page = await bare(s.url), clock = () => page.evaluate(() => Date.now());
	await is(page, 'live');
	await s.stop('SIGKILL');
	await until(async () => {
		await page.clock.runFor(2000);
		const { retryAt } = await status(page);
		return retryAt !== null && retryAt - (await clock()) > 2000;
	});
	await fire(page, 'online');
	assert.ok((await status(page)).retryAt - (await clock()) <= 1000);
});

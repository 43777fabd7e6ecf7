// A bare page with live.js and nothing else, for the tests of what only a browser has.
import { open } from './harness.mjs';

/** A page with live.js and nothing else, its clock in our hand. @param {string} origin @param {any} [options] @param {any} [o] */
export async function bare(origin, options = {}, { before = async (_p) => {}, clock = true } = {}) {
	const page = await open(`${origin}/live.js`, {
		before: async (p) => {
			if (clock) await p.clock.install();
			await before(p);
		},
	});
	await page.evaluate(async (given) => {
		const g = /** @type {any} */ (globalThis), { createLive } = await import(`${location.origin}/live.js`);
		g.live = createLive(given);
		g.seen = [];
		g.live.on('message', (m, meta) => g.seen.push({ ...m, meta }));
		g.live.on('status', () => {});
	}, options);
	return page;
}
export const status = (page) => page.evaluate(() => /** @type {any} */ (globalThis).live.status);
export const ids = (page) => page.evaluate(() => /** @type {any} */ (globalThis).seen.filter((m) => m.type === 'system_alert').map((m) => m.id));
export const fire = (page, event) => page.evaluate((name) => (name === 'visibilitychange' ? document : globalThis).dispatchEvent(new Event(name)), event);
export const breathe = () => new Promise((r) => setTimeout(r, 15));

/** Moves the page's clock on until it is in that state. */
export async function is(page, state, seconds = 60) {
	for (let t = 0; t <= seconds; t++) {
		if ((await status(page)).state === state) return t;
		await page.clock.runFor(1000);
		await breathe();
	}
	const s = await status(page);
	throw new Error(`not ${state} within ${seconds} s: ${s.state}: ${s.reason}`);
}


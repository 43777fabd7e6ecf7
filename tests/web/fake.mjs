// What the tests of the frame share: the page over a link that the test holds in its hands.
import { readFileSync } from 'node:fs';
import { ROOT, open, start } from './harness.mjs';

const FAKE = readFileSync(`${ROOT}/tests/web/fake-live.js`, 'utf8');
const script = (body) => ({ contentType: 'text/javascript', body });

/** page.say(status) and page.give(message…) speak for the link. modules: {'overview.js': text in its place, null: it is not there} */
export async function fake(path = '/', { modules = {}, ...options } = {}) {
	const b = await start();
	const before = async (page) => {
		await page.route('**/live.js', (r) => r.fulfill(script(FAKE)));
		for (const [name, body] of Object.entries(modules)) await page.route(`**/${name}`, (r) => (body === null ? r.fulfill({ status: 404 }) : r.fulfill(script(body))));
		await options.before?.(page);
	};
	const page = await open(b.url + path, { ...options, before });
	await page.waitForFunction(() => globalThis.fakeLive);
	page.say = (status) => page.evaluate((s) => globalThis.fakeLive.say(s), status);
	page.give = (...messages) => page.evaluate((m) => globalThis.fakeLive.give(...m), messages);
	return page;
}
export const status = (page) => page.getByRole('status', { name: 'Connection' });
export const link = (page, name) => page.getByRole('navigation').getByRole('link', { name, exact: true });
export const words = async (locator, pattern) => locator.filter({ hasText: pattern }).waitFor();

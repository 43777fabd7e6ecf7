// Figures of the page: how soon, how much, how long. Used by tests/bench/bench-dashboard.
import { alert, chrome, container, containerEvent, containers, metrics, open, sessionEvent, sessions, until } from './harness.mjs';

const wave = (i, n, low, high) => Math.round((low + ((high - low) * (1 + Math.sin(i / 7 + n))) / 2) * 100) / 100;
/** The names of n containers. */
export const names = (n) => Array.from({ length: n }, (_, i) => (i ? `kato-service-${i}` : 'kato'));

/** The records of second i: n containers, metrics, sessions. @returns {any[]} */
export function second(i, at, n = 60) {
	const list = names(n).map((name, k) => container(name, { cpu: wave(i, k, 0, 90), mb: wave(i, k, 100, 900), at }));
	const active = Math.round(wave(i, 1, 3, 30));
	return [
		metrics({ at, active, total: 10_000 + 12 * i, perSecond: wave(i, 2, 1, 40), cpu: wave(i, 3, 5, 95), memory: wave(i, 4, 40, 70), errorRate: wave(i, 5, 0, 4) / 100, response: wave(i, 6, 5, 30) / 1000 }),
		containers(list, { at }), sessions(active, 100 + i, at),
	];
}

export const sorted = (v) => [...v].sort((a, b) => a - b);
export const median = (v) => sorted(v)[Math.floor(v.length / 2)];

/** A fresh context, nothing cached: ms from the start of navigation until the figure is on the screen. */
export async function firstState(url, figure) {
	const page = await open(url, {
		before: (p) =>
			p.addInitScript((wanted) => {
				const w = /** @type {any} */ (globalThis);
				const look = () => {
					if (w.shownAt || !document.body?.textContent.includes(wanted)) return; // innerText would have the page laid out each time
					requestAnimationFrame(() => (w.shownAt ??= performance.now()));
				};
				new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
			}, figure),
	});
	await page.waitForFunction(() => /** @type {any} */ (globalThis).shownAt);
	const ms = await page.evaluate(() => /** @type {any} */ (globalThis).shownAt);
	await page.context().close();
	return ms;
}

/** A page that notes when a message of alerts has come and when a toast's text stands in the document. */
export const openForToasts = (url) =>
	open(url, {
		before: (p) =>
			p.addInitScript(() => {
				const w = /** @type {any} */ (globalThis);
				w.came = {};
				w.stood = {};
				w.WebSocket = class extends WebSocket {
					constructor(...a) {
						super(.../** @type {[string]} */ (a));
						this.addEventListener('message', (e) => {
							const m = /Measured toast \d+/.exec(e.data);
							if (m) w.came[m[0]] ??= performance.now();
						});
					}
				};
				new MutationObserver(() => {
					for (const e of document.querySelectorAll('[aria-live], [role=alert], [role=log], [role=status]')) {
						const m = /Measured toast \d+/.exec(e.textContent ?? '');
						if (m) for (const all of e.textContent.match(/Measured toast \d+/g)) w.stood[all] ??= performance.now();
					}
				}).observe(document, { subtree: true, childList: true, characterData: true });
			}),
	});

/** ms from the message in the page to the toast in the document, n times. @returns {Promise<number[]>} */
export async function toasts(page, feed, n) {
	const all = [];
	for (let i = 0; i < n; i++) {
		const text = `Measured toast ${i}`;
		feed(alert({ key: `toast_${i}`, level: 'warning', message: text }));
		await page.waitForFunction((t) => /** @type {any} */ (globalThis).stood[t], text);
		all.push(await page.evaluate((t) => /** @type {any} */ (globalThis).stood[t] - /** @type {any} */ (globalThis).came[t], text));
		await page.getByRole('button', { name: 'Dismiss' }).first().click();
		await until(async () => (await page.getByRole('button', { name: 'Dismiss' }).count()) === 0, { what: 'dismissed' });
	}
	return all;
}

/** What the page does while body() runs: long tasks in ms, script and all tasks as shares of one core. */
export async function load(page, body) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('Performance.enable');
	const read = async () => Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((m) => [m.name, m.value]));
	await page.evaluate(() => {
		const w = /** @type {any} */ (globalThis);
		w.long = [];
		w.watch = new PerformanceObserver((l) => l.getEntries().forEach((e) => w.long.push(Math.round(e.duration))));
		w.watch.observe({ type: 'longtask' });
	});
	const before = await read();
	await body();
	const after = await read();
	const wall = after.Timestamp - before.Timestamp;
	const long = await page.evaluate(() => (/** @type {any} */ (globalThis).watch.disconnect(), /** @type {any} */ (globalThis).long));
	await cdp.detach();
	return { long, script: (after.ScriptDuration - before.ScriptDuration) / wall, task: (after.TaskDuration - before.TaskDuration) / wall };
}

/** The longest task of a page's main thread while body() runs, in ms of processor time: other processes do not lengthen it. */
export async function longestTask(body) {
	const cdp = await (await chrome()).newBrowserCDPSession();
	const { processInfo } = await cdp.send('SystemInfo.getProcessInfo');
	const renderers = new Set(processInfo.filter((p) => p.type === 'renderer').map((p) => p.id)), events = /** @type {any[]} */ ([]);
	cdp.on('Tracing.dataCollected', (e) => events.push(...e.value));
	await cdp.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel'], recordMode: 'recordUntilFull' } });
	await body();
	const all = new Promise((r) => cdp.once('Tracing.tracingComplete', r));
	await cdp.send('Tracing.end');
	await all;
	await cdp.detach();
	const main = new Set(events.filter((e) => e.name === 'thread_name' && e.args?.name === 'CrRendererMain' && renderers.has(e.pid)).map((e) => `${e.pid} ${e.tid}`));
	const tasks = events.filter((e) => /RunTask$/.test(e.name) && e.tdur !== undefined && main.has(`${e.pid} ${e.tid}`)).map((e) => e.tdur / 1000);
	return { longest: Math.max(0, ...tasks), tasks: tasks.length };
}

/** Feeds one second's records each second. */
export async function eachSecond(feed, seconds, n = 60) {
	for (let i = 0; i < seconds; i++) {
		feed(...second(i, Date.now(), n));
		await new Promise((r) => setTimeout(r, 1000));
	}
}

/** Bytes on the script heap after everything that can go has gone. */
export async function heap(page) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('Performance.enable');
	for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
	const { metrics: all } = await cdp.send('Performance.getMetrics');
	await cdp.detach();
	return { bytes: all.find((m) => m.name === 'JSHeapUsedSize').value, nodes: all.find((m) => m.name === 'Nodes').value };
}

/** As messages of the wire, hours of them, as fast as the socket takes them: a second's state, and now and then events. */
export async function hours(socket, from, seconds, step = 1) {
	const pushed = { n: 0 };
	for (let i = 0; i < seconds; i += step) {
		const at = from + i * 1000;
		const [m, c, s] = second(i, at);
		socket.send(JSON.stringify({ type: 'realtime_update', timestamp: m.timestamp, data: { metrics: m.data, containers: c.data, sessions: s.data } }));
		pushed.n++;
		if (i % 60 === 0) socket.send(JSON.stringify({ ...sessionEvent({ at, created: i % 120 === 0, session: `s${i}` }), offset: i }));
		if (i % 300 === 0) socket.send(JSON.stringify({ ...containerEvent('kato', i % 600 ? 'start' : 'die', { at }), offset: i + 1 }));
		if (i % 600 === 0) socket.send(JSON.stringify({ ...alert({ at, id: `hours-${from}-${i}`, key: 'high_cpu', state: i % 1200 ? 'resolved' : 'firing', level: i % 1200 ? 'info' : 'warning' }), offset: i + 2 }));
		while (socket.bufferedAmount > 1 << 20) await new Promise((r) => setTimeout(r, 5));
		if (pushed.n % 50 === 0) await new Promise((r) => setImmediate(r));
	}
	// all of it has been dealt with when the page answers behind it
	return pushed.n;
}

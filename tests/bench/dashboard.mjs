import { chrome, open, start, until } from '../web/harness.mjs';
import { eachSecond, firstState, heap, hours, load, median, openForToasts, second, sorted, toasts } from '../web/measure.mjs';
import { fake } from '../web/servers.mjs';

const SECONDS = Number(process.argv[2] ?? 60);
const HOURS = Number(process.argv[3] ?? 8);
let missed = 0;
function say(what, value, unit, bar, more = '') {
	const ok = value <= bar;
	if (!ok) missed++;
	console.log(`${ok ? 'ok    ' : 'MISSED'} ${what}: ${Math.round(value * 10) / 10} ${unit} (bar ${bar} ${unit})${more ? '; ' + more : ''}`);
}
const live = (page) => until(() => page.getByRole('status').filter({ hasText: 'Live' }).first().isVisible(), { what: 'live' });

async function sooner() {
	const b = await start();
	b.feed(...second(0, Date.now()));
	b.feed({ ...second(0, Date.now())[0], data: { requests: { total: 7654321 }, performance: {} } });
	await until(async () => (await fetch(`${b.url}/api/v1/system/metrics`)).ok);
	const figure = '7,654,321'; // a card's, and in no chart
	await firstState(b.url, figure);
	const all = [];
	for (let i = 0; i < 15; i++) all.push(await firstState(b.url, figure));
	say('first state, cold cache, worst of 15', Math.max(...all), 'ms', 300, `median ${Math.round(median(all))} ms`);
	const page = await openForToasts(b.url);
	await live(page);
	const t = await toasts(page, b.feed, 20);
	say('toast after its message, worst of 20', Math.max(...t), 'ms', 50, `median ${median(t).toFixed(1)} ms`);
	await page.context().close();
	await b.stop();
}

async function busy() {
	const b = await start();
	for (let i = -120; i < 0; i++) b.feed(...second(i, Date.now() + i * 1000));
	for (const path of ['/', '/containers', '/containers/kato', '/sessions']) {
		const page = await open(b.url.replace(/\/$/, '') + path);
		await live(page);
		await eachSecond(b.feed, 3);
		const l = await load(page, () => eachSecond(b.feed, SECONDS));
		say(`${path}: tasks over 50 ms in ${SECONDS} s with 60 containers a second`, l.long.length, 'tasks', 0, l.long.length ? `ms: ${l.long.join(' ')}` : '');
		say(`${path}: script`, l.script * 100, '% of a core', 15, `all of the main thread ${(l.task * 100).toFixed(1)} %`);
		await page.context().close();
	}
	await b.stop();
}

async function long() {
	let socket;
	const from = Date.now() - HOURS * 3600e3;
	const f = await fake({
		joined: (s) => {
			socket = s;
			s.send(JSON.stringify({ type: 'connected', timestamp: new Date().toISOString(), epoch: 'e', offset: 0, server: 'bench', topics: [], flags: {} }));
			s.on('message', (m) => String(m) === 'ping' && s.send(JSON.stringify({ type: 'heartbeat', timestamp: new Date().toISOString() })));
		},
	});
	for (const path of ['/', '/containers']) {
		const page = await open(f.url + path);
		await until(() => socket);
		const through = async (start, seconds) => {
			await hours(socket, start, seconds);
			const mark = `mark-${start}-${seconds}`;
			await page.evaluate(() => new Promise((r) => setTimeout(r, 0)));
			socket.send(JSON.stringify({ type: 'system_alert', id: mark, offset: 1e9, timestamp: new Date(start + seconds * 1000).toISOString(), alerts: [{ level: 'error', type: 'x', key: 'mark', message: mark, state: 'firing' }] }));
			await page.getByText(mark).first().waitFor({ timeout: 600_000 });
		};
		await through(from - 1800e3, 1800);
		const before = await heap(page);
		const began = Date.now();
		await through(from, HOURS * 3600);
		const after = await heap(page);
		say(`${path}: growth of the heap over ${HOURS} h of data`, (after.bytes / before.bytes - 1) * 100, '%', 5, `${(before.bytes / 1e6).toFixed(2)} to ${(after.bytes / 1e6).toFixed(2)} MB, ${before.nodes} to ${after.nodes} nodes, replayed in ${Math.round((Date.now() - began) / 1000)} s`);
		await page.context().close();
		socket = null;
	}
}

try {
	await sooner();
	await busy();
	if (HOURS) await long();
} finally {
	await (await chrome()).close();
}
console.log(missed ? `${missed} bars missed` : 'every bar is kept');
process.exit(missed ? 1 : 0);

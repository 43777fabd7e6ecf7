// Pictures of each page, light, dark and on a phone, with the demo's ten minutes as if they ended now: screenshots.mjs FOLDER
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, ROOT, alert, atEnd, chrome, open, start, until } from '../web/harness.mjs';

const folder = process.argv[2];
const ONLY = process.argv[3] ? new RegExp(process.argv[3]) : /./;
if (!folder) {
	console.error('usage: screenshots.mjs FOLDER [NAMES]');
	process.exit(2);
}
mkdirSync(folder, { recursive: true });

/** A demo's records up to a share of it, moved so that the last is of now, and no demo any more. @param {string} name @param {number} [share] */
function records(name, share = 1) {
	const whole = readFileSync(join(ROOT, `share/demo/${name}.ndjson`), 'utf8').trim().split('\n'), lines = whole.slice(0, Math.ceil(share * whole.length));
	const by = Date.now() - Date.parse(JSON.parse(lines.at(-1)).timestamp);
	return lines.map((line) => line.replace(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_all, t) => `"${new Date(Date.parse(t) + by).toISOString()}"`).replace(',"demo":true', ''));
}
/** The same with the alerts that alertd makes of them. @param {string[]} lines */
const alerted = (lines) =>
	execFileSync(join(BIN, 'alertd'), { input: lines.join('\n') + '\n', env: { ...process.env, KATO_LIVE_SETTINGS: '/dev/null' }, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] }).toString().trim().split('\n');

const b = await start();
const all = alerted(records('kato')), diagnosed = records('diagnostics', 0.6).filter((l) => !l.includes('"system_alert"'));
b.feed(...all, ...diagnosed, ...records('openrisk'));
const newest = new Map(all.map((l) => JSON.parse(l)).filter((r) => ['metrics', 'containers', 'sessions', 'source_status'].includes(r.type)).map((r) => [`${r.type} ${r.id ?? ''}`, r]));
const fresh = () => {
	const now = new Date().toISOString();
	for (const r of newest.values()) {
		r.timestamp = now;
		if (r.type === 'source_status') r.data.last_success = now;
	}
	b.feed(...newest.values());
};
const beat = setInterval(fresh, 1000);
atEnd(() => clearInterval(beat));
const at = b.url.replace(/\/$/, '');

const alerts = (page) => page.getByRole('button', { name: /^Alerts/ }).first().click();
/** @type {[string, string, ((page: any) => any)?][]} */
const PAGES = [
	['overview', '/'],
	['containers', '/containers'],
	['container', '/containers/kato'],
	['sessions', '/sessions'],
	['data', '/data?topic=dashboard'],
	['diagnostics', '/diagnostics'],
	['service', '/diagnostics/checkout'],
	['alerts', '/', alerts],
	['keys', '/', (page) => page.keyboard.press('?')],
	['toasts', '/', async (page) => {
		b.feed(alert({ level: 'error', type: 'container_down', key: `down-${Date.now()}`, container_name: 'kato-qdrant', message: 'Container kato-qdrant is exited' }), alert({ key: `cpu-${Date.now()}`, message: 'High CPU usage: 91.3%', value: 91.3, threshold: 80 }));
		await page.getByRole('button', { name: 'Dismiss' }).nth(1).waitFor();
	}],
];
/** @type {[string, any][]} */
const LOOKS = [
	['light', { colorScheme: 'light' }],
	['dark', { colorScheme: 'dark' }],
	['phone', { colorScheme: 'light', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }],
];

let made = 0;
for (const [look, context] of LOOKS) {
	for (const [name, path, act] of PAGES) {
		if (!ONLY.test(`${name}-${look}`)) continue;
		const page = await open(at + path, { context: { ...context, reducedMotion: 'reduce' } });
		await until(() => page.getByRole('status').filter({ hasText: 'Live' }).first().isVisible(), { what: `${name}: live` });
		fresh();
		await new Promise((r) => setTimeout(r, 1500)); // charts drawn, an age or two on
		await act?.(page);
		await new Promise((r) => setTimeout(r, 300));
		await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: !act });
		if (page.faults.length) console.error(`${name}-${look}: ${page.faults.join('\n')}`);
		await page.context().close();
		made++;
	}
}
clearInterval(beat);
await b.stop();
await (await chrome()).close();
console.log(`${made} pictures in ${folder}`);
process.exit(0);

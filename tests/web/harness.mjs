// What the tests of the page share: a real broadcaster, a real browser, ends by pid.
// Each test file: import { test, start, open } from './harness.mjs'; test() is node:test's, with everything started in it ended.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import nodeTest from 'node:test';
import { chromium } from 'playwright-core';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const BUILD = process.env.BUILD ?? 'build';
export const BIN = join(BUILD.startsWith('/') ? BUILD : join(ROOT, BUILD), 'bin');

const ends = [];
let browser;

/** A test that ends what was started in it, whatever came of it. */
export function test(name, options, body = options) {
	return nodeTest(name, typeof options === 'object' ? { timeout: 60000, ...options } : { timeout: 60000 }, async (t) => {
		const mark = ends.length;
		try {
			await body(t);
		} finally {
			while (ends.length > mark) await ends.pop()();
		}
	});
}
nodeTest.after(async () => {
	if (browser) await (await browser).close();
});

/** To be called when this test is over, last one first. */
export const atEnd = (f) => ends.push(f);

export function folder() {
	const d = mkdtempSync(join(tmpdir(), 'web-'));
	atEnd(() => rmSync(d, { recursive: true, force: true }));
	return d;
}

/** Waits until f() is true (or resolves to something true) and gives that; says what never came. */
export async function until(f, { seconds = 10, what = f.toString() } = {}) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const v = await f();
		if (v) return v;
		if (Date.now() > end) throw new Error(`never became true: ${what}`);
		await new Promise((r) => setTimeout(r, 20));
	}
}

// A test sees its own settings only: none of the caller, none of /etc.
const ours = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(KATO_|WEBSOCKET_|ALERT_|VITE_|CORS_ORIGINS$|LOG_LEVEL$|DOCKER_HOST$)/.test(name)));

function child(argv, { env = {} } = {}) {
	const options = { env: { ...ours, KATO_LIVE_SETTINGS: '/dev/null', ...env }, stdio: ['pipe', 'pipe', 'pipe'] };
	const p = /** @type {any} */ (spawn(argv[0], argv.slice(1), /** @type {any} */ (options)));
	p.stdin.on('error', () => {});
	p.said = '';
	p.stderr.on('data', (d) => (p.said = (p.said + d).slice(-65536)));
	p.stdout.resume();
	p.ended = new Promise((r) => p.on('exit', (code, signal) => r(code ?? signal)));
	return p;
}

/**
 * A broadcaster fed through a pipe by feed(record…): objects become lines, strings are written as they are.
 * Again with {port} to start it anew on the same one.
 */
export async function start({ port = 0, args = [], env = {} } = {}) {
	const p = child([join(BIN, 'broadcaster'), '--port', String(port), ...args], { env });
	const s = /** @type {any} */ ({
		pid: p.pid,
		process: p,
		feed: (...records) => p.stdin.write(records.map((r) => (typeof r === 'string' ? r : JSON.stringify(r)) + '\n').join('')),
		said: () => p.said,
		async stop(signal = 'SIGTERM') {
			if (p.exitCode === null && p.signalCode === null) p.kill(signal);
			const late = setTimeout(() => p.kill('SIGKILL'), 5000);
			await p.ended;
			clearTimeout(late);
		},
	});
	atEnd(() => s.stop());
	const m = await until(() => /listening on (http:\/\/[^\s]*:(\d+))/.exec(p.said) ?? (p.exitCode !== null && Promise.reject(new Error(p.said))), {
		what: 'the broadcaster listens',
	});
	s.url = m[1];
	s.port = Number(m[2]);
	return s;
}

export const chrome = () =>
	(browser ??= chromium.launch({
		executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
		args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
	}));

/**
 * A page in a context of its own. Anything it throws, says as an error or asks of another host fails the test through page.faults.
 * @param {string} url @param {any} [options] @returns {Promise<import('playwright-core').Page & {faults: string[]}>}
 */
export async function open(url, { context = {}, before = async (_page) => {} } = {}) {
	const c = await (await chrome()).newContext({ viewport: { width: 1440, height: 900 }, ...context });
	atEnd(() => c.close());
	const page = /** @type {any} */ (await c.newPage());
	page.faults = [];
	page.on('pageerror', (e) => page.faults.push(`error: ${e.stack ?? e}`));
	page.on('request', (r) => {
		const u = new URL(r.url());
		if (!['127.0.0.1', 'localhost', ''].includes(u.hostname) && u.protocol !== 'data:' && u.protocol !== 'blob:') page.faults.push(`asked for ${r.url()}`);
	});
	await page.addInitScript(() => {
		globalThis.cspReports = [];
		document.addEventListener('securitypolicyviolation', (e) => globalThis.cspReports.push(`${e.violatedDirective} ${e.blockedURI}`));
	});
	await before(page);
	await page.goto(url);
	return page;
}

// --- records, as the collectors write them ---

const stamp = (at = Date.now()) => new Date(at).toISOString();

/** @param {any} [o] */
export function metrics({ at, active = 5, total = 15234, perSecond = 12.5, cpu = 45.2, memory = 62.1, errorRate = 0.002, response = 0.012, processors = 3 } = {}) {
	return {
		type: 'metrics', timestamp: stamp(at), source: 'kato-metrics',
		data: {
			sessions: { active }, requests: { total, per_second: perSecond }, resources: { cpu_percent: cpu, memory_percent: memory, disk_percent: 41.2 },
			performance: { total_requests: total, total_errors: 3, error_rate: errorRate, average_response_time: response },
			rates: { requests_per_second: perSecond }, processor_manager: { total_processors: processors, max_processors: 100, eviction_ttl_seconds: 3600 },
		},
	};
}

/** @param {string} name @param {any} [o] */
export function container(name, { status = 'running', cpu = 1.5, mb = 120.5, limit = 1024, health, at } = {}) {
	return {
		name, id: name.slice(0, 12), image: `${name}:1`, status, ...(health ? { health } : {}), restart_count: 0, cpu,
		memory: { usage_bytes: mb * 1048576, limit_bytes: limit * 1048576, usage_mb: mb, limit_mb: limit, usage_percent: Math.round((mb / limit) * 10000) / 100 },
		network: { rx_bytes: 1000, tx_bytes: 2000, rx_mb: 0, tx_mb: 0, rx_bytes_per_second: 2048, tx_bytes_per_second: 512 },
		block_io: { read_bytes: 4096, write_bytes: 8192, read_mb: 0, write_mb: 0.01 }, pids: 4, timestamp: stamp(at),
	};
}

/** @param {any[]} [list] @param {any} [o] */
export function containers(list = [container('kato'), container('kato-redis')], { at, cpus = 4 } = {}) {
	const sum = (f) => Math.round(list.reduce((s, c) => s + f(c), 0) * 100) / 100;
	const mb = sum((c) => c.memory.usage_mb), limit = sum((c) => c.memory.limit_mb);
	return {
		type: 'containers', timestamp: stamp(at), source: 'docker-stats',
		data: {
			aggregated: {
				total_cpu_percent: sum((c) => c.cpu), host_cpu_percent: sum((c) => c.cpu / cpus), online_cpus: cpus, total_memory_mb: mb, total_memory_limit_mb: limit,
				total_memory_percent: limit ? Math.round((mb / limit) * 10000) / 100 : 0, container_count: list.filter((c) => c.status !== 'missing').length, timestamp: stamp(at),
			},
			containers: list,
		},
	};
}

export const sessions = (active = 5, total = 127, at) => ({ type: 'sessions', timestamp: stamp(at), source: 'session-watch', data: { active_count: active, total_count: total } });

let ids = 0;
/** @param {any} [o] */
export const sessionEvent = ({ created = true, now = 5, before = created ? now - 1 : now + 1, id = `s${++ids}`, session, at } = {}) => ({
	type: 'session_event', id, event_type: created ? 'session_created' : 'session_destroyed', timestamp: stamp(at), source: 'session-watch',
	data: { current_count: now, previous_count: before, delta: now - before, time_since_last_event: 1.5, ...(session ? { session_id: session, node_id: 'node1' } : {}) },
});

/** @param {any} [o] */
export const alert = ({ level = 'warning', type = 'high_cpu', key = type, message = 'High CPU usage: 85.0%', state = 'firing', since, at, id = `alert_${Date.now()}_${++ids}`, ...more } = {}) => ({
	type: 'system_alert', id, timestamp: stamp(at), source: 'alertd',
	alerts: [{ level, type, message, state, since: since ?? stamp(at), key, ...more }],
});

/** @param {string} name @param {string} [action] @param {any} [o] */
export const containerEvent = (name, action = 'die', { at, id = `c${++ids}`, ...more } = {}) => ({
	type: 'container_event', id, timestamp: stamp(at), source: 'docker-stats', data: { action, name, container_id: name.slice(0, 12), ...more },
});

/** @param {string} source @param {string} [status] @param {any} [o] */
export const sourceStatus = (source, status = 'up', { at, error, since, success = at, interval = 3000 } = {}) => ({
	type: 'source_status', id: source, timestamp: stamp(at), source,
	data: { source, status, ...(error ? { error } : {}), since: stamp(since ?? at), last_success: stamp(success), duration_ms: 12, interval_ms: interval },
});

// Services as a test wants them: records as a collector writes them, judged by the real healthd.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BIN } from './harness.mjs';

const stamp = (at) => new Date(at).toISOString();
/** @param {string} id @param {any} [metrics] @param {any} [o] */
export const service = (id, metrics = {}, { name = id, type = 'service', at = Date.now() } = {}) => ({ type: 'services', id, timestamp: stamp(at), source: 'prom-services', data: { name, type, metrics } });
/** @param {string} source @param {string} target @param {any} [o] */
export const traffic = (source, target, { rate = 5, errors = 0, p95 = 0.05, at = Date.now() } = {}) => ({
	type: 'traffic', id: `${source}>${target}`, timestamp: stamp(at), source: 'prom-services', data: { source_id: source, target_id: target, request_rate: rate, error_rate: errors, latency_p95: p95 },
});
/** @param {[string, string][]} edges */
export const dependencies = (edges, at = Date.now()) => ({ type: 'dependencies', timestamp: stamp(at), source: 'prom-services', data: { edges: edges.map(([source_id, target_id]) => ({ source_id, target_id })) } });

/** What healthd writes of records, those among it: lines. @param {any[]} records @returns {string[]} */
export function judged(records) {
	const r = spawnSync(join(BIN, 'healthd'), { input: records.map((x) => JSON.stringify(x)).join('\n') + '\n', env: { ...process.env, KATO_LIVE_SETTINGS: '/dev/null' }, maxBuffer: 1 << 28 });
	return r.stdout.toString().trim().split('\n');
}

/** The same dice at each run. */
export function dice(seed = 7) {
	let s = seed;
	return () => (s = (s * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
}

/** n services in five tiers with m edges between them, and a few circles. @returns {{ids: string[], edges: [string, string][]}} */
export function tiers(n, m, seed = 7) {
	const roll = dice(seed), kinds = ['web', 'api', 'service', 'worker', 'store'], size = Math.max(1, n / 5);
	const ids = Array.from({ length: n }, (_, i) => `${kinds[Math.min(4, Math.floor(i / size))]}-${i}`), seen = new Set();
	/** @type {[string, string][]} */
	const edges = [];
	for (let k = 0; edges.length < m && k < 20 * m; k++) {
		const a = Math.floor(roll() * n * 0.85), tier = Math.floor(a / size), b = Math.min(n - 1, Math.floor((tier + (roll() < 0.03 ? 0 : 1) + (roll() < 0.1 ? 1 : 0)) * size + roll() * size));
		if (a === b || seen.has(`${a} ${b}`)) continue;
		seen.add(`${a} ${b}`);
		edges.push([ids[a], ids[b]]);
	}
	return { ids, edges };
}

const TYPES = { store: 'database', web: 'load_balancer' };
/** One reading of them all: every 17th fails, every 11th is slow. @param {ReturnType<typeof tiers>} fleet */
export function tick({ ids, edges }, { at = Date.now(), round = 0, seed = 3 } = {}) {
	const roll = dice(seed + round), ill = (/** @type {number} */ i) => (i % 17 === 5 ? 2 : i % 11 === 3 ? 1 : 0);
	const place = new Map(ids.map((id, i) => [id, i]));
	return [
		...ids.map((id, i) => service(id, { cpu_usage: round4(ill(i) ? 0.93 : 0.2 + roll() * 0.4), memory_usage: Math.round(2e8 + roll() * 5e8), request_rate: round4(roll() * 50), error_rate: [0.001, 0.07, 0.55][ill(i)], latency_p95: round4(ill(i) ? 1.2 + roll() : 0.05 + roll() * 0.2) },
			{ name: id.replace('-', ' '), type: TYPES[id.split('-')[0]] ?? 'service', at })),
		dependencies(edges, at),
		...edges.filter((_, i) => i % 7 !== 6).map(([a, b]) => traffic(a, b, { rate: round4(roll() * 40), errors: ill(place.get(b) ?? 0) === 2 ? 0.4 : 0.002, p95: ill(place.get(b) ?? 0) ? 1.6 : 0.08, at })),
	];
}
const round4 = (/** @type {number} */ n) => Math.round(n * 1e4) / 1e4;

// What records of services, their traffic and their dependencies say: pure, from whatever came. No DOM.
import { NONE, bytes, count, isNumber, ms, parseTime, percent, plain, rate, text } from './format.js';

/**
 * @typedef {'failed' | 'degraded' | 'unknown' | 'healthy'} Status
 * @typedef {import('./containerrows.js').Look} Look
 * @typedef {object} Service
 * @property {string} id @property {string} name @property {string} type @property {Status} status @property {number | null} score 0 to 100
 * @property {string[]} anomalies in words @property {[string, number][]} metrics @property {number | null} at
 * @property {boolean} judged whether somebody has said how well it is @property {string} words to search in
 * @typedef {{key: string, id: string, name: string, metric: string, severity: string, look: Look, rank: number, message: string, value: number | null, expected: number | null,
 *   deviation: number | null, since: number | null, causes: string[]}} Anomaly
 * @typedef {{key: string, source: string, target: string, sourceName: string, targetName: string, status: Status, score: number | null, anomalies: string[], error: string}} Failing
 * @typedef {{key: string, source: string, target: string, needed: boolean, rate: number | null, errors: number | null, p95: number | null, abnormal: boolean,
 *   score: number | null, trend: string, measured: boolean, at: number | null, failing: Failing | null}} Edge
 */

export const ID_MAX = 256;
const NAME_MAX = 200, WORDS_MAX = 300, LIST_MAX = 20, METRICS_MAX = 24;

/** Worst first. @type {Status[]} */
export const STATUSES = ['failed', 'degraded', 'unknown', 'healthy'];
/** @type {Record<Status, Look>} */
export const LOOKS = { failed: 'gone', degraded: 'warn', unknown: 'quiet', healthy: 'good' };
const SEVERITIES = ['critical', 'high', 'medium', 'low'];
/** @type {Record<string, Look>} */
const SEVERITY_LOOKS = { critical: 'gone', high: 'bad', medium: 'warn' };

/** @param {unknown} v @returns {Record<string, any>} */
const part = (v) => (typeof v === 'object' && v !== null && !Array.isArray(v) ? /** @type {any} */ (v) : {});
/** @param {unknown} v @returns {number | null} */
const num = (v) => (isNumber(v) ? v : null);
/** @param {unknown} v @returns {number | null} */
const amount = (v) => (isNumber(v) && v >= 0 ? v : null);
/** @param {unknown} v @returns {string[]} */
const wordsOf = (v) => (Array.isArray(v) ? v.slice(0, LIST_MAX).map((w) => text(w, WORDS_MAX)).filter(Boolean) : []);
/** An id as the records name it; half characters, which no address can hold, are replaced. @param {unknown} v */
export const idOf = (v) => text(v, ID_MAX).replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
/** @param {string} source @param {string} target */
export const edgeKey = (source, target) => `${source}\n${target}`;

/** @param {unknown} v @returns {Status} */
function statusOf(v) {
	const s = text(v, 40).toLowerCase();
	return STATUSES.find((x) => x === s) ?? (s === 'critical' ? 'failed' : 'unknown');
}

/** @param {unknown} v @returns {[string, number][]} */
const metricsOf = (v) => /** @type {[string, number][]} */ (Object.entries(part(v)).filter(([, n]) => isNumber(n)).slice(0, METRICS_MAX).map(([k, n]) => [text(k, 80), n]));

/** Of service_health, or of services, which nobody has judged; null when it has no name. @param {string} id of the record @param {any} value as the store keeps it @param {boolean} judged @returns {Service | null} */
export function readService(id, value, judged) {
	const d = part(value?.data), key = idOf(d.resource_id) || idOf(id);
	if (!key) return null;
	const name = text(d.resource_name ?? d.name, NAME_MAX) || key, type = text(d.resource_type ?? d.type, 60).toLowerCase(), score = num(d.health_score);
	const status = judged ? statusOf(d.status) : 'unknown', anomalies = wordsOf(d.anomalies);
	return {
		id: key, name, type, status, score: score === null ? null : Math.min(100, Math.max(0, score)), anomalies, metrics: metricsOf(d.metrics),
		at: parseTime(d.last_updated) ?? num(value?.at), judged, words: `${name} ${key} ${type} ${status} ${anomalies.join(' ')}`.toLowerCase(),
	};
}

/** @param {string} id @param {any} value @returns {Anomaly} */
export function readAnomaly(id, value) {
	const d = part(value?.data), severity = text(d.severity, 40).toLowerCase() || 'unknown', rank = SEVERITIES.indexOf(severity);
	const own = idOf(d.resource_id) || idOf(id).replace(/:[^:]*$/, '');
	return {
		key: id, id: own, name: text(d.resource_name, NAME_MAX) || own || NONE, metric: text(d.metric_name, 80) || NONE, severity, look: SEVERITY_LOOKS[severity] ?? 'quiet',
		rank: rank < 0 ? SEVERITIES.length : rank, message: text(d.message ?? d.description, WORDS_MAX), value: num(d.current_value), expected: num(d.expected_value),
		deviation: num(d.deviation_percentage), since: parseTime(d.detected_at) ?? num(value?.at), causes: wordsOf(d.potential_causes),
	};
}

/** The ends of an edge; null when one has no name. @param {string} id "SOURCE>TARGET" @param {Record<string, any>} d */
function endsOf(id, d) {
	const at = id.indexOf('>');
	const source = idOf(d.source_id) || (at > 0 ? idOf(id.slice(0, at)) : ''), target = idOf(d.target_id) || (at > 0 ? idOf(id.slice(at + 1)) : '');
	return source && target ? { source, target } : null;
}

/** @param {string} id @param {any} value @returns {Failing | null} */
export function readFailing(id, value) {
	const d = part(value?.data), ends = endsOf(id, d);
	if (!ends) return null;
	const { source, target } = ends;
	return {
		key: edgeKey(source, target), source, target, sourceName: text(d.source_name, NAME_MAX) || source, targetName: text(d.target_name, NAME_MAX) || target,
		status: statusOf(d.status), score: num(d.health_score), anomalies: wordsOf(d.anomalies), error: text(d.error_message, WORDS_MAX),
	};
}

/** Of traffic_health, or of traffic, which nobody has judged. @param {string} id @param {any} value @returns {Edge | null} */
export function readTraffic(id, value) {
	const d = part(value?.data), ends = endsOf(id, d);
	if (!ends) return null;
	return {
		...ends, key: edgeKey(ends.source, ends.target), needed: false, rate: amount(d.request_rate), errors: amount(d.error_rate), p95: amount(d.latency_p95), abnormal: d.is_abnormal === true,
		score: num(d.anomaly_score), trend: text(d.trend, 20), measured: true, at: num(value?.at), failing: null,
	};
}

/** @param {any} value @param {number} most @returns {{source: string, target: string}[]} each once */
export function readDependencies(value, most) {
	const list = part(value?.data).edges, seen = new Set(), out = [];
	for (const e of Array.isArray(list) ? list.slice(0, most) : []) {
		const ends = endsOf('', part(e));
		if (!ends || seen.has(edgeKey(ends.source, ends.target))) continue;
		seen.add(edgeKey(ends.source, ends.target));
		out.push(ends);
	}
	return out;
}

// --- order ---

const byName = new Intl.Collator('en', { numeric: true });
/** @param {{name: string, id: string}} a @param {{name: string, id: string}} b */
export const names = (a, b) => byName.compare(a.name, b.name) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** @typedef {'health' | 'name' | 'anomalies' | 'seen'} Column @typedef {{by: Column, down: boolean}} Sorting */

/** @type {Record<Column, (a: Service, b: Service) => number>} */
const ORDER = {
	health: (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || (a.score ?? 101) - (b.score ?? 101) || b.anomalies.length - a.anomalies.length,
	name: names,
	anomalies: (a, b) => b.anomalies.length - a.anomalies.length,
	seen: (a, b) => (b.at ?? 0) - (a.at ?? 0),
};
/** @param {unknown} v @returns {v is Column} */
export const isColumn = (v) => typeof v === 'string' && Object.hasOwn(ORDER, v);

/** In place. @param {Service[]} list @param {Sorting} sorting */
export function sortServices(list, { by, down }) {
	const sign = down ? -1 : 1, order = ORDER[by];
	return list.sort((a, b) => sign * order(a, b) || names(a, b));
}

/** Each word must be in its name, id, type, status or anomalies. @param {{query: string, status: string, type: string}} wish @returns {(s: Service) => boolean} */
export function filterFor({ query, status, type }) {
	const words = query.toLowerCase().split(/\s+/).filter(Boolean);
	return (s) => (!status || s.status === status) && (!type || (s.type || 'unknown') === type) && words.every((w) => s.words.includes(w));
}

/** @param {Anomaly} a @param {Anomaly} b */
export const byAnomaly = (a, b) => a.rank - b.rank || (b.since ?? 0) - (a.since ?? 0) || (a.key < b.key ? -1 : 1);
/** @param {Failing} a @param {Failing} b */
export const byFailing = (a, b) => STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) || (a.score ?? 101) - (b.score ?? 101) || (a.key < b.key ? -1 : 1);
/** Failing, then abnormal, then the busiest. @param {Edge} a @param {Edge} b */
export const byEdge = (a, b) => Number(Boolean(b.failing)) - Number(Boolean(a.failing)) || Number(b.abnormal) - Number(a.abnormal) || (b.score ?? 0) - (a.score ?? 0) || (b.rate ?? -1) - (a.rate ?? -1) || (a.key < b.key ? -1 : 1);

// --- words ---

/** error_rate: error rate @param {string} name */
export const metricLabel = (name) => name.replace(/[_\s]+/g, ' ').trim() || name;

/** @param {string} name */
export const metricTitle = (name) => metricLabel(name).replace(/\bcpu\b/i, 'CPU').replace(/^[a-z](?!\d)/, (c) => c.toUpperCase());

/** A metric with the unit its name tells: shares as percent, times of response, bytes, rates. @param {string} name @param {number | null} v */
export function metricText(name, v) {
	if (v === null) return NONE;
	if (/percent|pct|health_score/i.test(name)) return /score/.test(name) ? plain(v) : percent(v);
	if (/error_(rate|ratio)|cpu/i.test(name)) return percent(v * 100);
	if (/latency|duration|seconds|response_time/i.test(name)) return ms(v);
	if (/bytes|memory/i.test(name)) return v >= 0 && v <= 1.5 ? percent(v * 100) : bytes(v);
	if (/(rate|per_second|throughput)$/i.test(name)) return `${rate(v)}/s`;
	return plain(v);
}

/** "4.0/s, 0.20 % errors, p95 120 ms" @param {{rate: number | null, errors: number | null, p95: number | null}} e */
export function flowText(e) {
	return [e.rate === null ? '' : `${rate(e.rate)}/s`, e.errors === null ? '' : `${percent(e.errors * 100)} errors`, e.p95 === null ? '' : `p95 ${ms(e.p95)}`].filter(Boolean).join(', ') || 'not measured';
}

/** "+900 %" @param {number | null} n */
export const deviationText = (n) => (n === null ? NONE : `${n > 0 ? '+' : n < 0 ? '−' : ''}${percent(Math.abs(n), Math.abs(n) < 99.5 ? 1 : 0)}`);

/** @param {Status | string} status @param {number | null} score */
export const scoreText = (status, score) => (score === null ? status : `${status}, ${count(score)} of 100`);

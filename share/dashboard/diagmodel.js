// All that is known of services and what lies between them, kept up as the store's states change; and what changed when. No DOM.
import { parseTime, text } from './format.js';
import { STATUSES, byAnomaly, byEdge, byFailing, edgeKey, idOf, metricLabel, readAnomaly, readDependencies, readFailing, readService, readTraffic } from './diagread.js';

/**
 * @typedef {import('./diagread.js').Service} Service @typedef {import('./diagread.js').Edge} Edge
 * @typedef {import('./diagread.js').Anomaly} Anomaly @typedef {import('./diagread.js').Failing} Failing
 * @typedef {object} Picture
 * @property {Service[]} services @property {Map<string, Service>} byId @property {Edge[]} edges @property {Anomaly[]} anomalies worst first @property {Failing[]} failing worst first
 * @property {Record<import('./diagread.js').Status, number>} counts @property {string} overall @property {boolean} judged whether anybody says how well they are
 * @property {number} flows edges whose traffic is measured @property {number} abnormal @property {number | null} newest of all readings @property {string[]} types
 */

export const STATES = ['service_health', 'traffic_health', 'anomaly', 'failing_dependency', 'overall_health', 'dependencies'];
/** What collectors say: asked for where nobody judges it. */
export const RAW = ['services', 'traffic'];
export const EVENTS = ['health_change', 'anomaly_detected', 'traffic_anomaly'];
const EDGES_MAX = 20000;
const CHANGES_MAX = 1000;

/** Those of this server's topics that this page is for. @param {any} store */
export const isKnown = (store) => [...STATES, 'services'].some((t) => store.states.has(t) || store.topics.includes(t));

/** @param {any} store @param {(s: Service) => void} [seen] called with each reading of a service */
export function createModel(store, seen = () => {}) {
	/** @type {Record<string, Map<string, any>>} by type, by the record's id */
	const read = Object.fromEntries([...STATES, ...RAW].map((t) => [t, new Map()]));
	/** @type {Picture | null} */
	let picture = null;
	let version = 0;
	/** @type {Record<string, (id: string, value: any) => any>} */
	const READ = {
		service_health: (id, v) => readService(id, v, true), services: (id, v) => readService(id, v, false), traffic_health: readTraffic, traffic: readTraffic,
		anomaly: readAnomaly, failing_dependency: readFailing, overall_health: (_id, v) => text(v?.data?.status, 40).toLowerCase(), dependencies: (_id, v) => readDependencies(v, EDGES_MAX),
	};

	/** @param {string} type @param {string} id */
	function take(type, id) {
		if (!Object.hasOwn(READ, type)) return;
		const value = store.states.get(type)?.get(id), thing = value ? READ[type](id, value) : null;
		if (thing === null) read[type].delete(id);
		else read[type].set(id, thing);
		if (thing && (type === 'service_health' || type === 'services')) seen(thing);
		picture = null;
		version++;
	}
	for (const type of Object.keys(READ)) for (const id of store.states.get(type)?.keys() ?? []) take(type, id);
	store.on('state', take);

	/** @param {Map<string, Failing>} failing */
	function edges(failing) {
		/** @type {Map<string, Edge>} */
		const all = new Map();
		for (const from of [read.traffic, read.traffic_health]) for (const e of from.values()) all.set(e.key, { ...e, failing: failing.get(e.key) ?? null });
		const more = [...read.dependencies.values()].flat(), bare = { rate: null, errors: null, p95: null, abnormal: false, score: null, trend: '', measured: false, at: null };
		for (const { source, target } of [...more, ...failing.values()]) {
			const key = edgeKey(source, target), known = all.get(key);
			if (known) known.needed = true;
			else all.set(key, { key, source, target, needed: true, ...bare, failing: failing.get(key) ?? null });
		}
		return [...all.values()].sort(byEdge);
	}

	/** @returns {Picture} */
	function draw() {
		/** @type {Map<string, Service>} */
		const byId = new Map();
		for (const from of [read.services, read.service_health]) for (const s of from.values()) byId.set(s.id, s);
		const services = [...byId.values()], counts = { failed: 0, degraded: 0, unknown: 0, healthy: 0 };
		let newest = /** @type {number | null} */ (null);
		for (const s of services) {
			counts[s.status]++;
			if (s.at !== null && (newest === null || s.at > newest)) newest = s.at;
		}
		/** @type {Map<string, Failing>} */
		const failing = new Map([...read.failing_dependency.values()].map((f) => [f.key, f]));
		const list = edges(failing), flows = list.filter((e) => e.measured);
		return {
			services, byId, edges: list, anomalies: [...read.anomaly.values()].sort(byAnomaly), failing: [...failing.values()].sort(byFailing), counts, judged: read.service_health.size > 0,
			overall: read.overall_health.values().next().value ?? '', flows: flows.length, abnormal: flows.filter((e) => e.abnormal).length, newest,
			types: [...new Set(services.map((s) => s.type || 'unknown'))].sort(),
		};
	}
	return {
		get picture() { return (picture ??= draw()); },
		/** Rises with everything that changes the picture. */
		get version() { return version; },
		/** Whether somebody judges: then what collectors say is in what that one says. */
		get judged() { return read.service_health.size > 0 || store.topics.includes('service_health'); },
	};
}

// --- what changed when ---

/**
 * @typedef {'health' | 'anomaly' | 'traffic'} Kind
 * @typedef {{id: string, at: number | null, offset: number | null, kind: Kind, ids: string[], look: import('./containerrows.js').Look, what: string, words: string}} Change
 *   ids: whom it is about
 */

/** @type {Record<string, (d: Record<string, any>) => Omit<Change, 'id' | 'at' | 'offset'> | null>} */
const CHANGES = {
	health_change(d) {
		const id = idOf(d.resource_id), to = text(d.new_status, 40) || 'unknown', from = text(d.old_status, 40) || 'unknown';
		const better = STATUSES.indexOf(/** @type {any} */ (to)) > STATUSES.indexOf(/** @type {any} */ (from));
		const look = to === 'failed' ? 'gone' : to === 'healthy' ? 'good' : to === 'degraded' ? 'warn' : 'quiet';
		const score = typeof d.health_score === 'number' && Number.isFinite(d.health_score) ? `, score ${Math.round(d.health_score)}` : '';
		return id ? { kind: 'health', ids: [id], look, what: better ? 'Better' : 'Worse', words: `${from} → ${to}${score}` } : null;
	},
	anomaly_detected(d) {
		const id = idOf(d.resource_id), severity = text(d.severity, 40);
		const look = severity === 'critical' ? 'gone' : severity === 'high' ? 'bad' : severity === 'medium' ? 'warn' : 'quiet';
		return id ? { kind: 'anomaly', ids: [id], look, what: 'Anomaly', words: [severity, text(d.description ?? d.message, 300) || metricLabel(text(d.metric_name, 80))].filter(Boolean).join(': ') } : null;
	},
	traffic_anomaly(d) {
		const source = idOf(d.source_id), target = idOf(d.target_id);
		return source && target ? { kind: 'traffic', ids: [source, target], look: 'warn', what: 'Traffic', words: [metricLabel(text(d.anomaly_type, 80)), text(d.description, 300)].filter(Boolean).join(': ') } : null;
	},
};

/** @param {any} e an event as it came @returns {Change | null} */
export function readChange(e) {
	const type = text(e?.type, 40), d = typeof e?.data === 'object' && e.data !== null ? e.data : {};
	const said = Object.hasOwn(CHANGES, type) ? CHANGES[type](d) : null;
	if (!said) return null;
	const at = parseTime(e.timestamp), offset = Number.isSafeInteger(e.offset) ? e.offset : null;
	return { id: text(e.id, 600) || (offset === null ? `${type} ${at} ${said.ids}` : `offset ${offset}`), at, offset, ...said };
}

/** Each change once, the newest first. */
export function createChanges() {
	/** @type {Map<string, Change>} */
	const known = new Map();
	/** @type {Change[] | null} */
	let list = null;
	let version = 0;
	/** @param {Change} a @param {Change} b */
	const newer = (a, b) => (b.at ?? 0) - (a.at ?? 0) || (b.offset ?? 0) - (a.offset ?? 0);
	return {
		/** @param {unknown} e */
		take(e) {
			const c = readChange(e);
			if (!c || known.has(c.id)) return;
			known.set(c.id, c);
			list = null;
			version++;
		},
		/** @returns {Change[]} */
		get list() {
			if (list) return list;
			list = [...known.values()].sort(newer);
			for (const gone of list.splice(CHANGES_MAX)) known.delete(gone.id);
			return list;
		},
		get version() { return version; },
	};
}

// --- metrics over the time seen ---

const POINTS = 360, MANY = 400, POINTS_OF_MANY = 90;

/** Readings of each service since the page began to look: when there are many, neighbours become one. */
export function createPast() {
	/** @typedef {{at: number[], metrics: Map<string, (number | null)[]>}} Past */
	/** @type {Map<string, Past>} */
	const pasts = new Map();

	/** @param {Past} p */
	function halve(p) {
		p.at = p.at.filter((_, i) => i % 2 === 1);
		for (const [name, values] of p.metrics) p.metrics.set(name, p.at.map((_, i) => values[2 * i + 1] ?? values[2 * i] ?? null));
	}
	return {
		/** @param {Service} s */
		take(s) {
			if (s.at === null) return;
			/** @type {Past} */
			const p = pasts.get(s.id) ?? { at: [], metrics: new Map() };
			if (p.at.length && s.at <= p.at[p.at.length - 1]) return;
			pasts.set(s.id, p);
			if (p.at.length >= (pasts.size > MANY ? POINTS_OF_MANY : POINTS)) halve(p);
			p.at.push(s.at);
			const readings = s.score === null ? s.metrics : /** @type {Service['metrics']} */ ([['health_score', s.score], ...s.metrics]);
			for (const [name, v] of readings) {
				/** @type {(number | null)[]} */
				const values = p.metrics.get(name) ?? [];
				if (!p.metrics.has(name) && p.metrics.size > 24) continue;
				while (values.length < p.at.length - 1) values.push(null);
				values.push(v);
				p.metrics.set(name, values);
			}
		},
		/** @param {string} id */
		of: (id) => pasts.get(id) ?? null,
	};
}

// What is known of live diagnostics, as a value that is never changed but replaced: a message in, the next value out. Pure.
// Every member that a page of TopDeck's uses unguarded is there and of its kind, whatever came: what is no number is 0, what is no list is empty.

const ANOMALIES_MAX = 500; // as the server's own list has at most

/** @typedef {import('./feeds.js').DiagnosticsState} State @typedef {import('./feeds.js').LiveDiagnosticsSnapshot} Snapshot */

/** @type {State} */
export const INITIAL = Object.freeze({ snapshot: null, connectionStatus: Object.freeze({ connected: false, connectionType: 'disconnected', reconnectAttempts: 0 }), error: null, said: false });

/** @param {unknown} v @returns {v is Record<string, any>} */
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
/** @param {unknown} v */
const isName = (v) => typeof v === 'string' && v !== '';

/**
 * What each member must be: id: a name, or the element is none; as another member: that one's value when it is missing; else the kind's own nothing.
 * @typedef {'id' | 'text' | 'number' | 'flag' | 'texts' | 'numbers' | 'object' | `=${string}` | `:${string}`} Kind
 * @type {Record<'services' | 'anomalies' | 'traffic_patterns' | 'failing_dependencies', Record<string, Kind>>}
 */
const KINDS = {
	services: {
		resource_id: 'id', resource_name: '=resource_id', resource_type: 'text', status: ':unknown', health_score: 'number', anomalies: 'texts', metrics: 'numbers', last_updated: 'text',
	},
	anomalies: {
		alert_id: 'text', resource_id: 'id', resource_name: '=resource_id', severity: ':low', metric_name: 'text', current_value: 'number', expected_value: 'number',
		deviation_percentage: 'number', detected_at: '=timestamp', message: '=description', potential_causes: 'texts',
	},
	traffic_patterns: {
		source_id: 'id', target_id: 'id', request_rate: 'number', error_rate: 'number', latency_p95: 'number', is_abnormal: 'flag', anomaly_score: 'number', trend: ':stable',
	},
	failing_dependencies: {
		source_id: 'id', source_name: '=source_id', target_id: 'id', target_name: '=target_id', status: ':failed', health_score: 'number', anomalies: 'texts', error_details: 'object',
	},
};
/** @typedef {keyof typeof KINDS} List */

/** @type {Record<string, [string, Kind][]>} */
const RULES = Object.fromEntries(Object.entries(KINDS).map(([list, kinds]) => [list, Object.entries(kinds)]));

/** What is good stays the same value. @type {Record<string, (v: unknown) => unknown>} */
const MEND = {
	text: (v) => (typeof v === 'string' ? v : ''),
	number: (v) => (Number.isFinite(v) ? v : 0),
	flag: (v) => v === true,
	texts: (v) => (!Array.isArray(v) ? [] : v.every((t) => typeof t === 'string') ? v : v.filter((t) => typeof t === 'string')),
	numbers: (v) => (!isObject(v) ? {} : Object.values(v).every(Number.isFinite) ? v : Object.fromEntries(Object.entries(v).filter(([, n]) => Number.isFinite(n)))),
	object: (v) => (isObject(v) ? v : {}),
};

/** @param {Record<string, any>} v @param {string} name @param {Kind} kind */
function member(v, name, kind) {
	const is = v[name];
	if (kind[0] === '=') return isName(is) ? is : MEND.text(v[kind.slice(1)]);
	return kind[0] === ':' ? (isName(is) ? is : kind.slice(1)) : MEND[kind](is);
}

/** @param {List} list @param {unknown} v @returns {any} null: it is none; v itself if it is good */
function element(list, v) {
	if (!isObject(v)) return null;
	let whole = v;
	for (const [name, kind] of RULES[list]) {
		if (kind === 'id') {
			if (!isName(v[name])) return null;
			continue;
		}
		const is = member(v, name, kind);
		if (is !== v[name]) whole = { ...whole, [name]: is };
	}
	return whole;
}

/** @param {List} list @param {unknown} v @returns {any[]} */
const elements = (list, v) => (Array.isArray(v) ? v : []).map((e) => element(list, e)).filter(Boolean);

/** A dependency is one between services that are there: a graph has no place for another. @param {any[]} list @param {any[]} services */
function between(list, services) {
	const ids = new Set(services.map((s) => s.resource_id));
	return list.filter((d) => ids.has(d.source_id) && ids.has(d.target_id));
}

/** @param {Record<string, any>} data @returns {Snapshot} */
export function wholeSnapshot(data) {
	const services = elements('services', data.services);
	return /** @type {any} */ ({
		...data, timestamp: MEND.text(data.timestamp), overall_health: isName(data.overall_health) ? data.overall_health : 'unknown', services,
		anomalies: elements('anomalies', data.anomalies), traffic_patterns: elements('traffic_patterns', data.traffic_patterns),
		failing_dependencies: between(elements('failing_dependencies', data.failing_dependencies), services),
	});
}

/** @param {State} s @param {unknown} data of a snapshot_update, or what HTTP answered @returns {State} */
export const takeSnapshot = (s, data) => (isObject(data) ? { ...s, snapshot: wholeSnapshot(data), error: null, said: false } : s);

/** @param {State} s @param {Record<string, any>} data @returns {State} */
function takeHealth(s, data) {
	if (!s.snapshot?.services.some((e) => e.resource_id === data.resource_id)) return s;
	const news = { ...(isName(data.new_status) ? { status: data.new_status } : {}), ...(Number.isFinite(data.health_score) ? { health_score: data.health_score } : {}) };
	return { ...s, snapshot: { ...s.snapshot, services: s.snapshot.services.map((e) => (e.resource_id === data.resource_id ? { ...e, ...news } : e)) } };
}

/** The newest first; the same anomaly said again takes the place of the earlier. @param {State} s @param {Record<string, any>} data @param {unknown} timestamp @returns {State} */
function takeAnomaly(s, data, timestamp) {
	const time = MEND.text(timestamp), alert_id = isName(data.alert_id) ? data.alert_id : [data.resource_id, data.metric_name, time].join('_');
	const anomaly = s.snapshot && element('anomalies', { ...data, alert_id, timestamp: time });
	if (!s.snapshot || !anomaly) return s;
	return { ...s, snapshot: { ...s.snapshot, anomalies: [anomaly, ...s.snapshot.anomalies.filter((a) => a.alert_id !== alert_id)].slice(0, ANOMALIES_MAX) } };
}

/** The state after a message; the same one where it says nothing to us. Takes anything. @param {State} s @param {unknown} m @returns {State} */
export function reduce(s, m) {
	if (!isObject(m)) return s;
	if (m.type === 'error') return { ...s, error: isName(m.message) ? m.message : 'The server says: error', said: true };
	if (!isObject(m.data)) return s;
	if (m.type === 'snapshot_update') return takeSnapshot(s, m.data);
	if (m.type === 'health_change') return takeHealth(s, m.data);
	return m.type === 'anomaly_detected' ? takeAnomaly(s, m.data, m.timestamp) : s;
}

/** What the server said of an error is over, as there is something to show. @param {State} s @returns {State} */
export const forgive = (s) => (s.said && s.snapshot ? { ...s, error: null, said: false } : s);

/** What the feed says of itself; a connection that is away is an error only while there is nothing to show. @param {State} s @param {import('./feed.js').FeedStatus} feed @returns {State} */
export function takeStatus(s, feed) {
	const polls = feed.polling && feed.answers !== false;
	const connectionStatus = /** @type {State['connectionStatus']} */ ({
		connected: feed.open || polls, connectionType: feed.open ? 'websocket' : polls ? 'polling' : 'disconnected', reconnectAttempts: feed.attempts,
		...(feed.error ? { lastError: feed.error } : {}),
	});
	const error = s.said ? s.error : s.snapshot || !feed.error ? null : feed.error;
	const same = JSON.stringify(connectionStatus) === JSON.stringify(s.connectionStatus);
	return same && error === s.error ? s : { ...s, connectionStatus: same ? s.connectionStatus : connectionStatus, error };
}

/**
 * What concerns these resources: they themselves, their anomalies, what flows from or to them, and the other ends of their failing dependencies.
 * @param {Snapshot | null} snapshot @param {readonly string[]} ids none: everything @returns {Snapshot | null}
 */
export function concerning(snapshot, ids) {
	if (!snapshot || !ids.length) return snapshot;
	const named = new Set(ids), either = (/** @type {any} */ e) => named.has(e.source_id) || named.has(e.target_id);
	const failing_dependencies = snapshot.failing_dependencies.filter(either), ends = new Set([...named, ...failing_dependencies.flatMap((d) => [d.source_id, d.target_id])]);
	return {
		...snapshot, services: snapshot.services.filter((e) => ends.has(e.resource_id)), anomalies: snapshot.anomalies.filter((e) => named.has(e.resource_id)),
		traffic_patterns: snapshot.traffic_patterns.filter(either), failing_dependencies,
	};
}

// What is known of OpenRisk's dashboard, as a value that is never changed but replaced. Pure.
// The numbers that its page uses unguarded are there, whatever came; the rest of the analytics is the application's own.

/** @typedef {import('./feeds.js').DashboardState} State */

/** @type {State} */
export const INITIAL = Object.freeze({ data: null, loading: true, error: null, connected: false, reconnecting: false, clientCount: 0, source: 'polling', said: false });

/** @param {unknown} v @returns {v is Record<string, any>} */
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
const METRICS = ['average_risk_score', 'trending_up_percent', 'overdue_count', 'sla_compliance_rate', 'total_risks', 'active_risks', 'mitigation_rate'];
const RISK = ['score', 'trend_percent', 'mitigation_count'];

/** With these members numbers: what is none is 0. @param {unknown} v @param {string[]} names @returns {any} */
function numbered(v, names) {
	const o = isObject(v) ? v : {}, wrong = names.filter((n) => !Number.isFinite(o[n]));
	return wrong.length || o !== v ? { ...o, ...Object.fromEntries(wrong.map((n) => [n, 0])) } : v;
}

/** @param {Record<string, any>} data @returns {any} */
function wholeAnalytics(data) {
	const risks = data.top_risks;
	return { ...data, metrics: numbered(data.metrics, METRICS), ...(Array.isArray(risks) ? { top_risks: risks.filter(isObject).map((r) => numbered(r, RISK)) } : {}) };
}

/** @param {State} s @param {unknown} data of a dashboard_update, or what HTTP answered @returns {State} */
export const takeData = (s, data) => (isObject(data) ? { ...s, data: wholeAnalytics(data), loading: false, error: null, said: false } : s);

/** The state after a message; the same one where it says nothing to us. Takes anything. @param {State} s @param {unknown} m @returns {State} */
export function reduce(s, m) {
	if (!isObject(m)) return s;
	if (m.type === 'error' && typeof m.error === 'string' && m.error) return { ...s, error: m.error, loading: false, said: true };
	return m.type === 'dashboard_update' ? takeData(s, m.data) : s;
}

/** What the server said of an error is over, as there is something to show. @param {State} s @returns {State} */
export const forgive = (s) => (s.said && s.data ? { ...s, error: null, said: false } : s);

/** What the feed says of itself; a connection that is away is an error only when nothing else brings anything to show. @param {State} s @param {import('./feed.js').FeedStatus} feed @returns {State} */
export function takeStatus(s, feed) {
	const nothing = !feed.open && !feed.trying && !feed.polling, failed = feed.polling ? feed.answers === false : nothing;
	const error = s.said ? s.error : !s.data && failed && feed.error ? feed.error : null;
	const next = /** @type {State} */ ({
		...s, error, connected: feed.open, reconnecting: feed.trying && feed.attempts > 0 && !feed.polling, source: feed.open ? 'websocket' : 'polling',
		loading: s.loading && !s.data && !feed.open && !(feed.polling && feed.answers !== null) && !error,
	});
	return JSON.stringify({ ...next, data: 0 }) === JSON.stringify({ ...s, data: 0 }) ? s : next;
}

// What the hooks know, as a value that is never changed but replaced: a message in, the next value out. Pure.

export const SESSION_EVENTS_MAX = 10; // as the plan has it
export const ALERTS_MAX = 10; // of the flat list, as the plan has it
export const SYSTEM_ALERTS_MAX = 1000; // messages kept for a history

/** @typedef {import('./types.js').LiveState} LiveState @typedef {import('./types.js').StoredAlert} StoredAlert */

/** @type {LiveState} */
export const INITIAL = Object.freeze({
	metrics: null, containers: null, sessions: null, sessionEvents: [], sessionEvent: null, alerts: [], systemAlerts: [], unreadAlertCount: 0,
	status: 'disconnected', isConnected: false, connectionType: 'disconnected', connection: null,
});

/** @param {unknown} v @returns {v is Record<string, any>} */
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
const LEVELS = ['info', 'warning', 'error'];

/** @param {LiveState} s @param {Record<string, any>} sections @returns {LiveState} */
function takeSections(s, sections) {
	const next = { ...s };
	for (const name of /** @type {const} */ (['metrics', 'containers', 'sessions'])) if (isObject(sections[name])) next[name] = /** @type {any} */ (sections[name]);
	return next;
}

/** @param {LiveState} s @param {Record<string, any>} m @returns {LiveState} */
function takeSessionEvent(s, m) {
	const event = /** @type {any} */ ({ ...m, data: isObject(m.data) ? m.data : {} });
	const now = event.data.current_count;
	const sessions = Number.isFinite(now) ? { total_count: now, ...s.sessions, active_count: now } : s.sessions;
	return { ...s, sessions, sessionEvent: event, sessionEvents: [event, ...s.sessionEvents].slice(0, SESSION_EVENTS_MAX) };
}

/** An alert whose level, type and message can be relied on. @param {Record<string, any>} a */
const wholeAlert = (a) => ({
	...a, level: LEVELS.includes(a.level) ? a.level : 'info', type: typeof a.type === 'string' ? a.type : 'unknown', message: typeof a.message === 'string' ? a.message : '',
});

/** @param {StoredAlert[]} list */
const unread = (list) => list.reduce((n, a) => n + (a.read ? 0 : 1), 0);

/** @param {LiveState} s @param {Record<string, any>} m @returns {LiveState} */
function takeAlert(s, m) {
	const alerts = (Array.isArray(m.alerts) ? m.alerts : []).filter(isObject).slice(0, SYSTEM_ALERTS_MAX).map(wholeAlert);
	if (!alerts.length) return s;
	const id = typeof m.id === 'string' && m.id ? m.id : `${m.timestamp ?? ''} ${s.systemAlerts.length}`;
	if (s.systemAlerts.some((a) => a.id === id)) return s;
	const stored = /** @type {StoredAlert} */ ({ ...m, id, alerts, read: false });
	const systemAlerts = [stored, ...s.systemAlerts].slice(0, SYSTEM_ALERTS_MAX);
	const flat = alerts.map((a, i) => ({ ...a, id: alerts.length > 1 ? `${id}/${i}` : id, timestamp: m.timestamp }));
	return { ...s, systemAlerts, alerts: [...flat, ...s.alerts].slice(0, ALERTS_MAX), unreadAlertCount: unread(systemAlerts) };
}

/** The state after a message; the same one where it says nothing to us. Takes anything. @param {LiveState} s @param {unknown} m @returns {LiveState} */
export function reduce(s, m) {
	if (!isObject(m)) return s;
	if (m.type === 'realtime_update') return isObject(m.data) ? takeSections(s, m.data) : s;
	if (m.type === 'metrics_update') return takeSections(s, { metrics: m.data });
	if (m.type === 'session_event') return takeSessionEvent(s, m);
	return m.type === 'system_alert' ? takeAlert(s, m) : s;
}

/** @param {LiveState} s @returns {LiveState} */
export const readAll = (s) => (s.unreadAlertCount ? { ...s, systemAlerts: s.systemAlerts.map((a) => (a.read ? a : { ...a, read: true })), unreadAlertCount: 0 } : s);

/** @param {LiveState} s @returns {LiveState} */
export const clearAlerts = (s) => (s.systemAlerts.length ? { ...s, systemAlerts: [], alerts: [], unreadAlertCount: 0 } : s);

/** What the connection is in the words of the plan: connecting, connected, disconnected, error. @param {LiveState} s @param {any} c live.status @returns {LiveState} */
export function takeStatus(s, c) {
	const state = c?.state ?? 'off';
	const connected = state === 'live' || state === 'stale';
	const status = connected ? 'connected' : state === 'connecting' || state === 'reconnecting' ? 'connecting' : state === 'unauthorized' ? 'error' : 'disconnected';
	return { ...s, status, isConnected: connected, connectionType: connected ? 'websocket' : state === 'polling' ? 'polling' : 'disconnected', connection: c ?? null };
}

// One alert of a system_alert record, made safe to show: every member has its kind, whatever came. Pure.

/** @typedef {'info'|'warning'|'error'} Level */
/** @typedef {{epoch?: string|null, live?: boolean, received?: number}} Origin */

/**
 * @typedef {object} Entry
 * @property {string} uid  names this alert of this record, over reloads and epochs
 * @property {string} episode  names the firing it belongs to: its key and since
 * @property {number} seq  order of arrival
 * @property {number} at  ms, when it was told
 * @property {Level} level
 * @property {string} type
 * @property {string} label  the type in words
 * @property {string} key
 * @property {string} message
 * @property {'firing'|'resolved'} state
 * @property {number|null} since
 * @property {boolean} once  an event: nothing will ever resolve it
 * @property {string} container
 * @property {string} subject  container, source or whatever else it is about
 * @property {string} status
 * @property {number|null} value
 * @property {number|null} threshold
 * @property {boolean} demo
 * @property {number|null} offset
 * @property {string|null} epoch
 * @property {boolean} live  came while the page was open
 * @property {string} source
 * @property {Record<string, any>} record  the message it came in
 * @property {number} index  which of the record's alerts it is
 */

export const TEXT_MAX = 2000;
export const NAME_MAX = 200;
export const ALERTS_MAX = 10000; // of one record

/** @type {ReadonlyMap<string, string>} */
const LABELS = new Map([
	['high_cpu', 'High CPU'],
	['high_memory', 'High Memory'],
	['high_error_rate', 'High Error Rate'],
	['container_down', 'Container Down'],
	['container_unhealthy', 'Container Unhealthy'],
	['container_oom', 'Out of Memory'],
	['source_down', 'Source Down'],
]);

/** @type {ReadonlyMap<string, Level>} */
const LEVELS = new Map([
	['info', 'info'], ['notice', 'info'], ['warning', 'warning'], ['warn', 'warning'], ['error', 'error'], ['critical', 'error'], ['fatal', 'error'],
]);

/** Types whose every record is a firing of its own. */
const ONCE = new Set(['container_oom']);

export const RANK = Object.freeze({ info: 1, warning: 2, error: 3 });

/** @param {unknown} v */
export const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);

/** @param {unknown} v @returns {number|null} */
const number = (v) => (typeof v === 'number' && Number.isFinite(v) ? v : null);

/** @param {string} s @param {number} max */
const clip = (s, max) => (s.length > max ? `${s.slice(0, max - 1)}…` : s);

/** @param {unknown} v @param {number} max */
function text(v, max) {
	if (typeof v === 'string') return clip(v.trim(), max);
	return number(v) !== null || typeof v === 'boolean' ? String(v) : '';
}

/** @param {unknown} v @returns {number|null} */
function time(v) {
	const ms = typeof v === 'string' ? Date.parse(v) : NaN;
	return Number.isNaN(ms) ? null : ms;
}

/** A type in words; one that is not known stays as it is. @param {string} type */
export const typeLabel = (type) => LABELS.get(type) ?? (type || 'Alert');

/** 62 bits of a string, to name it in little room. @param {string} s */
export function hash(s) {
	let a = 0x2545f491, b = 0x6c078965;
	for (let i = 0; i < s.length; i++) {
		const c = s.charCodeAt(i);
		a = Math.imul(a ^ c, 0x01000193);
		b = Math.imul(b + c, 0x85ebca6b) ^ (b >>> 13);
	}
	a = Math.imul(a ^ (a >>> 15) ^ b, 0x2c1b3c6d);
	b = Math.imul(b ^ (b >>> 12) ^ a, 0x297a2d39);
	return ((a ^ (a >>> 15)) >>> 1).toString(36) + '-' + ((b ^ (b >>> 14)) >>> 1).toString(36);
}

/** What names a record: its id; without one, all it says. @param {Record<string, any>} m */
function recordName(m) {
	const id = text(m.id, NAME_MAX);
	if (id) return id;
	return `\n${text(m.timestamp, NAME_MAX)}\n${number(m.offset) ?? ''}\n${JSON.stringify(m.alerts)}`;
}

/** @param {Record<string, any>} a @param {string} type */
function keyOf(a, type) {
	const subject = text(a.container_name, NAME_MAX);
	return text(a.key, NAME_MAX) || (subject ? `${type}_${subject}` : type) || 'alert';
}

/**
 * The alerts of a message, so many at a time; none when it has none that are objects.
 * @param {unknown} message @param {number} now @param {Origin} [origin] @param {number} [size]
 * @returns {Generator<Entry[], void, void>}
 */
export function* entriesOf(message, now, origin = {}, size = ALERTS_MAX) {
	if (!isObject(message)) return;
	const m = /** @type {Record<string, any>} */ (message);
	if (!Array.isArray(m.alerts)) return;
	const name = recordName(m), n = Math.min(m.alerts.length, ALERTS_MAX);
	const shared = {
		record: m, at: time(m.timestamp) ?? now, offset: number(m.offset), epoch: origin.epoch ?? null, live: origin.live !== false,
		demo: m.demo === true, source: text(m.source, NAME_MAX),
	};
	for (let i = 0; i < n; ) {
		const out = [], end = Math.min(n, i + size);
		for (; i < end; i++) if (isObject(m.alerts[i])) out.push(entry(m.alerts[i], i, hash(`${name}#${i}`), shared));
		yield out;
	}
}

/**
 * @param {Record<string, any>} a @param {number} index @param {string} uid
 * @param {Pick<Entry, 'record'|'at'|'offset'|'epoch'|'live'|'demo'|'source'>} shared
 * @returns {Entry}
 */
function entry(a, index, uid, shared) {
	const type = text(a.type, NAME_MAX), key = keyOf(a, type), since = time(a.since), label = typeLabel(type);
	const container = text(a.container_name, NAME_MAX);
	return {
		uid, index, seq: 0, type, label, key, since, container,
		record: shared.record, at: shared.at, offset: shared.offset, epoch: shared.epoch, live: shared.live, demo: shared.demo, source: shared.source,
		subject: container || text(a.source_name, NAME_MAX),
		status: text(a.status, NAME_MAX),
		message: text(a.message, TEXT_MAX) || label,
		episode: hash(`${key}\n${since ?? uid}`),
		level: LEVELS.get(text(a.level, 20).toLowerCase()) ?? 'warning',
		state: a.state === 'resolved' ? 'resolved' : 'firing',
		once: ONCE.has(type) || a.event === true,
		value: number(a.value), threshold: number(a.threshold),
	};
}

/** What a search looks through, in lower case. @param {Entry} e */
export const wordsOf = (e) => `${e.message}\n${e.label}\n${e.type}\n${e.key}\n${e.subject}\n${e.status}\n${e.source}`.toLowerCase();

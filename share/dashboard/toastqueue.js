// Which toasts there are, and which three are seen: errors first, then the newest. No DOM; time comes from outside.
import { RANK } from './alertentry.js';

/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertentry.js').Level} Level */

/**
 * @typedef {object} Toast
 * @property {string} key
 * @property {Level} level
 * @property {string} label
 * @property {string} message
 * @property {Entry|null} entry  null: a summary
 * @property {number} count
 * @property {number} order  of its last message
 * @property {number} left  ms until it goes by itself; Infinity: it stays
 */

export const SEEN_MAX = 3;
export const SHOWN_MS = 10000;
const QUEUE_MAX = 200;
const DISMISSED_MAX = 2000;
const MISSED = '\nmissed'; // no alert's key, those are trimmed

/** @param {Level} level */
const stay = (level) => (level === 'error' ? Infinity : SHOWN_MS);

export function createToastQueue() {
	/** @type {Map<string, Toast>} */
	const toasts = new Map();
	/** @type {Map<string, number>} episode to the level up to which it was dismissed */
	const dismissed = new Map();
	let order = 0, lost = 0;

	function bound() {
		if (toasts.size <= QUEUE_MAX) return;
		let last = null;
		for (const t of toasts.values()) if (!last || Number(t.level === 'error') < Number(last.level === 'error') || (t.level === 'error') === (last.level === 'error') && t.order < last.order) last = t;
		if (!last) return;
		toasts.delete(last.key);
		lost++;
	}
	/** @param {string} key @param {Omit<Toast, 'key'|'order'|'left'>} what */
	function put(key, what) {
		const t = toasts.get(key) ?? /** @type {Toast} */ ({ key });
		toasts.set(key, Object.assign(t, what, { order: ++order, left: stay(what.level) }));
		bound();
		return t;
	}
	/** @param {Level} a @param {Level} b */
	const worse = (a, b) => (RANK[a] > RANK[b] ? a : b);

	return {
		/** A firing. What was dismissed is not raised again by a repeat, only when it gets worse or fires anew. @param {Entry} e @returns {boolean} */
		raise(e) {
			if ((dismissed.get(e.episode) ?? 0) >= RANK[e.level]) return false;
			const t = toasts.get(e.key), level = t?.entry?.episode === e.episode ? worse(t.level, e.level) : e.level;
			put(e.key, { level, label: e.label, message: e.message, entry: e, count: (t?.count ?? 0) + 1 });
			return true;
		},
		/** The end of a firing takes its toast away. @param {Entry} e */
		resolve(e) {
			const t = toasts.get(e.key);
			return !!t?.entry && t.entry.at <= e.at && toasts.delete(e.key);
		},
		/** Firings that were missed, as one. @param {Entry[]} entries */
		missed(entries) {
			const t = toasts.get(MISSED), n = (t?.count ?? 0) + entries.length;
			const level = entries.reduce((/** @type {Level} */ l, e) => worse(l, e.level), t?.level ?? 'info');
			const message = n === 1 ? entries[0].message : 'They are in the list of alerts.';
			put(MISSED, { level, label: n === 1 ? 'An alert came while the connection was gone' : `${n} alerts came while the connection was gone`, message, entry: null, count: n });
		},
		/** By a person. @param {string} key */
		dismiss(key) {
			const t = toasts.get(key);
			if (!t) return;
			toasts.delete(key);
			if (!t.entry) return;
			dismissed.delete(t.entry.episode);
			dismissed.set(t.entry.episode, RANK[t.level]);
			if (dismissed.size > DISMISSED_MAX) dismissed.delete(/** @type {string} */ (dismissed.keys().next().value));
		},
		/** Those that are not seen, too. */
		dismissRest() {
			for (const t of this.seen().rest) this.dismiss(t.key);
			lost = 0;
		},
		/** @param {string} key */
		drop: (key) => toasts.delete(key),
		clear() {
			toasts.clear();
			lost = 0;
		},
		/** So much time has passed. @param {number} ms @returns {boolean} whether one went */
		pass(ms) {
			let went = false;
			for (const t of toasts.values()) {
				t.left -= ms;
				if (t.left <= 0) went = toasts.delete(t.key) || went;
			}
			if (!toasts.size) lost = 0;
			return went;
		},
		/** Until the next one goes by itself. */
		get next() {
			return [...toasts.values()].reduce((least, t) => Math.min(least, t.left), Infinity);
		},
		all: () => [...toasts.values()],
		/** @returns {{shown: Toast[], rest: Toast[], more: number}} */
		seen() {
			const list = [...toasts.values()].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error') || b.order - a.order);
			return { shown: list.slice(0, SEEN_MAX), rest: list.slice(SEEN_MAX), more: Math.max(0, list.length - SEEN_MAX) + lost };
		},
	};
}

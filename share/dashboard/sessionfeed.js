// The feed of created and destroyed sessions: each event once, the newest first, and how many in a span of time. Pure.
import { num, part } from './containerrows.js';
import { isNumber, parseTime, text } from './format.js';

export const FEED_MAX = 200;
const TALLY_MAX = 5000; // events counted; the feed shows fewer

/**
 * @typedef {object} Change
 * @property {string} id @property {number | null} at @property {number | null} offset @property {boolean} created
 * @property {number} delta signed @property {number | null} now sessions after it @property {string} session @property {string} node @property {string} reason
 */

/** @param {Record<string, any>} d @param {unknown} type */
function deltaOf(d, type) {
	const known = num(d.delta) ?? (isNumber(d.current_count) && isNumber(d.previous_count) ? d.current_count - d.previous_count : null);
	if (known) return known;
	return type === 'session_destroyed' ? -1 : type === 'session_created' ? 1 : 0;
}

/** What an event says, as it came or as the store keeps it; null when it says neither created nor destroyed. @param {unknown} raw @returns {Change | null} */
export function readChange(raw) {
	const e = part(raw), d = part(e.data), delta = deltaOf(d, e.event_type);
	if (!delta) return null;
	const offset = Number.isSafeInteger(e.offset) ? e.offset : null, at = num(e.at) ?? parseTime(e.timestamp);
	return {
		id: text(e.id, 256) || (offset === null ? `at ${at}` : `offset ${offset}`), at, offset, created: e.event_type === 'session_destroyed' ? false : e.event_type === 'session_created' || delta > 0,
		delta, now: num(d.current_count), session: text(d.session_id, 200), node: text(d.node_id, 200), reason: text(d.reason, 200),
	};
}

/** Newest first; of one time, the later offset first. @param {Change} a @param {Change} b */
const newer = (a, b) => (b.at ?? 0) - (a.at ?? 0) || (b.offset ?? 0) - (a.offset ?? 0);

export function createFeed() {
	/** @type {Map<string, Change>} */
	const known = new Map();
	/** @type {Change[]} */
	let list = [];
	let version = 0, sorted = true, from = Infinity, cut = -Infinity;

	function tidy() {
		if (sorted) return;
		sorted = true;
		list.sort(newer);
		for (const gone of list.splice(TALLY_MAX)) {
			known.delete(gone.id);
			cut = Math.max(cut, gone.at ?? 0);
		}
	}
	/** True when it is new here. @param {unknown} raw */
	function take(raw) {
		const c = readChange(raw);
		if (!c || known.has(c.id)) return false;
		known.set(c.id, c);
		sorted = !list.length || (sorted && newer(c, list[0]) <= 0 && list.length < TALLY_MAX);
		if (sorted) list.unshift(c);
		else list.push(c);
		version++;
		return true;
	}
	return {
		take,
		/** The newest of the server's history, or all of it: when it joins what is here, nothing is missing between. @param {unknown[]} events @param {boolean} all */
		takeHistory(events, all) {
			const changes = events.map(readChange).filter((c) => c !== null), joins = !list.length || changes.some((c) => known.has(c.id));
			events.forEach(take);
			const oldest = all ? -Infinity : Math.min(Infinity, ...changes.map((c) => c.at ?? Infinity));
			from = joins ? Math.min(from, oldest) : oldest;
			version++;
		},
		/** The newest of that kind. @param {'all' | 'created' | 'destroyed'} [kind] @returns {Change[]} */
		list(kind = 'all') {
			tidy();
			const newest = list.slice(0, FEED_MAX);
			return kind === 'all' ? newest : newest.filter((c) => c.created === (kind === 'created'));
		},
		/** How many sessions came and went since then; least: there may have been more than are known. @param {number} since */
		count(since) {
			tidy();
			let created = 0, destroyed = 0;
			for (const c of list) {
				if (c.at === null || c.at < since) break;
				if (c.created) created += Math.abs(c.delta);
				else destroyed += Math.abs(c.delta);
			}
			return { created, destroyed, least: Math.max(from, cut) > since };
		},
		/** Since when all are known here. */
		get from() { return Math.max(from, cut); },
		get size() { return list.length; },
		get version() { return version; },
	};
}

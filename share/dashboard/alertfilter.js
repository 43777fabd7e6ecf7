// Which alerts are shown: severity, type, state and words together. Pure.
import { wordsOf } from './alertentry.js';
import { byTime } from './alertindex.js';

/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertindex.js').Episode} Episode */
/** @typedef {import('./alertindex.js').Group} Group */
/** @typedef {{severity?: string, type?: string, state?: string, text?: string}} Filter  empty members: any */
/** @typedef {Group & {newest: Entry, current: Episode}} ShownGroup  entries: those that match */

/** @param {Filter} f */
export const isOpen = (f) => !f.severity && !f.type && !f.state && !(f.text ?? '').trim();

/** The end of a warning is a warning's, though it is told as info. @param {Entry} e @param {Episode} p */
export const levelOf = (e, p) => (e.state === 'resolved' && p.fired ? p.level : e.level);

/** @param {Filter} f @returns {(e: Entry, p: Episode) => boolean} */
export function matcher(f) {
	const words = (f.text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
	const hasWords = (/** @type {Entry} */ e) => {
		const text = wordsOf(e);
		return words.every((w) => text.includes(w));
	};
	return (e, p) =>
		(!f.severity || levelOf(e, p) === f.severity) && (!f.type || e.type === f.type) && (!f.state || p.state === f.state) &&
		(!words.length || hasWords(e));
}

/**
 * Newest first, each with its matching entries alone.
 * @param {Map<string, Group>} groups @param {Map<string, Episode>} episodes @param {Filter} filter
 * @returns {ShownGroup[]}
 */
export function filterGroups(groups, episodes, filter) {
	const match = matcher(filter), all = isOpen(filter), out = [];
	for (const g of groups.values()) {
		const entries = all ? g.entries : g.entries.filter((e) => match(e, /** @type {Episode} */ (episodes.get(e.episode))));
		if (!entries.length) continue;
		const newest = entries[0], current = /** @type {Episode} */ (episodes.get(newest.episode));
		out.push({ key: g.key, entries, episodes: g.episodes, newest, current, unread: g.unread });
	}
	return out.sort((a, b) => byTime(b.newest, a.newest));
}

// Who wants what, and what of it the connection was asked for.
import { GROUPS, STANDARD, isObject, pace, requests, union } from './livewire.js';

const FASTEST_S = 0.1;

/** @param {Record<string, any>} options those of createLive */
export function createWants(options) {
	/** @type {Map<any, {topics: string[], every: number}>} */
	const wishes = new Map();
	const off = Object.keys(GROUPS).filter((o) => options[o] === false);
	const isOff = (/** @type {string} */ topic) => off.some((o) => GROUPS[o].topics.test(topic));
	let wishing = false; // whether anybody ever said what is wanted
	let asked = new Set(), askedEvery = 0;
	const w = {
		/** What is wanted now. @type {string[]} */
		topics: [],
		every: 0,
		/** @param {any} owner @param {any} topics @param {any} more */
		set(owner, topics, more) {
			wishing = true;
			if (Array.isArray(topics) && topics.length) wishes.set(owner, { topics: topics.slice(), every: pace(more?.every) });
			else wishes.delete(owner);
		},
		/** Adds up the wishes. */
		settle() {
			const all = union(wishes.values()), none = wishing && !all.topics.length;
			const topics = none ? [] : options.selectiveSubscriptions === false ? ['*'] : all.topics.length ? all.topics : STANDARD;
			w.topics = topics.filter((t) => !isOff(t));
			w.every = all.every;
		},
		/** A new connection knows of nothing. */
		forget() {
			asked = new Set();
			askedEvery = 0;
		},
		/** The messages that bring the server to what is wanted; none if it is there. @param {import('./livepast.js').Place|null} [since] resume @returns {string[]} */
		messages(since) {
			const standard = !wishing && !off.length && options.selectiveSubscriptions !== false;
			// a pace once asked for can be made faster, never taken back
			const every = w.every || (askedEvery ? FASTEST_S : 0);
			const same = w.topics.length === asked.size && w.topics.every((t) => asked.has(t)) && every === askedEvery;
			if ((standard || same) && !since) return [];
			const list = requests(asked, w.topics, { every, paced: every !== askedEvery, since });
			asked = new Set(w.topics);
			askedEvery = every;
			return list;
		},
		/** Without what an option switches off, whatever the server sends; null: nothing is left. @param {any} m */
		allowed(m) {
			if (!off.length) return m;
			if (isOff(m.type)) return null;
			if (m.type !== 'realtime_update' || !isObject(m.data)) return m;
			const sections = Object.entries(m.data), kept = sections.filter(([name]) => !isOff(name));
			return kept.length === sections.length ? m : kept.length ? { ...m, data: Object.fromEntries(kept) } : null;
		},
		/** Options' names of what is wanted, and not pushed by the server. @param {Record<string, any>|null} flags @returns {string[]} */
		unpushed(flags) {
			const wanted = (/** @type {string} */ o) => w.topics.some((t) => t === '*' || GROUPS[o].topics.test(t));
			return flags ? Object.keys(GROUPS).filter((o) => flags[GROUPS[o].flag] === false && !off.includes(o) && wanted(o)) : [];
		},
	};
	w.settle();
	return w;
}

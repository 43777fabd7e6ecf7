// From single messages to what an operator counts: episodes (one firing, from its beginning to its end) and groups (all of one key). Pure.
import { RANK } from './alertentry.js';

/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertentry.js').Level} Level */

/**
 * @typedef {object} Episode
 * @property {string} id
 * @property {string} key
 * @property {Level} level  the highest that was told
 * @property {number} since  ms
 * @property {number} raisedAt  ms, when that level was first told
 * @property {number} lastAt  ms, when it was last told
 * @property {number|null} resolvedAt
 * @property {boolean} fired  a firing of it is known
 * @property {boolean} once
 * @property {'firing'|'resolved'} state
 * @property {number|null} lasted  ms, when that is known
 * @property {boolean} live
 * @property {Entry} raised  the entry that told the highest level first
 * @property {boolean} unread
 */

/**
 * @typedef {object} Group
 * @property {string} key
 * @property {Entry[]} entries  newest first
 * @property {Episode[]} episodes  newest first
 * @property {number} unread  how many of these
 */

/** @param {Entry} e @returns {Episode} */
const begin = (e) => ({
	id: e.episode, key: e.key, level: e.level, since: e.since ?? e.at, raisedAt: e.at, lastAt: e.at, resolvedAt: null, fired: false, once: e.once,
	state: e.state, lasted: null, live: false, raised: e, unread: false,
});

/** @param {Episode} p @param {Entry} e  not older than those before */
function add(p, e) {
	p.lastAt = e.at;
	if (e.state === 'resolved') {
		p.resolvedAt = e.at;
		p.state = 'resolved';
		return;
	}
	if (!p.fired || RANK[e.level] > RANK[p.level]) {
		p.level = e.level;
		p.raisedAt = e.at;
		p.raised = e;
	}
	p.fired = true;
	p.resolvedAt = null;
	p.state = 'firing';
	p.live ||= e.live;
}

/**
 * What was never told resolved ended at the latest when the next firing of its key began: it has the state of that one.
 * A resolved without a since ends the firing before it.
 * @param {Episode[]} episodes  newest first
 */
function settle(episodes) {
	/** @type {Episode|null} */
	let next = null;
	for (const p of episodes) {
		if (p.state === 'firing' && next && !p.once && !next.once) {
			p.state = next.state;
			if (!next.fired) p.resolvedAt = next.resolvedAt;
		}
		p.lasted = p.resolvedAt === null || !p.fired && p.since === p.resolvedAt ? null : Math.max(0, p.resolvedAt - p.since);
		next = p;
	}
}

/** In the order in which they were told; the history comes backwards. @param {Entry} a @param {Entry} b */
export function byTime(a, b) {
	if (a.at !== b.at) return a.at - b.at;
	if (a.offset !== null && b.offset !== null && a.offset !== b.offset) return a.offset - b.offset;
	return Number(a.state === 'resolved') - Number(b.state === 'resolved') || a.seq - b.seq;
}

/** @param {Entry[]} entries  of one key, oldest first @returns {Episode[]} newest first */
function episodesOf(entries) {
	/** @type {Map<string, Episode>} */
	const episodes = new Map();
	for (const e of entries) {
		let p = episodes.get(e.episode);
		if (!p) episodes.set(e.episode, (p = begin(e)));
		add(p, e);
	}
	const list = [...episodes.values()].reverse();
	settle(list);
	return list;
}

/**
 * Keeps groups and episodes beside the entries; only those of keys that were touched are built anew.
 * @param {(p: Episode) => boolean} isUnread
 */
export function createIndex(isUnread) {
	/** @type {Map<string, Group>} */
	const groups = new Map();
	/** @type {Map<string, Episode>} */
	const episodes = new Map();
	/** @type {Map<string, number>} */
	const types = new Map();
	/** @type {Map<string, Entry[]>} */
	const fresh = new Map(); // by key; empty: only to be looked at again
	let unread = 0;

	/** @param {Group} g */
	function mark(g) {
		unread -= g.unread;
		g.unread = 0;
		for (const p of g.episodes) if ((p.unread = isUnread(p))) g.unread++;
		unread += g.unread;
	}
	/** @param {string} key @param {Entry[]} more */
	function build(key, more) {
		let g = groups.get(key);
		if (!g) groups.set(key, (g = { key, entries: [], episodes: [], unread: 0 }));
		for (const p of g.episodes) episodes.delete(p.id);
		const entries = g.entries.reverse().concat(more).sort(byTime);
		g.episodes = episodesOf(entries);
		g.entries = entries.reverse();
		for (const p of g.episodes) episodes.set(p.id, p);
		mark(g);
		if (!entries.length) groups.delete(key);
	}
	function settled() {
		for (const [key, more] of fresh) build(key, more);
		fresh.clear();
	}
	return {
		/** @param {Entry} e */
		put(e) {
			const more = fresh.get(e.key);
			if (more) more.push(e);
			else fresh.set(e.key, [e]);
			if (e.type) types.set(e.type, (types.get(e.type) ?? 0) + 1);
		},
		/** @param {Entry[]} gone */
		drop(gone) {
			settled();
			const uids = new Set(gone.map((e) => e.uid));
			for (const key of new Set(gone.map((e) => e.key))) {
				const g = groups.get(key);
				if (g) g.entries = g.entries.filter((e) => !uids.has(e.uid));
				fresh.set(key, []);
			}
			for (const { type } of gone) {
				const n = (types.get(type) ?? 0) - 1;
				if (n > 0) types.set(type, n);
				else types.delete(type);
			}
		},
		/** What is read has changed. @param {string} [key]  of all groups, if not given */
		remark(key) {
			settled();
			for (const g of key === undefined ? groups.values() : [groups.get(key)]) if (g) mark(g);
		},
		get groups() {
			settled();
			return groups;
		},
		get episodes() {
			settled();
			return episodes;
		},
		get unread() {
			settled();
			return unread;
		},
		get types() {
			return types.keys();
		},
	};
}

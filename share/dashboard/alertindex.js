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

/**
 * @param {Entry[]} entries  oldest first
 * @returns {{groups: Map<string, Group>, episodes: Map<string, Episode>}}
 */
export function buildIndex(entries) {
	/** @type {Map<string, Group>} */
	const groups = new Map();
	/** @type {Map<string, Episode>} */
	const episodes = new Map();
	for (const e of entries) {
		let g = groups.get(e.key);
		if (!g) groups.set(e.key, (g = { key: e.key, entries: [], episodes: [] }));
		g.entries.push(e);
		let p = episodes.get(e.episode);
		if (!p) {
			episodes.set(e.episode, (p = begin(e)));
			g.episodes.push(p);
		}
		add(p, e);
	}
	for (const g of groups.values()) {
		g.entries.reverse();
		g.episodes.reverse();
		settle(g.episodes);
	}
	return { groups, episodes };
}

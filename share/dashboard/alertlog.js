// Every alert that is known: from the server's history and live, each once. Pure: no DOM, also in Node.
//
// Words. An entry is one alert of one system_alert message. An episode is one firing of a key (key and since): the messages that
// repeat, raise or resolve it belong to it. A group is all that is known of a key.
//
// Unread counts episodes: one alert that is told sixty times is one alert. A repeat of what was read stays read; a rise from
// warning to error makes it unread again; a resolved message never makes anything unread. Of the history that a browser meets at
// its very first visit, unread is only what was raised in the last 24 hours and not over by then.
import { RANK, entriesOf } from './alertentry.js';
import { filterGroups, isOpen, matcher } from './alertfilter.js';
import { buildIndex } from './alertindex.js';
import { createMarks } from './alertmarks.js';

/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertentry.js').Origin} Origin */
/** @typedef {import('./alertindex.js').Episode} Episode */
/** @typedef {import('./alertindex.js').Group} Group */
/** @typedef {import('./alertfilter.js').Filter} Filter */
/** @typedef {ReturnType<typeof createAlertLog>} AlertLog */

export const ENTRIES_MAX = 10000; // the oldest go
const SLACK = 500; // so many more before they go, all at once
const TYPES_MAX = 200;
const FIRST_VISIT_MS = 24 * 3600 * 1000;

/** @param {Entry} a @param {Entry} b */
const byTime = (a, b) => a.at - b.at || Number(a.state === 'resolved') - Number(b.state === 'resolved') || a.seq - b.seq;

/** A record with those of its alerts alone, as it was in the stream: the offset is the server's. @param {Entry[]} entries  of one record */
function recordOf(entries) {
	const { offset: _offset, ...record } = entries[0].record;
	if (entries.length < record.alerts.length) record.alerts = entries.map((e) => e.record.alerts[e.index]);
	return record;
}

/** @param {Entry[]} entries  oldest first @returns {string} NDJSON, oldest first, as a recording is */
export function toNdjson(entries) {
	/** @type {Map<object, Entry[]>} */
	const records = new Map();
	for (const e of entries) {
		const list = records.get(e.record);
		if (list) list.push(e);
		else records.set(e.record, [e]);
	}
	return [...records.values()].map((list) => `${JSON.stringify(recordOf(list.sort((a, b) => a.index - b.index)))}\n`).join('');
}

/**
 * @param {{now?: () => number, storage?: import('./alertmarks.js').Keep|null, ceiling?: number}} [options]
 *   now: the server's clock
 */
export function createAlertLog({ now = Date.now, storage = null, ceiling = ENTRIES_MAX } = {}) {
	const marks = createMarks(storage);
	/** @type {Set<string>} */
	const known = new Set();
	/** @type {{change: Set<Function>, fresh: Set<Function>}} */
	const listeners = { change: new Set(), fresh: new Set() };
	/** @type {Entry[]} oldest first once sorted */
	let list = [];
	/** @type {{entries: Entry[], groups: Map<string, Group>, episodes: Map<string, Episode>, unread: number, types: string[]}|null} */
	let index = null;
	let sorted = true, seq = 0;

	/** @param {'change'|'fresh'} kind @param {...unknown} args */
	function tell(kind, ...args) {
		for (const f of listeners[kind]) {
			try {
				f(...args);
			} catch (error) {
				console.error(error);
			}
		}
	}
	function changed() {
		index = null;
		tell('change');
	}
	function sort() {
		if (!sorted) list.sort(byTime);
		sorted = true;
	}
	function cut() {
		sort();
		for (const e of list.splice(0, list.length - ceiling)) known.delete(e.uid);
	}
	/** @param {Episode} p */
	function isUnread(p) {
		if (!p.fired || marks.readRank(p.id) >= RANK[p.level]) return false;
		const first = marks.first ?? { at: now(), epoch: null, offset: null }, e = p.raised;
		if (p.live || p.raisedAt > first.at) return true;
		if (e.epoch !== null && e.epoch === first.epoch && e.offset !== null && first.offset !== null && e.offset > first.offset) return true;
		const over = p.resolvedAt === null ? p.state === 'resolved' : p.resolvedAt <= first.at;
		return !over && p.raisedAt > first.at - FIRST_VISIT_MS;
	}
	function look() {
		if (index) return index;
		if (list.length > ceiling) cut();
		sort();
		const { groups, episodes } = buildIndex(list), types = new Set();
		let unread = 0;
		for (const p of episodes.values()) if ((p.unread = isUnread(p))) unread++;
		for (const e of list) if (e.type && types.size < TYPES_MAX) types.add(e.type);
		index = { entries: [...list].reverse(), groups, episodes, unread, types: [...types].sort() };
		return index;
	}
	/** @param {Entry} e */
	function isNew(e) {
		if (known.has(e.uid) || marks.isCleared(e.uid)) return false;
		known.add(e.uid);
		return true;
	}
	/** @param {Entry} e */
	function put(e) {
		e.seq = ++seq;
		if (list.length && byTime(list[list.length - 1], e) > 0) sorted = false;
		list.push(e);
	}
	/** @param {Filter} filter @returns {Entry[]} oldest first */
	function shown(filter) {
		const { episodes } = look();
		if (isOpen(filter)) return [...list];
		const match = matcher(filter);
		return list.filter((e) => match(e, /** @type {Episode} */ (episodes.get(e.episode))));
	}
	/** @param {Iterable<Episode>} episodes */
	const rankOf = (episodes) => [...episodes].map((p) => /** @type {[string, number]} */ ([p.id, RANK[p.level]]));

	return {
		/** Why marks do not outlive the page; empty: they do. */
		get fault() {
			return marks.fault;
		},
		/** All entries, newest first. Not to be changed. */
		get entries() {
			return look().entries;
		},
		/** @type {Map<string, Episode>} by entry.episode */
		get episodes() {
			return look().episodes;
		},
		/** All groups, newest first. */
		get groups() {
			return filterGroups(look().groups, look().episodes, {});
		},
		/** The types that are known. */
		get types() {
			return look().types;
		},
		/** @param {Filter} filter */
		filter: (filter) => filterGroups(look().groups, look().episodes, filter),
		/** How many alerts nobody has read. */
		unread: () => look().unread,
		/**
		 * Takes the alerts of a message that are new; never throws. origin.live false: from the history.
		 * @param {unknown} message @param {Origin} [origin] @returns {Entry[]}
		 */
		take(message, origin = {}) {
			const fresh = entriesOf(message, origin.received ?? now(), origin).filter(isNew);
			if (!fresh.length) return fresh;
			fresh.forEach(put);
			if (list.length > ceiling + SLACK) cut();
			changed();
			tell('fresh', fresh, origin);
			return fresh;
		},
		/** The history has been read: the first time ever, this is what first visits are measured by. @param {{epoch?: string|null, offset?: number|null}} [place] */
		filled({ epoch = null, offset = null } = {}) {
			if (marks.first) return;
			marks.begin({ at: now(), epoch, offset });
			changed();
		},
		/** @param {string} what  a key, or 'all' */
		markRead(what) {
			const { groups, episodes } = look();
			const some = [...(what === 'all' ? episodes.values() : groups.get(what)?.episodes ?? [])].filter((p) => p.unread);
			if (!some.length) return;
			marks.markRead(rankOf(some));
			changed();
		},
		/** Forgets what the filter shows, for good. What is told of it later is shown, but not as unread. @param {Filter} [filter] */
		clear(filter = {}) {
			const gone = new Set(shown(filter).map((e) => e.uid)), { episodes } = look();
			if (!gone.size) return;
			marks.markRead(rankOf(new Set(list.filter((e) => gone.has(e.uid)).map((e) => /** @type {Episode} */ (episodes.get(e.episode))))));
			marks.markCleared(gone);
			list = list.filter((e) => !gone.has(e.uid));
			for (const uid of gone) known.delete(uid);
			changed();
		},
		/** @param {Filter} [filter] */
		export: (filter = {}) => toNdjson(shown(filter)),
		/** Another tab has marked something. */
		reload() {
			marks.reload();
			list = list.filter((e) => !marks.isCleared(e.uid));
			changed();
		},
		/**
		 * 'change': anything differs; 'fresh': (entries, origin) as they come. Returns what takes the listener away.
		 * @param {'change'|'fresh'} kind @param {Function} listener
		 */
		on(kind, listener) {
			listeners[kind].add(listener);
			return () => listeners[kind].delete(listener);
		},
	};
}

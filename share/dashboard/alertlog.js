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
import { byTime, createIndex } from './alertindex.js';
import { createMarks } from './alertmarks.js';

/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertentry.js').Origin} Origin */
/** @typedef {import('./alertindex.js').Episode} Episode */
/** @typedef {import('./alertindex.js').Group} Group */
/** @typedef {import('./alertfilter.js').Filter} Filter */
/** @typedef {ReturnType<typeof createAlertLog>} AlertLog */

export const ENTRIES_MAX = 10000; // the oldest go
const SLACK = 500; // so many more before they go, all at once
const BATCH = 1000; // alerts of one message that are taken in one go; the rest of them in the next turns
const TYPES_MAX = 200;
const FIRST_VISIT_MS = 24 * 3600 * 1000;

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
	/** @type {{change: Set<(...args: any[]) => void>, fresh: Set<(...args: any[]) => void>}} */
	const listeners = { change: new Set(), fresh: new Set() };
	/** @type {Entry[]} oldest first once sorted */
	let list = [];
	/** @type {Entry[]|null} newest first */
	let newest = null;
	let sorted = true, seq = 0, begun = false;
	const index = createIndex(isUnread);
	if (!marks.first) {
		begun = true;
		marks.begin({ at: now(), epoch: null, offset: null });
	}

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
		newest = null;
		tell('change');
	}
	function sort() {
		if (!sorted) list.sort(byTime);
		sorted = true;
		if (list.length > ceiling) cut();
	}
	function cut() {
		const gone = list.splice(0, list.length - ceiling);
		for (const e of gone) known.delete(e.uid);
		index.drop(gone);
	}
	/** @param {Episode} p */
	function isUnread(p) {
		if (!p.fired || marks.readRank(p.id) >= RANK[p.level]) return false;
		const first = marks.first, e = p.raised;
		if (!first || p.live || p.raisedAt > first.at) return true;
		if (e.epoch !== null && e.epoch === first.epoch && e.offset !== null && first.offset !== null && e.offset > first.offset) return true;
		const over = p.resolvedAt === null ? p.state === 'resolved' : p.resolvedAt <= first.at;
		return !over && p.raisedAt > first.at - FIRST_VISIT_MS;
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
		index.put(e);
	}
	/** @param {Generator<Entry[], void, void>} batches @param {Origin} origin @param {boolean} [more] @returns {Entry[]} */
	function takeBatch(batches, origin, more = false) {
		const batch = batches.next().value;
		if (!batch) return [];
		const fresh = batch.filter(isNew);
		fresh.forEach(put);
		if (list.length > ceiling + SLACK) sort();
		if (fresh.length) {
			changed();
			tell('fresh', fresh, origin);
		}
		if (more) setTimeout(() => takeBatch(batches, origin, more));
		return fresh;
	}
	/** @param {Filter} filter @returns {Entry[]} oldest first */
	function shown(filter) {
		sort();
		if (isOpen(filter)) return list.slice();
		const match = matcher(filter), { episodes } = index;
		return list.filter((e) => match(e, /** @type {Episode} */ (episodes.get(e.episode))));
	}
	/** @param {Entry[]} gone */
	function forget(gone) {
		for (const e of gone) known.delete(e.uid);
		list = list.filter((e) => known.has(e.uid));
		index.drop(gone);
		changed();
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
			sort();
			return (newest ??= list.slice().reverse());
		},
		/** @type {Map<string, Episode>} by entry.episode */
		get episodes() {
			return index.episodes;
		},
		/** All groups, newest first. */
		get groups() {
			return filterGroups(index.groups, index.episodes, {});
		},
		/** The types that are known. */
		get types() {
			return [...index.types].sort().slice(0, TYPES_MAX);
		},
		/** @param {Filter} filter */
		filter: (filter) => filterGroups(index.groups, index.episodes, filter),
		/** How many alerts nobody has read. */
		unread: () => index.unread,
		/**
		 * Takes the alerts of a message that are new; never throws. origin.live false: from the history. Gives those taken at once.
		 * @param {unknown} message @param {Origin} [origin] @returns {Entry[]}
		 */
		take(message, origin = {}) {
			const more = Number(/** @type {any} */ (message)?.alerts?.length) > BATCH;
			return takeBatch(entriesOf(message, origin.received ?? now(), origin, BATCH), origin, more);
		},
		/** Where the server stands when this page first hears of it: at a first visit ever, what came before is history. @param {{epoch?: string|null, offset?: number|null}} [place] */
		met({ epoch = null, offset = null } = {}) {
			if (!begun) return;
			begun = false;
			marks.begin({ at: now(), epoch, offset });
			index.remark();
			changed();
		},
		/** @param {string} what  a key, or 'all' */
		markRead(what) {
			const all = what === 'all', some = [...(all ? index.episodes.values() : index.groups.get(what)?.episodes ?? [])].filter((p) => p.unread);
			if (!some.length) return;
			marks.markRead(rankOf(some));
			index.remark(all ? undefined : what);
			changed();
		},
		/** Forgets what the filter shows, for good. What is told of it later is shown, but not as unread. @param {Filter} [filter] */
		clear(filter = {}) {
			const gone = shown(filter), { episodes } = index;
			if (!gone.length) return;
			marks.markRead(rankOf(new Set(gone.map((e) => /** @type {Episode} */ (episodes.get(e.episode))))));
			marks.markCleared(gone.map((e) => e.uid));
			forget(gone);
		},
		/** @param {Filter} [filter] */
		export: (filter = {}) => toNdjson(shown(filter)),
		/** Another tab has marked something. */
		reload() {
			marks.reload();
			index.remark();
			forget(list.filter((e) => marks.isCleared(e.uid)));
		},
		/**
		 * 'change': anything differs; 'fresh': (entries, origin) as they come. Returns what takes the listener away.
		 * @param {'change'|'fresh'} kind @param {(...args: any[]) => void} listener
		 */
		on(kind, listener) {
			listeners[kind].add(listener);
			return () => listeners[kind].delete(listener);
		},
	};
}

// What is known now. Takes every message as it comes, whatever is in it, and never throws. No DOM.
//
// Times: `at` is the reading's time on the server's clock, `received` when it came, on ours. now() here is the server's clock.
import { parseTime } from './format.js';
import { judge } from './health.js';

/**
 * @typedef {import('./health.js').Section} Section
 * @typedef {import('./health.js').Source} Source
 * @typedef {{data: any, at: number, source: string, demo: boolean}} Value
 * @typedef {Record<string, any> & {id: string, at: number, offset: number | null}} Event
 * @typedef {'metrics'|'containers'|'sessions'|'sources'|'session_event'|'container_event'|'system_alert'|'state'|'demo'|'flags'|'any'} Kind
 * @typedef {'metrics'|'containers'|'sessions'} SectionName
 * @typedef {ReturnType<typeof createStore>} Store
 */

const SESSION_EVENTS = 200;
const CONTAINER_EVENTS = 500;
const CONTAINERS = 2000;
const SOURCES = 200;
const STATE_TYPES = 300;
const STATES = 10000; // over all types
const NAME_CHARS = 256;
const GAP_MOST_MS = 60000;
const SNAPSHOT_MS = 2000;
/** @type {SectionName[]} */
export const SECTIONS = ['metrics', 'containers', 'sessions'];
// Wire types that are not state: the greeting and its like, and what is kept elsewhere.
const NOT_STATE = new Set(['connected', 'subscribed', 'heartbeat', 'pong', 'error', 'realtime_update', 'metrics_update', 'session_event', 'system_alert', 'container_event', 'source_status']);

/** @param {unknown} v @returns {v is Record<string, any>} */
export const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
/** @param {unknown} v @param {number} [most] */
const name = (v, most = NAME_CHARS) => (typeof v === 'string' ? v.slice(0, most) : '');
/** @param {any} o @param {string} key */
const own = (o, key) => (isObject(o) && Object.hasOwn(o, key) ? o[key] : undefined);

/** A member by its path; undefined when any part is missing. @param {unknown} o @param {string} path */
export function member(o, path) {
	let v = /** @type {any} */ (o);
	for (const part of path.split('.')) v = own(v, part);
	return v;
}

/** Of a ring of the newest `most`, newest first, each id once. @param {number} most */
function createRing(most) {
	/** @type {Event[]} */
	const list = [];
	const ids = new Set();
	return {
		list,
		/** @param {Event} e */
		add(e) {
			if (ids.has(e.id)) return false;
			let i = 0;
			while (i < list.length && list[i].at > e.at) i++;
			if (i >= most) return false;
			list.splice(i, 0, e);
			ids.add(e.id);
			if (list.length > most) ids.delete(/** @type {Event} */ (list.pop()).id);
			return true;
		},
	};
}

/**
 * Listeners by kind; one that throws is said and harms no other.
 */
function createEars() {
	/** @type {Map<string, Set<(...a: any[]) => void>>} */
	const ears = new Map();
	return {
		/** @param {Kind} kind @param {(...a: any[]) => void} f @returns {() => void} */
		on(kind, f) {
			const set = ears.get(kind) ?? new Set();
			ears.set(kind, set.add(f));
			return () => void set.delete(f);
		},
		/** @param {Kind} kind @param {...any} what */
		tell(kind, ...what) {
			for (const f of [...(ears.get(kind) ?? [])])
				try {
					f(...what);
				} catch (error) {
					console.error(`a listener for ${kind} failed`, error);
				}
		},
	};
}

/** @param {Record<string, any>} data @param {unknown} said @param {number} now */
function readingTime(data, said, now) {
	return parseTime(own(data, 'timestamp')) ?? parseTime(member(data, 'aggregated.timestamp')) ?? parseTime(said) ?? now;
}

/** A section that holds only the containers asked for by name: joined to the whole we have. @param {any} data @param {Section | null} old */
function joined(data, old) {
	if (!old || own(data, 'aggregated') || !own(old.data, 'aggregated') || !Array.isArray(data.containers) || !Array.isArray(old.data.containers)) return data;
	const fresh = new Map(data.containers.filter(isObject).map((/** @type {any} */ c) => [c.name, c]));
	const containers = old.data.containers.map((/** @type {any} */ c) => {
		const one = fresh.get(c?.name) ?? c;
		fresh.delete(c?.name);
		return one;
	});
	return { ...old.data, containers: [...containers, ...fresh.values()] };
}

/** @param {any} m @param {number} now @returns {Source | null} */
function readSource(m, now) {
	const d = isObject(m.data) ? m.data : m;
	const source = name(d.source) || name(m.source) || name(m.id);
	const status = ['up', 'degraded', 'down'].includes(d.status) ? d.status : null;
	if (!source || !status) return null;
	const interval = Number.isFinite(d.interval_ms) && d.interval_ms > 0 ? Math.min(d.interval_ms, 86400000) : 0;
	return {
		source, status, error: status === 'up' ? '' : name(d.error, 500), since: parseTime(d.since), lastSuccess: parseTime(d.last_success), interval,
		at: parseTime(m.timestamp) ?? now, demo: m.demo === true,
	};
}

/** @param {any} data @returns {Record<string, any>[]} */
function containerList(data) {
	const seen = new Set(), list = [];
	for (const c of Array.isArray(data?.containers) ? data.containers : []) {
		if (!isObject(c) || typeof c.name !== 'string' || !c.name || seen.has(c.name)) continue;
		seen.add(c.name);
		if (list.push(c) >= CONTAINERS) break;
	}
	return list;
}

/** @param {{now?: () => number}} [options] */
export function createStore({ now: local = () => Date.now() } = {}) {
	const ears = createEars();
	/** @type {Record<SectionName, Section | null>} */
	const section = { metrics: null, containers: null, sessions: null };
	/** @type {Map<string, Source>} */
	const sources = new Map();
	/** @type {Map<string, Map<string, Value>>} */
	const states = new Map();
	const sessionRing = createRing(SESSION_EVENTS), containerRing = createRing(CONTAINER_EVENTS);
	/** @type {import('./health.js').Link & {skew: number}} */
	let link = { state: 'connecting', since: null, reason: '', skew: 0 };
	/** @type {Record<string, any> | null} */
	let flags = null;
	/** @type {unknown[]} */
	let topics = [];
	let epoch = '', pace = 0, unnamed = 0, nstates = 0, demo = false;
	let snapshotUntil = 0; // until then an update may hold readings older than itself
	/** @type {{of: any, list: Record<string, any>[]}} */
	let listed = { of: null, list: [] };

	const now = () => local() + link.skew;

	function tellDemo() {
		let is = SECTIONS.some((s) => section[s]?.demo) || [...sources.values()].some((s) => s.demo);
		for (const ids of states.values()) for (const v of ids.values()) is ||= v.demo;
		if (is === demo) return;
		demo = is;
		ears.tell('demo', demo);
	}

	/** @param {SectionName} which @param {any} data @param {any} m @param {any} meta @param {boolean} snapshot */
	function takeSection(which, data, m, meta, snapshot) {
		if (!isObject(data)) return;
		const old = section[which];
		const received = Number.isFinite(meta?.received) ? meta.received : local();
		const said = parseTime(m.timestamp) ?? now();
		const read = parseTime(own(m.times, which)); // what the server says of this section alone
		const at = Math.min(read ?? (snapshot ? readingTime(data, m.timestamp, now()) : said), now() + 1000);
		const gap = old && !snapshot && received > old.received && at > old.at ? Math.min(GAP_MOST_MS, Math.max(at - old.at, old.gap / 2)) : (old?.gap ?? 0);
		section[which] = {
			data: which === 'containers' ? joined(data, old) : data,
			at, received, sure: !snapshot || read !== null, polled: meta?.polled === true, gap, demo: m.demo === true,
		};
		ears.tell(which, section[which]);
	}

	/** @param {any} m @param {any} meta */
	function takeUpdate(m, meta) {
		const snapshot = meta?.polled !== true && local() < snapshotUntil;
		for (const s of SECTIONS) takeSection(s, own(m.data, s), m, meta, snapshot);
		snapshotUntil = 0;
		tellDemo();
	}

	/** @param {any} m */
	function takeSource(m) {
		const s = readSource(m, now());
		if (!s) return;
		const old = sources.get(s.source);
		if (!old && sources.size >= SOURCES) return;
		if (old && old.at > s.at && old.at - s.at < 60000) return; // out of order; a clock set back is believed
		if (!s.interval && old) s.interval = old.interval;
		sources.set(s.source, s);
		ears.tell('sources', s);
		tellDemo();
	}

	/** @param {any} m @param {ReturnType<typeof createRing>} ring @param {Kind} kind */
	function takeEvent(m, ring, kind) {
		const at = parseTime(m.timestamp) ?? now();
		const offset = Number.isSafeInteger(m.offset) ? m.offset : null;
		const id = name(m.id) || (offset === null ? `unnamed ${++unnamed}` : `${epoch}:${offset}`);
		const e = /** @type {Event} */ ({ ...m, id, at, offset });
		if (ring.add(e)) ears.tell(kind, e);
	}

	/** @param {string} type @param {string} id */
	function forget(type, id) {
		const ids = states.get(type);
		if (!ids?.delete(id)) return;
		nstates--;
		if (!ids.size) states.delete(type);
	}

	/** @param {any} m */
	function takeState(m) {
		if (!('data' in m) || typeof m.offset === 'number' || m.type.length > NAME_CHARS) return;
		const id = name(m.id);
		if (m.data === null) forget(m.type, id);
		else {
			const ids = states.get(m.type) ?? new Map();
			if (!ids.has(id) && (nstates >= STATES || (!states.has(m.type) && states.size >= STATE_TYPES))) return;
			if (!ids.has(id)) nstates++;
			states.set(m.type, ids.set(id, { data: m.data, at: parseTime(m.timestamp) ?? now(), source: name(m.source), demo: m.demo === true }));
		}
		ears.tell('state', m.type, id);
		if (m.demo === true || demo) tellDemo();
	}

	/** The greeting: another epoch is another history; demo data of the one before is none of this one's. @param {any} m */
	function takeGreeting(m) {
		if (Array.isArray(m.topics)) topics = m.topics;
		if (isObject(m.flags)) {
			flags = m.flags;
			ears.tell('flags', flags);
		}
		const other = name(m.epoch);
		if (epoch && other && other !== epoch) forgetDemo();
		epoch = other || epoch;
		snapshotUntil = local() + SNAPSHOT_MS;
	}

	function forgetDemo() {
		for (const s of SECTIONS) if (section[s]?.demo) section[s] = null;
		for (const s of [...sources.values()]) if (s.demo) sources.delete(s.source);
		for (const [type, ids] of [...states]) for (const [id, v] of [...ids]) if (v.demo) forget(type, id);
		tellDemo();
	}

	/** @param {any} m @param {any} meta */
	function sort(m, meta) {
		if (m.type === 'realtime_update') takeUpdate(m, meta);
		else if (m.type === 'metrics_update') takeUpdate({ ...m, data: { metrics: m.data } }, meta);
		else if (m.type === 'source_status') takeSource(m);
		else if (m.type === 'session_event') takeEvent(m, sessionRing, 'session_event');
		else if (m.type === 'container_event') takeEvent(m, containerRing, 'container_event');
		else if (m.type === 'system_alert') ears.tell('system_alert', m, meta);
		else if (m.type === 'connected') takeGreeting(m);
		else if (!NOT_STATE.has(m.type)) takeState(m);
	}

	/** A record of /api/v1/state: it tells when a section was read, which an update on connecting does not. @param {any} r */
	function takeRecord(r) {
		if (!isObject(r) || typeof r.type !== 'string') return;
		const which = /** @type {SectionName} */ (r.type);
		if (!SECTIONS.includes(which)) return sort(r, { polled: true });
		const s = section[which], at = parseTime(r.timestamp);
		if (s && !s.sure && at !== null) section[which] = { ...s, at: Math.min(at, now() + 1000), sure: true };
		else if (!s) takeSection(which, r.data, r, { polled: false }, false);
	}

	return {
		get metrics() { return section.metrics; },
		get containers() { return section.containers; },
		get sessions() { return section.sessions; },
		sources,
		states,
		sessionEvents: sessionRing.list,
		containerEvents: containerRing.list,
		get demo() { return demo; },
		get flags() { return flags; },
		get epoch() { return epoch; },
		/** Is it known of each section when it was read? */
		get dated() { return SECTIONS.every((s) => section[s]?.sure !== false); },
		/** Those the server named in its greeting, whatever they are. */
		get topics() { return topics; },
		on: ears.on,
		/** The server's clock, as far as we know it. */
		now,

		/** @param {unknown} message @param {{polled?: boolean, received?: number}} [meta] */
		take(message, meta) {
			if (!isObject(message) || typeof message.type !== 'string') return;
			try {
				sort(message, meta);
			} catch (error) {
				console.error('a message that could not be used', error);
			}
			ears.tell('any', message);
		},
		/** The answer of /api/v1/state. @param {any} answer */
		takeRecords(answer) {
			for (const r of Array.isArray(answer?.records) ? answer.records : [])
				try {
					takeRecord(r);
				} catch (error) {
					console.error('a record that could not be used', error);
				}
			ears.tell('any', answer);
		},
		/**
		 * The same answer as all there is of these types: what it does not name is gone, save what came since it was asked for.
		 * @param {any} answer @param {string[]} types @param {Set<string>} since "TYPE ID" of what came
		 */
		takeWhole(answer, types, since) {
			if (!Array.isArray(answer?.records)) return;
			const records = answer.records.filter((/** @type {any} */ r) => isObject(r) && types.includes(r.type) && !since.has(`${r.type} ${name(r.id)}`));
			const named = new Set(records.map((/** @type {any} */ r) => `${r.type} ${name(r.id)}`));
			for (const type of types)
				for (const id of [...(states.get(type)?.keys() ?? [])]) if (!named.has(`${type} ${id}`) && !since.has(`${type} ${id}`)) {
					forget(type, id);
					ears.tell('state', type, id);
				}
			for (const r of records) sort(r, { polled: true });
			ears.tell('any', answer);
		},
		/** What live.status says; and how many seconds the server lets pass between two updates for us. @param {any} status @param {number} [every] */
		link(status, every = 0) {
			const skew = Number.isFinite(status?.skew) ? status.skew : link.skew;
			const since = Number.isFinite(status?.since) ? status.since + skew : null;
			link = { state: name(status?.state) || 'connecting', since, reason: name(status?.reason), skew };
			pace = every * 1000;
		},
		/** The next update answers a request for everything: its readings may be older than it. */
		expectSnapshot() {
			snapshotUntil = local() + SNAPSHOT_MS;
		},
		/** @param {SectionName} which @param {string} path @returns {number | null} */
		number(which, path) {
			const v = member(section[which]?.data, path);
			return typeof v === 'number' && Number.isFinite(v) ? v : null;
		},
		/** Containers, each name once. @param {'containers'} [_which] */
		list(_which) {
			const data = section.containers?.data ?? null;
			if (listed.of !== data) listed = { of: data, list: containerList(data) };
			return listed.list;
		},
		/** @param {SectionName} which */
		health(which) {
			return judge({ name: which, section: section[which] ?? null, sources, link, now: now(), pace });
		},
	};
}

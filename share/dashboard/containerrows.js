// What a row of the table of containers says: pure, from whatever came. Reading, sorting, searching, summing; no DOM.
import { NONE, count, isNumber, mb, parseTime, percent, text } from './format.js';

/**
 * @typedef {'good' | 'warn' | 'bad' | 'gone' | 'quiet'} Look
 * @typedef {object} Row
 * @property {string} key @property {string} name @property {string} image @property {string} id
 * @property {string} status @property {Look} look @property {number} rank worst first
 * @property {string} health @property {number | null} cpu @property {number | null} memory @property {number | null} limit
 * @property {number | null} share @property {number | null} rx @property {number | null} tx
 * @property {number | null} read @property {number | null} write bytes a second
 * @property {number | null} restarts @property {number | null} pids @property {number | null} at @property {string} words
 * @typedef {'name' | 'status' | 'cpu' | 'memory' | 'network' | 'disk' | 'restarts' | 'pids'} Column
 * @typedef {{by: Column, down: boolean}} Sorting
 */

/** Names longer than this are cut where they are shown; the whole name is in the title, up to the second. */
export const NAME_SHOWN = 120;
const NAME_TITLE = 1000;
const SEARCHED = 500;

/** @type {Record<string, [number, Look]>} */
const STATUSES = {
	missing: [0, 'gone'], dead: [1, 'bad'], exited: [2, 'bad'], removing: [3, 'warn'], restarting: [4, 'warn'],
	paused: [5, 'warn'], created: [6, 'warn'], running: [10, 'good'],
};
const UNKNOWN = 7;

const ADDRESS_MAX = 256;
/** What a container is called in an address: a name without half characters, cut where no server would take it. @param {unknown} name */
export const addressName = (name) =>
	(typeof name === 'string' ? name : '').slice(0, ADDRESS_MAX).replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');

/** @param {unknown} v @returns {Record<string, any>} */
export const part = (v) => (typeof v === 'object' && v !== null && !Array.isArray(v) ? /** @type {any} */ (v) : {});
/** @param {unknown} v @returns {number | null} */
export const num = (v) => (isNumber(v) ? v : null);
/** No size, rate or count is below zero. @param {unknown} v @returns {number | null} */
const amount = (v) => (isNumber(v) && v >= 0 ? v : null);

/** @param {string} status @param {string} health */
function rankOf(status, health) {
	const rank = (STATUSES[status] ?? [UNKNOWN])[0];
	return rank === 10 ? rank - (health === 'unhealthy' ? 2 : health === 'starting' ? 1 : 0) : rank;
}

/**
 * A row of what came; what is missing or not a number is null.
 * @param {Record<string, any>} c a container with a name @param {string} key
 * @param {{read: number | null, write: number | null} | null} [disk] from createDiskRates
 * @returns {Row}
 */
export function readContainer(c, key, disk) {
	const memory = part(c.memory), network = part(c.network);
	const name = text(c.name, NAME_TITLE), image = text(c.image, NAME_TITLE), status = text(c.status, 40).toLowerCase(), health = text(c.health, 40).toLowerCase().replace(/^none$/, '');
	const used = amount(memory.usage_mb) ?? mega(memory.usage_bytes), limit = amount(memory.limit_mb) ?? mega(memory.limit_bytes);
	return {
		key, name, image, id: text(c.id, 64), status, health, look: Object.hasOwn(STATUSES, status) ? STATUSES[status][1] : 'quiet', rank: rankOf(status, health),
		cpu: amount(c.cpu), memory: used, limit: limit || null, share: amount(memory.usage_percent) ?? (used !== null && limit ? (used / limit) * 100 : null),
		rx: amount(network.rx_bytes_per_second), tx: amount(network.tx_bytes_per_second), read: disk?.read ?? null, write: disk?.write ?? null,
		restarts: amount(c.restart_count), pids: amount(c.pids), at: parseTime(c.timestamp),
		words: `${name.slice(0, SEARCHED)} ${image.slice(0, SEARCHED)} ${status || 'unknown'} ${health}`.toLowerCase(),
	};
}

/** @param {unknown} bytes */
const mega = (bytes) => (isNumber(bytes) && bytes >= 0 ? bytes / 1048576 : null);

/** @param {number | null} a @param {number | null} b */
const sumOf = (a, b) => (a === null && b === null ? null : (a ?? 0) + (b ?? 0));

/** @type {Record<Column, (r: Row) => number | string | null>} */
const VALUE = {
	name: (r) => r.name, status: (r) => r.rank, cpu: (r) => r.cpu, memory: (r) => r.memory, network: (r) => sumOf(r.rx, r.tx),
	disk: (r) => sumOf(r.read, r.write), restarts: (r) => r.restarts, pids: (r) => r.pids,
};

/** @param {unknown} v @returns {v is Column} */
export const isColumn = (v) => typeof v === 'string' && Object.hasOwn(VALUE, v);

/** Which way a column is sorted at the first click: words from a, numbers from the largest. @param {Column} by */
export const firstDown = (by) => by !== 'name' && by !== 'status';

const byName = new Intl.Collator('en', { numeric: true });

/**
 * In place and stable: equal values stand by name; what is not known stands last either way.
 * @param {Row[]} rows @param {Sorting} sorting
 */
export function sortRows(rows, { by, down }) {
	const value = VALUE[by], sign = down ? -1 : 1;
	/** @param {Row} a @param {Row} b */
	const names = (a, b) => byName.compare(a.name, b.name) || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
	return rows.sort((a, b) => {
		if (by === 'name') return sign * names(a, b);
		const x = value(a), y = value(b);
		if (x === y) return names(a, b);
		if (x === null) return 1;
		if (y === null) return -1;
		return sign * (x < y ? -1 : 1);
	});
}

/** Every word must be in the name, the image, the status or the health. @param {string} query @returns {(row: Row) => boolean} */
export function searchFor(query) {
	const words = query.toLowerCase().split(/\s+/).filter(Boolean);
	return (row) => words.every((w) => row.words.includes(w));
}

/**
 * The sums of those rows; a sum of nothing known is null.
 * @param {Row[]} rows
 */
export function totals(rows) {
	/** @param {(r: Row) => number | null} f */
	const sum = (f) => rows.reduce((/** @type {number | null} */ s, r) => sumOf(s, f(r)), null);
	const memory = sum((r) => r.memory), limit = sum((r) => r.limit);
	return {
		cpu: sum((r) => r.cpu), memory, limit, share: memory !== null && limit ? (memory / limit) * 100 : null, rx: sum((r) => r.rx), tx: sum((r) => r.tx),
		read: sum((r) => r.read), write: sum((r) => r.write), restarts: sum((r) => r.restarts), pids: sum((r) => r.pids),
	};
}

// --- words ---

/** What the CPU of the Total row is a part of: 100 % is one core. @param {number | null} cpu @param {unknown} cores */
export function cpuReference(cpu, cores) {
	if (!isNumber(cores) || cores < 1 || cores > 1e6) return '100 % is one core';
	return `of ${cores * 100} % (${count(cores)} ${cores === 1 ? 'core' : 'cores'})${cpu === null ? '' : `, ${percent(cpu / cores, 1)} of the host`}`;
}

/** Without the comma: a limit is read as a name, "1024 MB". @param {number | null} n */
const megabytes = (n) => (isNumber(n) && Number.isInteger(n) && n < 9999.5 ? `${n} MB` : mb(n).replace(',', ''));

/** "120.5 MB of 1024 MB (11.8 %)" @param {{memory: number | null, limit: number | null, share: number | null}} r */
export function memoryText({ memory, limit, share }) {
	if (memory === null) return NONE;
	if (!limit) return megabytes(memory);
	return `${megabytes(memory)} of ${megabytes(limit)}${share === null ? '' : ` (${percent(share, 1)})`}`;
}

/** @param {number | null} n */
export const cpuText = (n) => (n === null ? NONE : percent(n, n < 9.995 ? 2 : 1));

/** The look of a health in words; none is nothing. @param {string} health @returns {Look} */
export const healthLook = (health) => (health === 'unhealthy' ? 'bad' : health === 'healthy' ? 'good' : health === 'starting' ? 'warn' : 'quiet');

// --- rates ---

/** Readings closer than the first or further apart than the second give no rate. */
const RATE_SOONEST_MS = 200, RATE_LATEST_MS = 600000;

/**
 * Disk rates out of successive counters. A counter that fell was reset: no rate until the reading after.
 * @param {number} [most] containers remembered
 */
export function createDiskRates(most = 2000) {
	/** @typedef {{at: number, read: number, write: number, rates: {read: number | null, write: number | null}}} Known */
	/** @type {Map<string, Known>} */
	const known = new Map();
	const unknown = () => ({ read: null, write: null });

	/** @param {Known} last @param {number} at @param {number} read @param {number} write */
	function rates(last, at, read, write) {
		const span = at - last.at;
		if (span < RATE_SOONEST_MS || span > RATE_LATEST_MS || read < last.read || write < last.write) return unknown();
		return { read: ((read - last.read) / span) * 1000, write: ((write - last.write) / span) * 1000 };
	}
	return {
		/** @param {string} key @param {Record<string, any>} c @param {number | null} now of the section, where the container has no time of its own */
		take(key, c, now) {
			const io = part(c.block_io), at = parseTime(c.timestamp) ?? now, read = amount(io.read_bytes), write = amount(io.write_bytes);
			if (at === null || read === null || write === null) return unknown();
			const last = known.get(key);
			if (last && at === last.at) return last.rates;
			const fresh = { at, read, write, rates: last ? rates(last, at, read, write) : unknown() };
			if (last || known.size < most) known.set(key, fresh);
			return fresh.rates;
		},
		/** @param {string} key */
		drop: (key) => known.delete(key),
		get size() {
			return known.size;
		},
	};
}

// --- order ---

/**
 * Which of the elements that stand in some order must be moved so that they stand in another: as few as can be, and never the pinned one.
 * @template T @param {T[]} now as they stand @param {T[]} then the same elements as they shall stand @param {T | null} [pinned]
 * @returns {Set<T>}
 */
export function toMove(now, then, pinned = null) {
	const place = new Map(then.map((e, i) => [e, i]));
	const pin = pinned === null ? undefined : place.get(pinned), pinAt = pinned === null ? -1 : now.indexOf(pinned);
	const fits = (/** @type {number} */ i, /** @type {number} */ p) => pin === undefined || pinAt < 0 || i === pinAt || (i < pinAt ? p < pin : p > pin);
	const ends = /** @type {number[]} */ ([]), before = new Int32Array(now.length);
	for (let i = 0; i < now.length; i++) {
		const p = /** @type {number} */ (place.get(now[i]));
		if (!fits(i, p)) continue;
		let low = 0, high = ends.length;
		while (low < high) {
			const mid = (low + high) >> 1;
			if (/** @type {number} */ (place.get(now[ends[mid]])) < p) low = mid + 1;
			else high = mid;
		}
		before[i] = low ? ends[low - 1] : -1;
		ends[low] = i;
	}
	const stays = new Set();
	for (let i = ends.length ? ends[ends.length - 1] : -1; i >= 0; i = before[i]) stays.add(now[i]);
	return new Set(now.filter((e) => !stays.has(e)));
}

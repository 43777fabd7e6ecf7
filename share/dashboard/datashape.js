// What an unknown value looks like, as a description without elements: numbers are figures, arrays of points are lines, arrays of objects
// are tables, objects in it are sections. Pure, and a value may be anything: everything that can grow has a ceiling, what it cut is counted.
import { isShare } from './datalook.js';
import { bytes, bytesPerSecond, dateTime, duration, isNumber, mb, ms, parseTime, percent } from './format.js';

export const DEPTH_MAX = 8; // sections in sections; what is deeper is one line
export const FIGURES_MAX = 96; // of one section, likewise its facts
export const BLOCKS_MAX = 40; // of one section
export const BLOCKS_ALL = 300; // of one value
export const COLUMNS_MAX = 12;
export const ROWS_READ = 20000; // elements of one array that are looked at
export const SERIES_MAX = 6;
export const NAME_MAX = 80;
export const TEXT_MAX = 600;

/**
 * @typedef {{name: string, label: string, value: number, text: string, share: boolean}} Figure share: of a hundred
 * @typedef {{name: string, label: string, text: string, time: number | null}} Fact
 * @typedef {{name: string, label: string, values: (number | null)[], text?: (name: string, v: number | null) => string}} Series text: with its unit, where the name alone does not tell it
 * @typedef {{kind: 'line', name: string, label: string, axis: 'time' | 'number' | 'place', x: number[], series: Series[], more: number, cut: number}} Line
 * @typedef {{key: string, label: string, numeric: boolean, share: boolean}} Column
 * @typedef {{kind: 'table', name: string, label: string, columns: Column[], rows: Record<string, unknown>[], more: number, cut: number}} Table
 * @typedef {{kind: 'list', name: string, label: string, items: string[], cut: number}} List
 * @typedef {{kind: 'section', name: string, label: string, figures: Figure[], facts: Fact[], blocks: Block[], cut: number, note: string}} Section
 * @typedef {{kind: 'bars', name: string, label: string, items: {name: string, label: string, value: number}[]}} Bars of how many there are of each kind
 * @typedef {Line | Table | List | Bars | Section} Block
 * more: series or columns left out; cut: elements or members left out.
 */

const TIME_NAME = /^(timestamp|time|t|date|ts|at|day|when)$/i;
const TIME_MEMBER = /(^|_)(timestamp|time|date|ts|at|since|last_success)$|(Time|Date|At)$/;
const STAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/;
const BARS_MOST = 24;
const REAL_TIME = 1e8; // smaller numbers are no time since 1970, but a count of something

/** @param {unknown} v @returns {v is Record<string, unknown>} */
export const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);

/** @param {string} s @param {number} most */
const cutText = (s, most) => (s.length > most ? `${s.slice(0, most - 1)}…` : s);

/** open_door_count, openDoorCount: Open door count @param {string} name */
export function label(name) {
	const words = cutText(name, NAME_MAX).replace(/([a-z\d])([A-Z])(?=[a-z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`).replace(/[_\s]+/g, ' ').trim();
	const known = words.replace(/\b(id|sla|cpu|url|ip|api)\b/gi, (w) => w.toUpperCase());
	return known ? known[0].toUpperCase() + known.slice(1) : '(no name)';
}

/** JSON of any value, or what can be said instead. @param {unknown} v @param {number} [indent] */
export function json(v, indent) {
	try {
		return JSON.stringify(v, null, indent) ?? '–';
	} catch {
		return '(nested too deep to be shown)';
	}
}

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/** A number of unknown kind, not padded: 3, 21.5, 0.00123, 1,234.6, 1.5e+20 @param {unknown} n */
export function plain(n) {
	if (!isNumber(n)) return '–';
	const size = Math.abs(n);
	if (size >= 1e15) return n.toExponential(2).replace(/\.?0+e/, 'e');
	if (size > 0 && size < 0.001) return String(Number(n.toPrecision(3)));
	const digits = size < 1 ? 3 : size < 1000 ? 2 : 1;
	let f = formats.get(digits);
	if (!f) formats.set(digits, (f = new Intl.NumberFormat('en', { maximumFractionDigits: digits })));
	return f.format(n + 0);
}

/** A number with the unit that its name tells. @param {string} name @param {unknown} n */
export function figureText(name, n) {
	if (!isNumber(n)) return '–';
	if (/(percent|pct)$/i.test(name)) return percent(n);
	if (/bytes_?per_?(second|s)$/i.test(name)) return bytesPerSecond(n);
	if (/bytes$/i.test(name)) return bytes(n);
	if (/(_mb|MB)$/.test(name)) return mb(n);
	if (/(_ms|Ms|milli(s|seconds))$/.test(name)) return `${plain(n)} ms`;
	if (/(_|^)(seconds|secs)$|Seconds$/.test(name) && !/per_seconds?$/.test(name)) return n >= 120 ? duration(n * 1000) : ms(n);
	return plain(n);
}

/** Milliseconds of a day or a time, however written; null for what is none. @param {unknown} v */
export function timeOf(v) {
	if (typeof v === 'string' && /^\d{4}-\d\d-\d\d$/.test(v)) return parseTime(`${v}T00:00:00Z`);
	return parseTime(v);
}

/** The years 0 and 1: how some programs write that no time was set. @param {unknown} v */
const isUnset = (v) => typeof v === 'string' && /^000[01]-\d\d-\d\d/.test(v);

/** A member named like a time that holds one: milliseconds; else null. @param {string} name @param {unknown} v */
export function timeMember(name, v) {
	if (isUnset(v)) return null;
	if (typeof v === 'number' && (!TIME_MEMBER.test(name) || v < REAL_TIME)) return null;
	return typeof v === 'number' || typeof v === 'string' ? timeOf(v) : null;
}

/** Any value as the text of one cell or fact; never markup, never longer than a line can bear. @param {string} name @param {unknown} v @returns {string} */
export function cellText(name, v) {
	if (typeof v === 'number') return figureText(name, v);
	if (typeof v === 'boolean') return v ? 'yes' : 'no';
	if (typeof v === 'string') return isUnset(v) ? '–' : STAMP.test(v) && timeOf(v) !== null ? dateTime(timeOf(v)) : v.trim() ? cutText(v, TEXT_MAX) : '(empty)';
	if (v === null || v === undefined) return '–';
	return cutText(compact(v, 0), TEXT_MAX);
}

/** An object or array in one line: a 1, b 2. @param {unknown} v @param {number} depth @returns {string} */
function compact(v, depth) {
	if (typeof v !== 'object' || v === null) return cellText('', v);
	const members = Array.isArray(v) ? v.slice(0, 20).map((e) => ['', e]) : Object.entries(v).slice(0, 20);
	if (!members.length) return 'none';
	if (depth >= 3) return '…';
	const all = members.map(([k, e]) => (k ? `${cutText(k, NAME_MAX)} ` : '') + (typeof e === 'object' && e !== null ? `(${compact(e, depth + 1)})` : cellText(k, e)));
	return all.join(', ') + (Object.keys(v).length > 20 ? ', …' : '');
}

// --- arrays of points ---

/** @param {unknown[]} a pairs [t, v], or numbers alone: points as objects of the same members */
function asPoints(a) {
	if (a.every(isNumber)) return { points: a.map((v, t) => ({ t, v })), place: true };
	const pair = (/** @type {unknown} */ e) => Array.isArray(e) && e.length === 2 && timeOf(e[0]) !== null && (isNumber(e[1]) || e[1] === null);
	if (a.every(pair)) return { points: a.map((e) => ({ t: /** @type {any} */ (e)[0], v: /** @type {any} */ (e)[1] })), place: false };
	return { points: a, place: false };
}

/** The members of points that are numbers; null when these are no points: a member is text. @param {Record<string, unknown>[]} points @param {string} time */
function seriesNames(points, time) {
	/** @type {Set<string>} */
	const names = new Set();
	for (const p of points)
		for (const [k, v] of Object.entries(p)) {
			if (k === time) continue;
			if (typeof v === 'number') names.add(k);
			else if (typeof v === 'string' || typeof v === 'boolean') return null;
		}
	return [...names];
}

/** @param {Record<string, unknown>[]} points @param {string} time */
function xOf(points, time) {
	const numeric = points.every((p) => typeof p[time] === 'number');
	if (numeric && points.every((p) => Math.abs(/** @type {number} */ (p[time])) < REAL_TIME)) return { axis: /** @type {const} */ ('number'), x: points.map((p) => Number(p[time])) };
	const x = points.map((p) => timeOf(p[time]));
	return x.some((t) => t === null) ? null : { axis: /** @type {const} */ ('time'), x: /** @type {number[]} */ (x) };
}

/** A line of an array of points; null when it is something else. @param {string} name @param {unknown[]} all @returns {Line | null} */
export function lineOf(name, all) {
	const { points, place } = asPoints(all.slice(-ROWS_READ));
	if (points.length < (place ? 3 : 2) || !points.every(isObject)) return null;
	const list = /** @type {Record<string, unknown>[]} */ (points);
	const time = Object.keys(list[0]).find((k) => TIME_NAME.test(k) && list.every((p) => typeof p[k] === 'number' || timeOf(p[k]) !== null));
	const names = time === undefined ? null : seriesNames(list, time);
	const along = time === undefined || !names?.length ? null : xOf(list, time);
	if (!along || !names) return null;
	const order = along.x.map((_, i) => i).sort((a, b) => along.x[a] - along.x[b]);
	const series = names.slice(0, SERIES_MAX).map((n) => ({ name: n, label: label(n), values: order.map((i) => (isNumber(list[i][n]) ? /** @type {number} */ (list[i][n]) : null)) }));
	return {
		kind: 'line', name, label: label(name), axis: place ? 'place' : along.axis, x: order.map((i) => along.x[i] + (place ? 1 : 0)), series,
		more: names.length - series.length, cut: all.length - list.length,
	};
}

// --- tables and lists ---

/** The members of all rows, those most rows have first, of equal ones the earlier. @param {Record<string, unknown>[]} rows @returns {{columns: Column[], more: number}} */
export function columnsOf(rows) {
	/** @type {Map<string, {many: number, numbers: number}>} */
	const seen = new Map();
	for (const r of rows)
		for (const [k, v] of Object.entries(r)) {
			if (seen.size >= 1000 && !seen.has(k)) continue;
			const s = seen.get(k) ?? { many: 0, numbers: 0 };
			if (v !== null) s.many++;
			if (typeof v === 'number') s.numbers++;
			seen.set(k, s);
		}
	const names = [...seen.keys()];
	const kept = new Set([...names].sort((a, b) => (seen.get(b)?.many ?? 0) - (seen.get(a)?.many ?? 0)).slice(0, COLUMNS_MAX));
	const columns = names.filter((k) => kept.has(k)).map((key) => {
		const s = seen.get(key);
		const numeric = !!s && s.numbers > 0 && s.numbers * 2 >= s.many;
		return { key, label: label(key), numeric, share: numeric && isShare(key, rows.map((r) => r[key])) };
	});
	const isId = (/** @type {string} */ key) => /^id$|_id$|[a-z]Id$/.test(key); // for programs: behind what people read
	columns.sort((a, b) => Number(isId(a.key)) - Number(isId(b.key)));
	return { columns, more: names.length - columns.length };
}

/** @param {string} name @param {unknown[]} all @returns {Table | null} */
export function tableOf(name, all) {
	const read = all.slice(0, ROWS_READ);
	const objects = read.filter(isObject).length;
	const matrix = objects === 0 && read.length > 0 && read.every((e) => Array.isArray(e) && e.length <= COLUMNS_MAX);
	if (!matrix && objects * 2 < read.length) return null;
	if (!objects && !matrix) return null;
	const rows = read.map((e) => (isObject(e) ? e : Array.isArray(e) && matrix ? Object.fromEntries(e.map((v, i) => [String(i + 1), v])) : { value: e }));
	return { kind: 'table', name, label: label(name), ...columnsOf(rows), rows, cut: all.length - read.length };
}

/** @param {string} name @param {unknown[]} all @returns {List} */
const listOf = (name, all) => ({
	kind: 'list', name, label: label(name), items: all.slice(0, ROWS_READ).map((v) => cellText(name, v)), cut: Math.max(0, all.length - ROWS_READ),
});

/** Rows in the order of one column: numbers by size, times by time, text by the alphabet; what is missing stands last either way.
 * @param {Record<string, unknown>[]} rows @param {string} key @param {boolean} down */
export function sortRows(rows, key, down) {
	const way = down ? -1 : 1;
	const known = (/** @type {unknown} */ v) => v !== null && v !== undefined && v !== '';
	const text = new Intl.Collator('en', { numeric: true });
	return rows.map((r, i) => ({ r, i, v: r[key] })).sort((a, b) => {
		if (known(a.v) !== known(b.v)) return known(a.v) ? -1 : 1;
		const d = isNumber(a.v) && isNumber(b.v) ? a.v - b.v : isNumber(a.v) !== isNumber(b.v) ? (isNumber(a.v) ? -1 : 1) : text.compare(cellText(key, a.v), cellText(key, b.v));
		return d * way || a.i - b.i;
	}).map((e) => e.r);
}

// --- the whole ---

/** @param {string} name @param {unknown[]} a @returns {Block} */
const arrayOf = (name, a) => lineOf(name, a) ?? tableOf(name, a) ?? listOf(name, a);

/** How many there are of each kind: an object of nothing but whole numbers, none of which has a unit. @param {string} name @param {Record<string, unknown>} o @returns {Bars | null} */
export function barsOf(name, o) {
	const members = Object.entries(o);
	if (members.length < 2 || members.length > BARS_MOST) return null;
	const counts = (/** @type {string} */ k, /** @type {any} */ v) => Number.isSafeInteger(v) && v >= 0 && timeMember(k, v) === null && figureText(k, v) === plain(v);
	if (!members.every(([k, v]) => counts(k, v)) || members.some(([k]) => /^(min|max|mean|avg|total|sum|x|y|z)$|_(min|max|mean|avg|total|sum)$|^(total|max|min)_/i.test(k))) return null;
	return { kind: 'bars', name, label: label(name), items: members.map(([k, v]) => ({ name: k, label: label(k), value: Number(v) })) };
}

/** @param {string} name @param {string} note @returns {Section} */
const emptySection = (name, note = '') => ({ kind: 'section', name, label: label(name), figures: [], facts: [], blocks: [], cut: 0, note });

/** @param {Section} s @param {string} name @param {unknown} v @param {number} depth @param {{left: number}} budget */
function addMember(s, name, v, depth, budget) {
	if (typeof v === 'object' && v !== null) {
		if (s.blocks.length >= BLOCKS_MAX || budget.left <= 0) s.cut++;
		else {
			budget.left--;
			s.blocks.push(Array.isArray(v) ? arrayOf(name, v) : (barsOf(name, /** @type {any} */ (v)) ?? sectionOf(name, /** @type {any} */ (v), depth + 1, budget)));
		}
		return;
	}
	const time = timeMember(name, v);
	if (typeof v === 'number' && time === null) {
		if (s.figures.length >= FIGURES_MAX) s.cut++;
		else s.figures.push({ name, label: label(name), value: v, text: figureText(name, v), share: isShare(name, [v]) });
	} else if (s.facts.length >= FIGURES_MAX) s.cut++;
	else s.facts.push({ name, label: label(name), text: v === null ? 'none' : cellText(name, v), time });
}

/** @param {string} name @param {Record<string, unknown>} value @param {number} depth @param {{left: number}} budget @returns {Section} */
function sectionOf(name, value, depth, budget) {
	if (depth > DEPTH_MAX) return emptySection(name, cellText('', value));
	const s = emptySection(name);
	const members = Object.entries(value);
	for (const [k, v] of members) addMember(s, k, v, depth, budget);
	if (!members.length) s.note = 'Nothing in it.';
	return s;
}

/**
 * The description of any value. What is neither object nor array is the one member of a section.
 * @param {unknown} value @param {string} name @returns {Section}
 */
export function shapeOf(value, name) {
	const budget = { left: BLOCKS_ALL };
	if (isObject(value)) return sectionOf(name, value, 0, budget);
	const s = emptySection(name);
	addMember(s, name, value, 0, budget);
	return s;
}

/** @param {string} text @param {string} words lower case */
const holds = (text, words) => text.toLowerCase().includes(words);

/** @param {Block} b @param {string} words @returns {Block | null} */
function filterBlock(b, words) {
	if (holds(b.label, words) || holds(b.name, words)) return b;
	if (b.kind === 'section') {
		const s = filterShape(b, words);
		return s.figures.length || s.facts.length || s.blocks.length || holds(s.note, words) ? s : null;
	}
	if (b.kind === 'line') return b.series.some((s) => holds(s.label, words) || holds(s.name, words)) ? b : null;
	if (b.kind === 'bars') {
		const items = b.items.filter((i) => holds(i.label, words) || holds(i.name, words));
		return items.length ? { ...b, items } : null;
	}
	if (b.kind === 'list') {
		const items = b.items.filter((i) => holds(i, words));
		return items.length ? { ...b, items } : null;
	}
	const rows = b.rows.filter((r) => Object.entries(r).some(([k, v]) => holds(cellText(k, v), words)));
	return rows.length ? { ...b, rows } : null;
}

/** The same description with what holds these words: names of figures, rows of tables, items of lists. @param {Section} s @param {string} words @returns {Section} */
export function filterShape(s, words) {
	if (!words) return s;
	const member = (/** @type {Figure | Fact} */ f) => holds(f.label, words) || holds(f.name, words) || holds(f.text, words);
	const blocks = s.blocks.map((b) => filterBlock(b, words)).filter((b) => b !== null);
	return { ...s, figures: s.figures.filter(member), facts: s.facts.filter(member), blocks, cut: 0 };
}

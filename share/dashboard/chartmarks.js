// The alerts on the time axis: which lie in a window, and their drawing.
import { clock, count, plural } from './format.js';

/**
 * @typedef {{from: number, to: number, open: boolean, once: boolean, level: 'info'|'warning'|'error', text: string}} Mark   seconds
 * @typedef {Record<string, string>} Colours
 */

export const MARKS_MOST = 300; // drawn in one window
const WORDS = { info: 'Info', warning: 'Warning', error: 'Error' };
/** @type {Record<string, string>} */
const COLOUR = { info: 'info', warning: 'warn', error: 'bad' };
const RANK = { info: 1, warning: 2, error: 3 };

/** @param {any} p an episode of alertlog.js @returns {Mark} */
function markOf(p) {
	const from = Math.min(p.since, p.raisedAt) / 1000;
	return {
		from, to: p.once ? from : p.resolvedAt === null ? Infinity : Math.max(from, p.resolvedAt / 1000), open: p.state === 'firing', once: p.once === true,
		level: p.level, text: String(p.raised?.message ?? p.key).slice(0, 160),
	};
}

/** The marks that touch a window; of too many the worst and newest. @param {Iterable<any>} episodes @param {number} from @param {number} to */
export function marksIn(episodes, from, to) {
	/** @type {Mark[]} */
	const list = [];
	for (const p of episodes) {
		if (!p.fired || p.since / 1000 > to || (p.resolvedAt !== null && p.resolvedAt / 1000 < from) || (p.once && p.since / 1000 < from)) continue;
		const m = markOf(p);
		if (m.to === Infinity && !m.open) m.to = p.lastAt / 1000; // ended without a word
		if (m.to >= from && m.from <= to) list.push(m);
	}
	if (list.length > MARKS_MOST) list.sort((a, b) => RANK[b.level] - RANK[a.level] || b.from - a.from).length = MARKS_MOST;
	return list.sort((a, b) => a.from - b.from);
}

/** "Warning: High CPU usage: 85.0% (since 10:02:11)" @param {Mark} m */
export function wordsOf(m) {
	const when = m.once ? clock(m.from * 1000) : m.to === Infinity ? `firing since ${clock(m.from * 1000)}` : `${clock(m.from * 1000)} to ${clock(m.to * 1000)}, resolved`;
	return `${WORDS[m.level]}: ${m.text} (${when})`;
}

/** "1 alert firing, 2 resolved" @param {Mark[]} marks */
export function marksInWords(marks) {
	const firing = marks.filter((m) => m.open && !m.once).length, past = marks.length - firing;
	if (!marks.length) return '';
	if (!firing) return `${plural(past, 'alert')}, none firing`;
	return `${plural(firing, 'alert')} firing${past ? `, ${count(past)} over` : ''}`;
}

/** Those at a time, with some room beside it for those that are short. @param {Mark[]} marks @param {number} t @param {number} room seconds */
export const marksAt = (marks, t, room) => marks.filter((m) => m.from - room <= t && m.to + room >= t);

/** @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {number} size */
function triangle(ctx, x, y, size) {
	ctx.beginPath();
	ctx.moveTo(x - size, y + 1.6 * size);
	ctx.lineTo(x + size, y + 1.6 * size);
	ctx.lineTo(x, y);
	ctx.fill();
}

/** @param {any} u @param {Mark} m @param {number} now seconds */
function placeOf(u, m, now) {
	const px = globalThis.devicePixelRatio || 1, { bbox } = u;
	const place = (/** @type {number} */ t) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, u.valToPos(t, 'x', true)));
	const left = place(m.from);
	return { left, width: Math.max(2 * px, place(Math.min(m.to, now)) - left) };
}

/** Beneath the lines: pale bands while something fired. @param {any} u @param {Mark[]} marks @param {Colours} colours @param {number} now seconds */
export function drawBands(u, marks, colours, now) {
	if (!marks.length) return;
	const { ctx, bbox } = u;
	ctx.save();
	ctx.globalAlpha = 0.08;
	for (const m of marks) {
		const { left, width } = placeOf(u, m, now);
		ctx.fillStyle = colours[COLOUR[m.level]];
		ctx.fillRect(left, bbox.top, width, bbox.height);
	}
	ctx.restore();
}

/**
 * On the axis, above the lines: a bar in the colour of its level with a mark where it began, and a green one where it was resolved.
 * @param {any} u @param {Mark[]} marks @param {Colours} colours @param {number} now seconds
 */
export function drawMarks(u, marks, colours, now) {
	if (!marks.length) return;
	const { ctx, bbox } = u, px = globalThis.devicePixelRatio || 1, foot = bbox.top + bbox.height;
	ctx.save();
	for (const m of marks) {
		const { left, width } = placeOf(u, m, now);
		ctx.fillStyle = colours[COLOUR[m.level]];
		ctx.fillRect(left, foot - 3 * px, width, 3 * px);
		if (m.from >= u.scales.x.min) triangle(ctx, left, foot - 11 * px, 4.5 * px);
		if (m.to !== Infinity && !m.once && m.to <= u.scales.x.max) {
			ctx.fillStyle = colours.good;
			ctx.fillRect(left + width - px, foot - 11 * px, 2 * px, 11 * px);
		}
	}
	ctx.restore();
}

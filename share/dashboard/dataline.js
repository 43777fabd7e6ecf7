// A line of any points as a small drawing with its figures in words: for the Data page, whose points may be of any time and any number.
import { figureText, plain } from './datashape.js';
import { clock, dateTime, plural } from './format.js';
import { h, setAttr, setText, svg } from './dom.js';

const WIDTH = 600, HEIGHT = 120, BUCKETS = 300;
const DAY = 86400000;

/** @typedef {import('./datashape.js').Line} Line @typedef {import('./datashape.js').Series} Series */

/** @param {Line} line */
function reach(line) {
	let low = Infinity, high = -Infinity;
	for (const s of line.series)
		for (const v of s.values) {
			if (v === null) continue;
			if (v < low) low = v;
			if (v > high) high = v;
		}
	const from = line.x[0], to = line.x[line.x.length - 1];
	return { low, high, from, to };
}

/** @param {Line} line @param {number} x */
function xText(line, x) {
	if (line.axis !== 'time') return plain(x);
	const { from, to } = reach(line);
	if (line.x.every((t) => t % DAY === 0)) return new Date(x).toISOString().slice(0, 10);
	return to - from < DAY && new Date(from).toDateString() === new Date(to).toDateString() ? clock(x) : dateTime(x);
}

/** The path of one series: per bucket its lowest and its highest, so that many points cost no more than few. @param {Line} line @param {Series} s
 * @param {ReturnType<typeof reach>} r */
function pathOf(line, s, r) {
	const wide = r.to - r.from || 1, tall = r.high - r.low || 1;
	const px = (/** @type {number} */ x) => (((x - r.from) / wide) * WIDTH).toFixed(1);
	const py = (/** @type {number} */ v) => (r.high === r.low ? HEIGHT / 2 : HEIGHT - 4 - ((v - r.low) / tall) * (HEIGHT - 8)).toFixed(1);
	const step = Math.max(1, Math.ceil(s.values.length / BUCKETS));
	let path = '', pen = 'M';
	for (let i = 0; i < s.values.length; i += step) {
		let low = -1, high = -1;
		for (let k = i; k < Math.min(i + step, s.values.length); k++) {
			const v = s.values[k];
			if (v === null) continue;
			if (low < 0 || v < /** @type {number} */ (s.values[low])) low = k;
			if (high < 0 || v > /** @type {number} */ (s.values[high])) high = k;
		}
		if (low < 0) {
			pen = 'M';
			continue;
		}
		for (const k of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
			path += `${pen}${px(line.x[k])} ${py(/** @type {number} */ (s.values[k]))}`;
			pen = 'L';
		}
	}
	return path;
}

/** What lies under the first series, where nothing of it lacks. @param {Line} line @param {ReturnType<typeof reach>} r */
function areaOf(line, r) {
	const [s] = line.series, d = s && !s.values.includes(null) ? pathOf(line, s, r) : '';
	return d ? `${d}V${HEIGHT}H0Z` : '';
}

/** @param {Series} s */
function last(s) {
	for (let i = s.values.length - 1; i >= 0; i--) if (s.values[i] !== null) return s.values[i];
	return null;
}

/** @param {Series} s @param {number | null} v */
const textOf = (s, v) => (s.text ?? figureText)(s.name, v);
/** A figure of the scale: with its unit where there is one series. @param {Line} line @param {number} v */
const scaleText = (line, v) => (line.series.length === 1 && line.series[0].text ? line.series[0].text(line.series[0].name, v) : plain(v));

/** Whether a name says more than the line's own. @param {Line} line @param {Series} s */
const named = (line, s) => line.series.length > 1 || (s.label !== line.label && !/^(v|value|y)$/i.test(s.name));

/** What the drawing shows, in words. @param {Line} line */
function inWords(line) {
	const r = reach(line);
	const values = line.series.map((s) => (named(line, s) ? `${s.label} ` : '') + textOf(s, last(s))).join(', ');
	return `${line.label}: ${plural(line.x.length, 'point')} from ${xText(line, r.from)} to ${xText(line, r.to)}, last ${values}, lowest ${scaleText(line, r.low)}, highest ${scaleText(line, r.high)}`;
}

/** The names and values under a line: at the pointer, else the last. @param {Line} line @param {number | null} at */
function legend(line, at) {
	const items = line.series.map((s, i) => h('span', { class: 'data-key', 'data-series': i },
		h('span', { class: 'data-swatch', 'aria-hidden': 'true' }), named(line, s) ? `${s.label} ` : '',
		h('b', { class: 'num' }, textOf(s, at === null ? last(s) : s.values[at]))));
	return [h('span', { class: 'quiet num' }, at === null ? 'last' : `at ${xText(line, line.x[at])}`), ...items,
		line.more ? h('span', { class: 'quiet' }, `and ${plural(line.more, 'more series', 'more series')}`) : null];
}

/** The number of the point nearest to a share 0 to 1 of the width. @param {Line} line @param {number} share */
function nearest(line, share) {
	const x = line.x[0] + share * (line.x[line.x.length - 1] - line.x[0]);
	let low = 0, high = line.x.length - 1;
	while (high - low > 1) {
		const mid = (low + high) >> 1;
		if (line.x[mid] < x) low = mid;
		else high = mid;
	}
	return Math.abs(line.x[low] - x) <= Math.abs(line.x[high] - x) ? low : high;
}

/** @param {Line} first */
export function lineView(first) {
	let line = first;
	/** @type {number | null} */
	let at = null;
	const drawing = svg('svg', { class: 'data-line', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', tabindex: '0' });
	const mark = svg('line', { class: 'data-mark', y1: 0, y2: HEIGHT, 'vector-effect': 'non-scaling-stroke', visibility: 'hidden' });
	const high = h('span', { class: 'quiet num' }), low = h('span', { class: 'quiet num' });
	const from = h('span', { class: 'quiet num' }), to = h('span', { class: 'quiet num' });
	const keys = h('div', { class: 'data-keys' });
	const title = h('h3'), note = h('p', { class: 'quiet' });
	const el = h('section', { class: 'data-block card' }, title, keys,
		h('div', { class: 'data-plot' }, h('div', { class: 'data-y', 'aria-hidden': 'true' }, high, low), drawing), h('div', { class: 'data-x', 'aria-hidden': 'true' }, from, to), note);

	const point = (/** @type {number | null} */ i) => {
		at = i === null ? null : Math.max(0, Math.min(line.x.length - 1, i));
		keys.replaceChildren(.../** @type {Node[]} */ (legend(line, at).filter(Boolean)));
		setAttr(mark, 'visibility', at === null ? 'hidden' : 'visible');
		if (at === null) return;
		const r = reach(line);
		const x = String(((line.x[at] - r.from) / (r.to - r.from || 1)) * WIDTH);
		setAttr(mark, 'x1', x);
		setAttr(mark, 'x2', x);
	};
	drawing.addEventListener('pointermove', (e) => {
		const box = drawing.getBoundingClientRect();
		point(nearest(line, (e.clientX - box.left) / (box.width || 1)));
	});
	drawing.addEventListener('pointerleave', () => point(null));
	drawing.addEventListener('blur', () => point(null));
	drawing.addEventListener('keydown', (e) => {
		const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
		if (!step) return;
		e.preventDefault();
		point((at ?? line.x.length - 1 - step) + step);
	});

	const update = (/** @type {Line} */ next) => {
		line = next;
		const r = reach(line);
		setText(title, line.label);
		setText(high, scaleText(line, r.high));
		setText(low, scaleText(line, r.low));
		setText(from, xText(line, r.from));
		setText(to, xText(line, r.to));
		setText(note, line.cut ? `and ${plural(line.cut, 'older point')} not drawn` : '');
		drawing.replaceChildren(svg('title', {}, inWords(line)), ...line.series.map((s, i) =>
			svg('path', { class: 'data-path', 'data-series': i, d: pathOf(line, s, r), 'vector-effect': 'non-scaling-stroke' })), mark);
		drawing.querySelector('title')?.after(svg('path', { class: 'data-area', d: areaOf(line, r) }));
		point(at);
	};
	update(first);
	return { el, update };
}

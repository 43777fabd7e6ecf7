// One chart: uPlot with our axes, lines, marks, legend and keyboard. Made by createTimeline of charts.js, which tells it when to draw.
import { h, setAttr, setText } from './dom.js';
import { clock, dateTime } from './format.js';
import { drawBands, drawMarks, marksAt, marksInWords, wordsOf } from './chartmarks.js';
import { axisFormat, formatOf, linePaths, timeLabels, timeSplits, valueRange } from './chartscale.js';
import { createColumns, gapOf } from './series.js';

/**
 * @typedef {{name: string, label: string, unit?: string | ((v: number) => string), colour?: string, scale?: number}} SeriesWish
 *   name as in the server's history; scale: what the values are multiplied by
 * @typedef {{title: string, series: SeriesWish[], min?: number, max?: number, floor?: number, height?: number, note?: string}} ChartWish
 * @typedef {import('./charts.js').Scene} Scene
 * @typedef {ReturnType<typeof createChart>} Chart
 */

const HEIGHT = 170;
const TELL_MS = 20000; // how often the text for those who do not see changes by itself
const AXIS_PX = 56, RIGHT_PX = 14;
const FONT = '12px system-ui, sans-serif';
const COLOURS = ['accent', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6', 'chart-7', 'chart-8'];

/** A series keeps its colour wherever it is drawn. @param {string} name */
function colourOf(name) {
	let n = 7;
	for (let i = 0; i < name.length; i++) n = (Math.imul(n, 31) + name.charCodeAt(i)) >>> 0;
	return n % COLOURS.length;
}

/** Names of custom properties, no two alike in one chart. @param {SeriesWish[]} series */
function choose(series) {
	/** @type {Set<string>} */
	const taken = new Set();
	return series.map((s) => {
		let k = colourOf(s.name);
		while (!s.colour && taken.has(COLOURS[k]) && taken.size < COLOURS.length) k = (k + 1) % COLOURS.length;
		const colour = s.colour?.replace(/^var\((--.*)\)$/, '$1') ?? `--${COLOURS[k]}`;
		taken.add(colour.replace(/^--/, ''));
		return colour;
	});
}

/** @param {string} colour #rgb or #rrggbb @param {string} alpha two hex digits */
function faint(colour, alpha) {
	if (/^#[\da-f]{6}$/i.test(colour)) return colour + alpha;
	return /^#[\da-f]{3}$/i.test(colour) ? `#${[...colour.slice(1)].map((c) => c + c).join('')}${alpha}` : 'transparent';
}

/** @param {SeriesWish[]} series */
function createLegend(series) {
	const swatches = series.map(() => h('span', { class: 'swatch', 'aria-hidden': 'true' }));
	const values = series.map(() => h('span', { class: 'value' }, '–'));
	const time = h('span', { class: 'chart-time quiet' });
	const el = h('div', { class: 'legend' }, time, series.map((s, i) => h('span', { class: 'entry' }, swatches[i], series.length > 1 ? h('span', { class: 'label' }, s.label) : null, values[i])));
	return { el, time, values, swatches };
}

/**
 * @param {ChartWish} wish @param {Scene} scene
 */
export function createChart(wish, scene) {
	const { series } = wish, names = series.map((s) => s.name), scales = series.map((s) => s.scale ?? 1), colours = choose(series);
	const formats = series.map((s) => formatOf(s.unit ?? '')), height = wish.height ?? HEIGHT;
	const columns = createColumns(series.length, Math.max(...scene.levels.map((l) => l.series.rows)) + 2);
	const gaps = series.map(() => 0);
	const legend = createLegend(series);
	const plot = h('div', { class: 'plot', role: 'img', tabindex: 0, 'aria-label': wish.title, 'aria-roledescription': 'chart' });
	const alerts = h('p', { class: 'chart-alerts' }), said = h('p', { class: 'visually-hidden', 'aria-live': 'polite' }), empty = h('p', { class: 'chart-empty quiet', hidden: true });
	const frame = h('div', { class: 'plot-frame' }, plot, empty);
	const el = h('section', { class: 'card chart', 'aria-label': wish.title },
		h('div', { class: 'chart-head' }, h('h3', null, wish.title), wish.note ? h('span', { class: 'quiet chart-note' }, wish.note) : null, legend.el), frame, alerts, said);
	/** @type {uPlot | null} */
	let u = null;
	let drawn = '', toldAt = -Infinity, told = '', visible = false, shownMarks = '', gone = false, first = true;

	const ink = (/** @type {number} */ k) => (colours[k].startsWith('--') ? scene.colour(colours[k].slice(2)) : colours[k]);

	/** The row of a series nearest to a time, as far as its line reaches; null in a gap. @param {number} k @param {number} t */
	function rowAt(k, t) {
		const { x, n } = columns, y = columns.y[k];
		let best = null, least = gaps[k] / 2 + 1;
		for (let i = 0; i < n; i++) {
			const far = Math.abs(x[i] - t);
			if (y[i] === y[i] && far < least) {
				best = i;
				least = far;
			}
		}
		return best;
	}

	/** The newest of a series in view. @param {number} k */
	function newestRow(k) {
		for (let i = columns.n - 1; i >= 0; i--) if (columns.y[k][i] === columns.y[k][i] && columns.x[i] <= scene.window.to) return i;
		return null;
	}

	function cursorTime() {
		const left = u?.cursor.left ?? -1;
		return u && left >= 0 && Number.isFinite(u.scales.x.min) ? u.posToVal(left, 'x') : null;
	}

	function drawLegend() {
		const t = cursorTime(), wide = scene.window.to - scene.window.from > 43200;
		for (let k = 0; k < series.length; k++) {
			const row = t === null ? newestRow(k) : rowAt(k, t);
			setText(legend.values[k], row === null ? '–' : formats[k](columns.y[k][row]));
		}
		setText(legend.time, t === null ? '' : wide ? dateTime(t * 1000).slice(5, 16) : clock(t * 1000));
		const room = u ? ((scene.window.to - scene.window.from) / Math.max(1, u.over.clientWidth)) * 5 : 0;
		const near = t === null ? [] : marksAt(scene.marks, t, room);
		const key = near.map(wordsOf).join('\n');
		if (key === shownMarks && (key || alerts.textContent === marksInWords(scene.marks))) return;
		shownMarks = key;
		setAttr(alerts, 'title', key || null);
		if (!near.length) return setText(alerts, marksInWords(scene.marks));
		alerts.replaceChildren(...near.slice(-1).map((m) => h('span', { class: `chart-alert ${m.level}` }, wordsOf(m))), near.length > 1 ? h('span', { class: 'quiet' }, `and ${near.length - 1} more`) : '');
	}

	/** In words, for who does not see it. */
	function words() {
		const { from, to } = scene.window;
		const parts = series.map((s, k) => {
			let low = Infinity, high = -Infinity;
			for (let i = 0; i < columns.n; i++) {
				const v = columns.y[k][i];
				if (v !== v || columns.x[i] < from || columns.x[i] > to) continue;
				low = Math.min(low, v);
				high = Math.max(high, v);
			}
			const row = newestRow(k);
			if (row === null || low === Infinity) return `${s.label}: no readings`;
			return `${s.label}: newest ${formats[k](columns.y[k][row])}, lowest ${formats[k](low)}, highest ${formats[k](high)}`;
		});
		return `${wish.title}, ${scene.words}. ${parts.join('. ')}. ${marksInWords(scene.marks)}`;
	}

	/** @param {number} now ms @param {boolean} [force] */
	function tell(now, force = false) {
		if (!force && now - toldAt < TELL_MS && told === scene.words) return;
		toldAt = now;
		told = scene.words;
		setAttr(plot, 'aria-label', words());
	}

	/** @returns {uPlot.Options} */
	function options() {
		const quiet = () => scene.colour('quiet'), grid = () => ({ stroke: () => scene.colour('grid'), width: 1 });
		return {
			width: Math.max(1, plot.clientWidth), height, ms: 1, padding: [8, RIGHT_PX, 0, 0], legend: { show: false },
			scales: { x: { time: false, auto: false, range: (_u, min, max) => [min, max] }, y: { auto: false, range: (_u, min, max) => [min, max] } },
			axes: [
				{ stroke: quiet, font: FONT, grid: grid(), ticks: { show: false }, size: 26, gap: 6, splits: (v, _i, min, max) => timeSplits(min, max, v.width - AXIS_PX - RIGHT_PX), values: (_v, splits) => timeLabels(splits) },
				{ stroke: quiet, font: FONT, grid: grid(), ticks: { show: false }, size: AXIS_PX, gap: 6, space: 34, values: (_v, splits) => splits.map(axisFormat(series[0]?.unit ?? '')) },
			],
			series: [{}, ...series.map((s, k) => /** @type {uPlot.Series} */ ({
				label: s.label, stroke: () => ink(k), width: 1.5, spanGaps: false, points: { show: false },
				fill: series.length === 1 ? () => faint(ink(k), '1f') : undefined,
				paths: /** @type {any} */ (linePaths((si) => gaps[si - 1], series.length === 1)),
			}))],
			cursor: {
				y: false, drag: { x: true, y: false, setScale: false, dist: 4 }, points: { size: 7, width: 1.5 },
				sync: { key: scene.sync, scales: ['x', null], setSeries: false, filters: { pub: (type) => type === 'mousemove', sub: (type) => type === 'mousemove' } },
				dataIdx: (_v, si, idx, t) => (si === 0 ? idx : rowAt(si - 1, t)),
				bind: /** @type {any} */ ({
					mousedown: (/** @type {any} */ _v, /** @type {any} */ _t, /** @type {any} */ run) => (/** @type {MouseEvent} */ e) => {
						if (e.button !== 0) return null;
						scene.hold();
						return run(e);
					},
					dblclick: () => () => (scene.back(), null),
				}),
			},
			hooks: {
				drawAxes: [(v) => drawBands(v, scene.marks, scene.colours, scene.now() / 1000)],
				draw: [(v) => drawMarks(v, scene.marks, scene.colours, scene.now() / 1000)],
				setCursor: [() => scene.legends()],
				setSelect: [(v) => {
					const { left, width } = v.select;
					v.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
					if (width >= 4) scene.zoom(v.posToVal(left, 'x'), v.posToVal(left + width, 'x'));
				}],
			},
		};
	}

	function build() {
		const Plot = /** @type {any} */ (globalThis).uPlot;
		if (!Plot || !plot.clientWidth) return false;
		u = new Plot(options(), [[], ...series.map(() => [])], plot);
		for (const c of plot.querySelectorAll('canvas')) c.setAttribute('aria-hidden', 'true');
		return true;
	}

	/** The greatest and least in view. @returns {[number, number]} */
	function extremes() {
		const { from, to } = scene.window;
		let low = Infinity, high = -Infinity;
		for (let i = 0; i < columns.n; i++) {
			if (columns.x[i] < from || columns.x[i] > to) continue;
			for (const y of columns.y) {
				if (y[i] < low) low = y[i];
				if (y[i] > high) high = y[i];
			}
		}
		return valueRange(low, high, wish);
	}

	/** At least two rows, so that the axes stand also where nothing was read. */
	function data() {
		const { from, to } = scene.window;
		if (columns.n < 2) {
			const t = columns.n ? columns.x[0] : from;
			columns.x[columns.n] = t < to ? to : to + 1;
			if (!columns.n) columns.x[0] = from;
			for (const y of columns.y) for (let i = columns.n; i < 2; i++) y[i] = NaN;
			if (!columns.n) columns.x[1] = to;
		}
		const rows = Math.max(2, columns.n);
		return [columns.x.subarray(0, rows), ...columns.y.map((y) => y.subarray(0, rows))];
	}

	/** @param {number} now ms */
	function paint(now) {
		const { from, to } = scene.window, { series: held } = scene.level;
		held.columns(from, to, names, columns, scales);
		for (let k = 0; k < series.length; k++) gaps[k] = gapOf(columns, k, held.step);
		const [bottom, top] = extremes();
		const none = columns.n === 0;
		if (empty.hidden === none) {
			empty.hidden = !none;
		}
		if (none) setText(empty, scene.loading ? 'Loading …' : 'No readings in this time');
		const v = /** @type {uPlot} */ (u), rows = /** @type {any} */ (data());
		v.batch(() => {
			v.setData(rows, false);
			v.setScale('x', { min: from, max: to });
			v.setScale('y', { min: bottom, max: top });
		});
		drawLegend();
		tell(now);
	}

	/** @param {KeyboardEvent} e */
	function press(e) {
		if (!u || e.ctrlKey || e.metaKey || e.altKey) return;
		const wide = u.over.clientWidth, at = (u.cursor.left ?? -1) >= 0 ? /** @type {number} */ (u.cursor.left) : e.key === 'ArrowRight' ? 0 : wide;
		const step = Math.max(2, wide / 100) * (e.shiftKey ? 10 : 1);
		const places = /** @type {Record<string, number>} */ ({ ArrowLeft: at - step, ArrowRight: at + step, Home: 0, End: wide });
		if (e.key in places) moveCursor(Math.min(wide, Math.max(0, places[e.key])));
		else if (e.key === '+' || e.key === '=') scene.zoomBy(0.5, cursorTime());
		else if (e.key === '-') scene.zoomBy(2, cursorTime());
		else return;
		e.preventDefault();
		e.stopPropagation();
	}

	/** @param {number} left */
	function moveCursor(left) {
		const v = /** @type {any} */ (u);
		v.setCursor({ left, top: v.over.clientHeight / 2 }, true, true);
		drawLegend();
		const parts = series.map((s, k) => `${series.length > 1 ? `${s.label} ` : ''}${legend.values[k].textContent}`);
		setText(said, `${legend.time.textContent}: ${parts.join(', ')}${shownMarks ? `. ${shownMarks.slice(0, 300)}` : ''}`);
	}
	plot.addEventListener('keydown', press);
	plot.addEventListener('focus', () => tell(scene.now(), true));
	plot.addEventListener('blur', () => u && /** @type {any} */ (u).setCursor({ left: -10, top: -10 }, true, true));

	const resize = new ResizeObserver(() => {
		const width = Math.floor(plot.clientWidth);
		if (!width) return;
		if (u && Math.abs(u.width - width) >= 1) {
			u.setSize({ width, height });
			drawn = '';
		}
		scene.changed();
	});
	resize.observe(plot);
	function paintSwatches() {
		legend.swatches.forEach((s, k) => (s.style.background = ink(k)));
	}
	plot.style.minHeight = `${height}px`;
	paintSwatches();

	return {
		el,
		plot,
		names,
		drawLegend,
		get visible() { return visible; },
		set visible(is) { visible = is; },
		/** Draws if anything it shows has changed; out of sight only once, with the history. @param {number} now ms @returns {boolean} whether it had to */
		draw(now) {
			if (gone || !(visible || (first && !scene.loading)) || (!u && !build())) return false;
			first = first && scene.loading;
			const { from, to } = scene.window, pixel = (to - from) / Math.max(1, plot.clientWidth);
			let versions = 0;
			for (const n of names) versions += scene.level.series.version(n);
			const key = `${scene.level.minutes} ${versions} ${Math.floor(from / pixel)} ${Math.floor(to / pixel)} ${scene.marksVersion} ${scene.loading}`;
			if (key === drawn) return false;
			drawn = key;
			paint(now);
			return true;
		},
		/** Other colours. */
		repaint() {
			paintSwatches();
			drawn = '';
			u?.redraw(false);
		},
		destroy() {
			gone = true;
			resize.disconnect();
			u?.destroy();
			u = null;
			el.remove();
		},
	};
}

// The time axis that all charts share: range, zoom, cursor, alert marks, and the readings they draw.
//
//   const timeline = createTimeline({now, store, live, alertlog, getJson, keys})      all but now may be missing
//   const chart = timeline.chart({title, series: [{name, label, unit, colour?, scale?}], min?, max?, floor?, height?, note?})
//     name: as in the server's history (kato_cpu_usage_percent, container.NAME.memory_mb …); it is filled from there at once and then live
//     unit: '%', '/s', 'MB', 's' (shown as ms), 'count', any other word, or a function; scale: a factor; floor: the least top of the axis
//     chart.el goes anywhere in the document; chart.destroy() when it is not needed again. A chart that is out of sight costs nothing.
//   const bar = timeline.bar()     {el, destroy()}: 10 min, 1 h, 24 h, zoom, Back to live; put one above the charts of a page
//   timeline.range (minutes), timeline.setRange(minutes), timeline.zoom(from, to) in seconds, timeline.zoomed, timeline.back()
import { createChart } from './chart.js';
import { createHistory } from './charthistory.js';
import { marksIn } from './chartmarks.js';
import { createRangeBar } from './chartrange.js';
import { NAMES, readSection } from './readings.js';
import { createSeries } from './series.js';

/**
 * @typedef {import('./chart.js').ChartWish} ChartWish
 * @typedef {import('./charthistory.js').Level} Level
 * @typedef {{from: number, to: number}} Span   seconds
 * @typedef {{sync: string, levels: Level[], level: Level, window: Span, marks: import('./chartmarks.js').Mark[], marksVersion: number, loading: boolean, words: string,
 *   colours: Record<string, string>, colour(name: string): string, now(): number, hold(): void, back(): void, zoom(from: number, to: number): void,
 *   zoomBy(factor: number, at: number | null): void, legends(): void, changed(): void}} Scene   what a chart sees of it
 * @typedef {ReturnType<typeof createTimeline>} Timeline
 */

export const RANGES = [{ minutes: 10, label: '10 min' }, { minutes: 60, label: '1 h' }, { minutes: 1440, label: '24 h' }];
const KEPT_MOST = 64; // series held at a time
const LEAST_S = 10; // the narrowest window
const FRAME_MS = 8; // of drawing in one frame, then the next one goes on
const BACK_MS = 60000; // a clock set back by more begins anew
const MISSED_S = 15;
const COLOURS = ['fg', 'quiet', 'grid', 'line', 'card', 'accent', 'good', 'warn', 'bad', 'info', 'chart-2', 'chart-3', 'chart-4', 'chart-5', 'chart-6', 'chart-7', 'chart-8'];

/** One point a second for 10 minutes, then ever coarser; the finer ones reach back further than their range for who looks closer. @returns {Level[]} */
const createLevels = () => [
	{ minutes: 10, series: createSeries({ seconds: 600, max: 600, spare: 1200 }) },
	{ minutes: 60, series: createSeries({ seconds: 3600, max: 720, spare: 720 }) },
	{ minutes: 1440, series: createSeries({ seconds: 86400, max: 720, spare: 30 }) },
];

function readColours() {
	const style = getComputedStyle(document.documentElement);
	return Object.fromEntries(COLOURS.map((c) => [c, style.getPropertyValue(`--${c}`).trim() || '#888888']));
}

/** Series that somebody draws, and those of the overview. @param {Level[]} levels @param {(name: string) => void} dropped */
function createHolds(levels, dropped) {
	/** @type {Map<string, number>} */
	const held = new Map(NAMES.map((n) => [n, 1]));
	return {
		names: () => held.keys(),
		/** @param {string[]} names */
		take(names) {
			for (const n of names) if (held.has(n) || held.size < KEPT_MOST) held.set(n, (held.get(n) ?? 0) + 1);
		},
		/** @param {string[]} names */
		release(names) {
			for (const n of names) {
				const left = (held.get(n) ?? 0) - 1;
				if (left > 0) held.set(n, left);
				else if (held.delete(n)) {
					for (const l of levels) l.series.drop(n);
					dropped(n);
				}
			}
		},
	};
}

/**
 * Live readings into every level.
 * @param {any} store @param {Level[]} levels @param {() => Iterable<string>} names @param {() => void} changed
 */
function feed(store, levels, names, changed) {
	/** @type {Record<string, number>} */
	const last = {};
	/** @param {'metrics'|'containers'|'sessions'} section */
	function read(section) {
		const s = store[section];
		if (!s || s.sure === false || !Number.isFinite(s.at)) return;
		if (last[section] - s.at > BACK_MS) for (const l of levels) l.series.cut(s.at / 1000);
		if (s.at === last[section]) return;
		last[section] = s.at;
		readSection(store, section, names(), (name, value) => {
			for (const l of levels) l.series.add(name, s.at / 1000, value);
		});
		changed();
	}
	for (const section of /** @type {const} */ (['metrics', 'containers', 'sessions'])) store.on(section, () => read(section));
}

/**
 * @param {{now?: () => number, store?: any, live?: any, alertlog?: any, getJson?: (path: string) => Promise<any>, keys?: any}} options
 */
export function createTimeline({ now = () => Date.now(), store, live, alertlog, getJson, keys } = {}) {
	const levels = createLevels();
	/** @type {Set<import('./chart.js').Chart>} */
	const charts = new Set();
	/** @type {Set<{draw: () => void}>} */
	const bars = new Set();
	let range = 10, asked = false, held = false, marksDirty = true, legendsAsked = false;
	/** @type {Span | null} */
	let zoomed = null;
	/** @type {(() => void) | null} */
	let unEscape = null;

	const history = createHistory({ getJson, levels, names: () => holds.names(), now, changed: () => changed() });
	const holds = createHolds(levels, history.drop);

	/** @type {Scene} */
	const scene = {
		sync: 'kato-live', levels, level: levels[0], window: { from: 0, to: 1 }, marks: [], marksVersion: 0, loading: false, words: '', colours: readColours(),
		colour: (name) => scene.colours[name] ?? '#888888',
		now, back, zoom, zoomBy, changed,
		hold() {
			if (held) return;
			held = true;
			addEventListener('mouseup', () => {
				held = false;
				changed();
			}, { once: true });
		},
		legends() {
			if (legendsAsked) return;
			legendsAsked = true;
			requestAnimationFrame(() => {
				legendsAsked = false;
				for (const c of charts) if (c.visible) c.drawLegend();
			});
		},
	};

	/** The finest that reaches back to the beginning of the window. @param {Span} span */
	function levelFor(span) {
		const base = levels.find((l) => l.minutes === range) ?? levels[0];
		if (!zoomed) return base;
		const reaches = (/** @type {Level} */ l) => span.from >= now() / 1000 - l.series.reach;
		const fine = levels.find((l) => reaches(l) && span.from >= now() / 1000 - Math.max(l.minutes * 60, l.series.reach));
		if (fine && fine !== base && span.from >= now() / 1000 - fine.minutes * 60) history.need(fine);
		return levels.find((l) => reaches(l) && span.from >= history.since(l)) ?? base;
	}

	function place() {
		if (!held) {
			const to = now() / 1000;
			const { window: w } = scene;
			w.from = zoomed ? zoomed.from : to - range * 60;
			w.to = zoomed ? zoomed.to : to;
		}
		scene.level = levelFor(scene.window);
		scene.loading = history.outcome.state === 'loading';
		scene.words = zoomed ? 'zoomed' : `last ${RANGES.find((r) => r.minutes === range)?.label ?? ''}`;
	}

	function placeMarks() {
		if (!alertlog) return;
		const { from, to } = scene.window, list = marksIn(alertlog.episodes?.values() ?? [], from, to);
		if (!marksDirty && list.length === scene.marks.length) return;
		marksDirty = false;
		scene.marks = list;
		scene.marksVersion++;
	}

	function draw() {
		asked = false;
		if (document.hidden) return;
		place();
		placeMarks();
		for (const b of bars) b.draw();
		const begun = performance.now(), at = now();
		for (const c of charts) {
			if (!c.draw(at)) continue;
			if (performance.now() - begun > FRAME_MS) return changed();
		}
	}

	function changed() {
		if (asked || !charts.size) return;
		asked = true;
		requestAnimationFrame(draw);
	}

	/** @param {number} minutes */
	function setRange(minutes) {
		if (!RANGES.some((r) => r.minutes === minutes)) return;
		range = minutes;
		unzoom();
		history.need(/** @type {Level} */ (levels.find((l) => l.minutes === minutes)));
		changed();
	}

	function unzoom() {
		zoomed = null;
		unEscape?.();
		unEscape = null;
	}
	function back() {
		if (!zoomed) return;
		unzoom();
		changed();
	}

	/** Stands still at a window until back(). @param {number} from @param {number} to seconds */
	function zoom(from, to) {
		const end = now() / 1000;
		if (!Number.isFinite(from) || !Number.isFinite(to)) return;
		const middle = (from + to) / 2, half = Math.max(LEAST_S, Math.abs(to - from)) / 2;
		const last = Math.min(end, middle + half), first = Math.max(end - 86400, Math.min(middle - half, last - LEAST_S));
		zoomed = { from: first, to: Math.max(last, first + LEAST_S) };
		held = false;
		unEscape ??= keys?.onEscape?.(back) ?? null;
		changed();
	}

	/** @param {number} factor @param {number | null} at the time that keeps its place */
	function zoomBy(factor, at) {
		const { from, to } = scene.window, t = at ?? (zoomed ? (from + to) / 2 : to);
		const span = (to - from) * factor;
		if (factor > 1 && (!zoomed || span >= range * 60)) return back();
		const first = t - (t - from) * factor;
		zoom(first, first + Math.max(LEAST_S, span));
	}

	/** What was not heard while nobody looked is asked for. @param {Iterable<string>} names */
	function catchUp(names) {
		const early = now() / 1000 - MISSED_S;
		const missed = [...names].filter((n) => (levels[0].series.newest(n) ?? Infinity) < early);
		if (missed.length) history.missed(missed);
	}

	const seen = new IntersectionObserver((entries) => {
		for (const e of entries) {
			for (const c of charts) {
				if (c.plot !== e.target || c.visible === e.isIntersecting) continue;
				c.visible = e.isIntersecting;
				if (c.visible) catchUp(c.names);
			}
		}
		changed();
	}, { rootMargin: '100px' });

	function listen() {
		if (store) feed(store, levels, holds.names, changed);
		live?.on?.('status', (/** @type {any} */ status) => {
			history.link(status?.state);
			changed();
		});
		alertlog?.on?.('change', () => {
			marksDirty = true;
			changed();
		});
		document.addEventListener('themechange', () => {
			scene.colours = readColours();
			for (const c of charts) c.repaint();
			changed();
		});
		document.addEventListener('tokenchange', () => history.retry());
		document.addEventListener('visibilitychange', () => {
			if (document.hidden) return;
			for (const c of charts) if (c.visible) catchUp(c.names);
			changed();
		});
		setInterval(changed, 1000);
		keys?.add?.('0', 'Charts: back to live', back);
	}
	listen();

	return {
		/** @param {ChartWish} wish */
		chart(wish) {
			const c = createChart(wish, scene);
			holds.take(c.names);
			charts.add(c);
			seen.observe(c.plot);
			queueMicrotask(() => history.need(levels.find((l) => l.minutes === range) ?? levels[0]));
			changed();
			return {
				el: c.el,
				destroy() {
					if (!charts.delete(c)) return;
					seen.unobserve(c.plot);
					c.destroy();
					holds.release(c.names);
				},
			};
		},
		bar() {
			const b = createRangeBar({
				ranges: RANGES, setRange, back, zoomBy, retry: history.retry,
				state: () => ({ range, zoomed, outcome: history.outcome, step: scene.level.series.step }),
			});
			bars.add(b);
			b.draw();
			return { el: b.el, destroy: () => void (bars.delete(b), b.el.remove()) };
		},
		get range() { return range; },
		get zoomed() { return zoomed; },
		setRange, zoom, back,
		levels,
	};
}

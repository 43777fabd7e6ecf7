// Axes and lines: where the labels of a time axis stand, how far a value axis reaches, how a line is drawn that breaks at gaps. No DOM.
import { bytes, bytesPerSecond, count, mb, ms, percent, plain, rate } from './format.js';

const MINUTE = 60, HOUR = 3600, DAY = 86400;
const STEPS = [1, 2, 5, 10, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY];
const LABEL_PX = { short: 48, long: 66 }; // the least from one label to the next: 23:26, 23:26:38
const FIVES = [1, 2, 2.5, 5, 10];

/** Seconds from one label to the next so that none overlap. @param {number} span seconds @param {number} width CSS pixels */
export function timeStep(span, width) {
	const fits = (/** @type {number} */ s) => (s / span) * width >= (s < MINUTE ? LABEL_PX.long : LABEL_PX.short);
	return STEPS.find(fits) ?? Math.max(1, Math.ceil((LABEL_PX.short * span) / Math.max(1, width) / DAY)) * DAY;
}

/** Where they stand: on whole minutes, hours or days of local time. @param {number} from @param {number} to seconds @param {number} width */
export function timeSplits(from, to, width) {
	if (!(to > from)) return [];
	const step = timeStep(to - from, width), shift = -new Date(((from + to) / 2) * 1000).getTimezoneOffset() * MINUTE;
	const list = [];
	for (let t = Math.ceil((from + shift) / step) * step - shift; t <= to && list.length < 100; t += step) list.push(t);
	return list;
}

const two = (/** @type {number} */ n) => String(n).padStart(2, '0');

/** 24-hour local times; seconds only when labels are less than a minute apart; midnight is its date. @param {number[]} splits */
export function timeLabels(splits) {
	const seconds = splits.length > 1 && splits[1] - splits[0] < MINUTE, days = splits.length > 1 && splits[1] - splits[0] >= HOUR;
	return splits.map((t) => {
		const d = new Date(t * 1000), time = `${two(d.getHours())}:${two(d.getMinutes())}`;
		if (days && time === '00:00') return `${two(d.getMonth() + 1)}-${two(d.getDate())}`;
		return seconds ? `${time}:${two(d.getSeconds())}` : time;
	});
}

/** The next round number that is not less. @param {number} v */
export function roundUp(v) {
	if (!(v > 0)) return 1;
	const ten = 10 ** Math.floor(Math.log10(v));
	return (FIVES.find((f) => f * ten >= v * (1 - 1e-9)) ?? 10) * ten;
}

/**
 * From zero (or below, if anything is) to a round number above the greatest.
 * @param {number | null} low @param {number | null} high of the data in view @param {{min?: number, max?: number, floor?: number}} [wish] floor: the least the top may be
 * @returns {[number, number]}
 */
export function valueRange(low, high, { min, max, floor = 0 } = {}) {
	const finite = (/** @type {number | null} */ v) => (Number.isFinite(v) ? Math.max(-1e15, Math.min(1e15, Number(v))) : 0);
	const lowest = Math.min(0, finite(low)), highest = finite(high);
	const bottom = min ?? (lowest < 0 ? -roundUp(-lowest) : 0);
	const top = max ?? roundUp(Math.max(highest * 1.05, floor));
	return top > bottom ? [bottom, top] : [bottom, bottom + 1];
}

/** @type {Record<string, (v: number) => string>} */
const UNITS = {
	'%': (v) => percent(v), '/s': (v) => `${rate(v)}/s`, MB: mb, s: ms, B: bytes, 'B/s': bytesPerSecond, count, '': plain,
};

/** How a value is written. @param {string | ((v: number) => string)} unit */
export function formatOf(unit) {
	if (typeof unit === 'function') return unit;
	return Object.hasOwn(UNITS, unit) ? UNITS[unit] : (/** @type {number} */ v) => `${plain(v)} ${unit}`;
}

/** The same along an axis, where 40.0 % is 40 %. @param {string | ((v: number) => string)} unit */
export function axisFormat(unit) {
	const format = formatOf(unit);
	return (/** @type {number} */ v) => format(v).replace(/(\d)\.0+(?=\D|$)/, '$1').replace(/(\.\d*[1-9])0+(?=\D|$)/, '$1');
}

/**
 * Straight lines between readings; none where they lie further apart than gap() says, and a dash for one that is alone.
 * @param {(seriesIdx: number) => number} gap seconds @param {boolean} filled the area below as well
 */
export function linePaths(gap, filled) {
	return (/** @type {uPlot} */ u, /** @type {number} */ si) => {
		const x = u.data[0], y = /** @type {ArrayLike<number>} */ (u.data[si]), most = gap(si), stroke = new Path2D(), fill = filled ? new Path2D() : null;
		const scale = String(u.series[si].scale), ground = u.valToPos(Math.max(0, u.scales[scale].min ?? 0), scale, true);
		let begin = NaN, left = NaN, lastX = 0, lastY = 0, alone = false;
		const end = () => {
			if (alone) {
				stroke.moveTo(lastX - 1, lastY);
				stroke.lineTo(lastX + 1, lastY);
			} else if (fill && begin === begin) {
				fill.lineTo(lastX, ground);
				fill.lineTo(begin, ground);
			}
		};
		for (let i = 0; i < x.length; i++) {
			const v = y[i];
			if (v !== v) continue;
			const px = u.valToPos(x[i], 'x', true), py = u.valToPos(v, scale, true);
			if (x[i] - left <= most) {
				stroke.lineTo(px, py);
				fill?.lineTo(px, py);
				alone = false;
			} else {
				end();
				stroke.moveTo(px, py);
				fill?.moveTo(px, ground);
				fill?.lineTo(px, py);
				begin = px;
				alone = true;
			}
			left = x[i];
			lastX = px;
			lastY = py;
		}
		end();
		return { stroke, fill, clip: null, band: null, gaps: null, flags: 1 };
	};
}

// The controls of the time axis: how much of it, nearer and further, back to live; and in words what is seen.
import { h, setAttr, setHidden, setText } from './dom.js';
import { clock, dateTime } from './format.js';

/**
 * @typedef {{range: number, zoomed: {from: number, to: number} | null, outcome: import('./charthistory.js').Outcome, step: number}} RangeState
 */

/** @param {{from: number, to: number}} z seconds */
function spanWords(z) {
	const long = z.to - z.from >= 43200 || new Date(z.from * 1000).toDateString() !== new Date().toDateString();
	return long ? `${dateTime(z.from * 1000)} to ${dateTime(z.to * 1000)}` : `${clock(z.from * 1000)} to ${clock(z.to * 1000)}`;
}

/** @param {number} step seconds */
const meanWords = (step) => (step <= 1 ? '' : `each point the mean of ${step < 60 ? `${Math.round(step)} s` : `${Math.round(step / 60)} min`}`);

/**
 * @param {{ranges: {minutes: number, label: string}[], setRange: (minutes: number) => void, back: () => void, zoomBy: (factor: number, at: number | null) => void,
 *   retry: () => void, state: () => RangeState}} options
 */
export function createRangeBar({ ranges, setRange, back, zoomBy, retry, state }) {
	const button = (/** @type {string} */ text, /** @type {() => void} */ click, /** @type {any} */ props = {}) => h('button', { class: 'btn', type: 'button', ...props, on: { click } }, text);
	const choices = ranges.map((r) => ({ ...r, el: button(r.label, () => setRange(r.minutes), { 'aria-pressed': 'false' }) }));
	const live = button('Back to live', back, { title: 'Back to live (0 or Esc, or a double click in a chart)', hidden: true });
	const words = h('span', { class: 'quiet' }), means = h('span', { class: 'quiet' });
	const fault = h('span', { class: 'chart-fault', 'aria-live': 'polite', hidden: true }), why = h('span');
	fault.append(why, ' ', button('Try again', retry));
	const el = h('div', { class: 'range-bar', role: 'group', 'aria-label': 'Time shown' },
		fault, means, words, live,
		h('div', { class: 'segments' }, choices.map((c) => c.el)),
		h('div', { class: 'segments' }, button('−', () => zoomBy(2, null), { 'aria-label': 'Zoom out', title: 'Zoom out (- in a chart)' }), button('+', () => zoomBy(0.5, null), { 'aria-label': 'Zoom in', title: 'Zoom in (+ in a chart)' })));
	return {
		el,
		draw() {
			const { range, zoomed, outcome, step } = state();
			for (const c of choices) setAttr(c.el, 'aria-pressed', String(!zoomed && c.minutes === range));
			setHidden(live, !zoomed);
			setText(words, zoomed ? `${spanWords(zoomed)}, standing still` : '');
			setText(means, meanWords(step));
			setText(why, outcome.state === 'failed' ? `No history: ${outcome.reason}. The charts fill as readings come.` : '');
			setHidden(fault, outcome.state !== 'failed');
		},
	};
}

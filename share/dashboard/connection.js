// How the page is connected, in words: beside the title, near the numbers.
import { dot, h, setAttr, setText } from './dom.js';
import { count, duration, text } from './format.js';

/** @type {Record<string, {word: string, level: 'good'|'warn'|'bad'|'quiet'}>} */
const STATES = {
	connecting: { word: 'Connecting', level: 'quiet' },
	live: { word: 'Live', level: 'good' },
	reconnecting: { word: 'Reconnecting', level: 'bad' },
	polling: { word: 'Polling', level: 'warn' },
	stale: { word: 'Stale', level: 'bad' },
	off: { word: 'Off', level: 'quiet' },
	unauthorized: { word: 'Token required', level: 'bad' },
};

/** The word of the state. @param {any} status */
export const stateWord = (status) => (STATES[status?.state] ?? STATES.connecting).word;

/** @param {any} status @param {number} clock ours, not the server's */
function counting(status, clock) {
	if (status.state === 'reconnecting' && Number.isFinite(status.retryAt)) return ` in ${Math.max(0, Math.ceil((status.retryAt - clock) / 1000))} s`;
	return '';
}

/** @param {any} status @param {number} clock */
function figures(status, clock) {
	const parts = [];
	if (status.state === 'live' && Number.isFinite(status.latency)) parts.push(`${status.latency < 10 ? Math.round(status.latency * 10) / 10 : count(status.latency)} ms`);
	if (Number.isFinite(status.heard)) {
		const age = Math.max(0, clock - status.heard);
		parts.push(age < 1500 ? 'newest message now' : `newest message ${duration(Math.floor(age / 1000) * 1000)} ago`);
	}
	return parts.join(' · ');
}

/** @param {any} ctx */
export function createConnection(ctx) {
	const mark = dot('quiet'), word = h('span'), rest = h('span', { 'aria-live': 'off' });
	const numbers = h('span', { class: 'quiet', 'aria-live': 'off' }), why = h('div', { class: 'why quiet' });
	const el = h('div', { id: 'connection', class: 'connection', role: 'status', 'aria-label': 'Connection', 'aria-atomic': 'false' },
		h('div', { class: 'now' }, h('strong', null, mark, h('span', null, word, rest)), numbers), why);

	function draw() {
		const status = ctx.live.status ?? {}, clock = Date.now(), s = STATES[status.state] ?? STATES.connecting;
		setText(word, s.word);
		setText(rest, counting(status, clock));
		setText(numbers, figures(status, clock));
		setText(why, status.state === 'live' ? '' : text(status.reason, 200));
		why.hidden = !why.textContent;
		setAttr(mark, 'class', `dot ${s.level}`);
	}
	draw();
	return { el, draw };
}

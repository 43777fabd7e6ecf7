// How the page is connected to the server, and the server to its sources: in words.
import { dot, h, setAttr, setText, timeEl } from './dom.js';
import { count, duration, text } from './format.js';
import { FILLS, baseName } from './health.js';

// Beside the title, near the numbers.

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

// The strip of sources: each collector, up, degraded or down, since when, why.

/** @typedef {import('./health.js').Source} Source */

/** @param {string} status @returns {'good'|'warn'|'bad'} */
const level = (status) => (status === 'up' ? 'good' : status === 'degraded' ? 'warn' : 'bad');
const SHOWN = 16;
const SILENT_MS = 75000; // a collector says how it does every 30 s at least

/** Readings of it still come, though it says nothing of itself. @param {any} ctx @param {Source} s */
function isHeard({ store }, s) {
	const which = Object.keys(FILLS).find((k) => FILLS[k] === baseName(s.source));
	return which !== undefined && store.health(which).state === 'fresh';
}

/** @param {any} ctx @param {Source} s @param {number} now */
function words(ctx, s, now) {
	const { state, since } = ctx.live.status;
	const silent = state === 'live' && Date.now() - since > SILENT_MS && now - s.at > SILENT_MS + 2 * s.interval && !isHeard(ctx, s);
	return silent ? { word: 'silent', level: /** @type {const} */ ('warn'), since: s.at } : { word: s.status, level: level(s.status), since: s.since };
}

/** @param {Source} s @param {ReturnType<typeof words>} w */
function chip(s, w) {
	const { since } = w;
	const when = since === null ? null : h('span', { class: 'quiet' }, ' since ', timeEl(since, { short: true }));
	return h('li', { class: `chip ${w.level}` }, dot(w.level), h('span', null, h('b', null, text(s.source, 60)), ` ${w.word}`, when, s.error ? `: ${text(s.error)}` : null));
}

/** By name; where there are more than are shown, those in trouble first. @param {Source[]} all */
function ordered(all) {
	const rank = (/** @type {Source} */ s) => (all.length > SHOWN && s.status === 'up' ? 1 : 0);
	return all.sort((a, b) => rank(a) - rank(b) || (a.source < b.source ? -1 : 1));
}

/** @param {any} ctx */
export function createSources(ctx) {
	const list = h('ul'), none = h('p', { class: 'quiet' }, 'None heard of yet'), title = h('h2', { id: 'sources-title' }, 'Sources');
	const el = h('section', { class: 'sources', 'aria-labelledby': 'sources-title' }, title, list, none);
	let drawn = '';

	/** @param {number} now */
	function draw(now) {
		const all = ordered(/** @type {Source[]} */ ([...ctx.store.sources.values()])), shown = all.slice(0, SHOWN), said = shown.map((s) => words(ctx, s, now));
		const cut = !['live', 'polling'].includes(ctx.live.status.state) && all.length > 0;
		const key = JSON.stringify([all.length, cut, new Date(now).getDate(), shown.map((s, i) => [s.source, said[i], s.error])]);
		if (key === drawn) return;
		drawn = key;
		list.replaceChildren(...shown.map((s, i) => chip(s, said[i])));
		if (all.length > SHOWN) list.append(h('li', { class: 'chip' }, `and ${all.length - SHOWN} more`));
		setText(title, cut ? 'Sources, as last heard' : 'Sources');
		list.classList.toggle('stale', cut);
		list.hidden = !all.length;
		none.hidden = !!all.length;
	}
	return { el, draw };
}

// The strip of sources: each collector, up, degraded or down, since when, why.
import { dot, h, setText, timeEl } from './dom.js';
import { text } from './format.js';

/** @param {string} status @returns {'good'|'warn'|'bad'} */
const level = (status) => (status === 'up' ? 'good' : status === 'degraded' ? 'warn' : 'bad');
const SILENT_MS = 75000; // a collector says how it does every 30 s at least

/** @param {import('./health.js').Source} s @param {number} now */
function words(s, now) {
	if (now - s.at > SILENT_MS + 2 * s.interval) return { word: 'silent', level: /** @type {const} */ ('warn') };
	return { word: s.status, level: level(s.status) };
}

/** @param {import('./health.js').Source} s @param {number} now */
function chip(s, now) {
	const w = words(s, now), since = w.word === 'silent' ? s.at : s.since;
	const when = since === null ? null : h('span', { class: 'quiet' }, ' since ', timeEl(since, { short: true }));
	return h('li', { class: `chip ${w.level}` }, dot(w.level), h('span', null, h('b', null, text(s.source, 60)), ` ${w.word}`, when, s.error ? `: ${text(s.error)}` : null));
}

/** @param {any} ctx */
export function createSources(ctx) {
	const list = h('ul'), none = h('p', { class: 'quiet' });
	const el = h('section', { class: 'sources', 'aria-labelledby': 'sources-title' }, h('h2', { id: 'sources-title' }, 'Sources'), list, none);
	let drawn = '';

	/** @param {number} now */
	function draw(now) {
		const all = [...ctx.store.sources.values()].sort((a, b) => (a.source < b.source ? -1 : 1));
		const key = JSON.stringify(all.map((s) => [s.source, words(s, now).word, s.since, s.error, new Date(now).getDate()]));
		if (key === drawn) return;
		drawn = key;
		list.replaceChildren(...all.map((s) => chip(s, now)));
		list.hidden = !all.length;
		none.hidden = !!all.length;
		setText(none, 'None heard of yet');
	}
	return { el, draw };
}

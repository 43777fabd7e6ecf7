// The strip of sources: each collector, up, degraded or down, since when, why.
import { dot, h, setText, timeEl } from './dom.js';
import { text } from './format.js';
import { FILLS, baseName } from './health.js';

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

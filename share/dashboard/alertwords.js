// What is said of an alert, as an operator reads it. Pure.
import { duration, percent, plain } from './format.js';

/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertindex.js').Episode} Episode */

/** The class of a level's colour in style.css. */
export const TONE = Object.freeze({ info: 'info', warning: 'warn', error: 'bad', resolved: 'good' });
export const LEVEL_WORD = Object.freeze({ info: 'Info', warning: 'Warning', error: 'Error', resolved: 'Resolved' });

/** A reading in its unit: error rates come as fractions, CPU and memory in percent; of other rules the unit is not known. @param {string} type @param {number} n */
export function amount(type, n) {
	if (/(error_rate|_ratio)$/.test(type)) return percent(n * 100);
	return /cpu|memory|percent/.test(type) ? percent(n, 1) : plain(n);
}

/** "92.1 % (limit 80.0 %)"; empty when neither is known. @param {Entry} e */
export function valueText(e) {
	const limit = e.threshold === null ? '' : `limit ${amount(e.type, e.threshold)}`;
	if (e.value === null) return limit;
	return amount(e.type, e.value) + (limit && ` (${limit})`);
}

/** Where and how much: "kato-redis · exited", "92.1 % (limit 80.0 %)". @param {Entry} e */
export const factsText = (e) => [e.subject, e.status, valueText(e)].filter(Boolean).join(' · ');

/** @param {Episode} p @param {number} now */
export function stateText(p, now) {
	if (p.state === 'resolved') return p.lasted === null ? (p.resolvedAt === null ? 'Over, its end was not told' : 'Resolved') : `Resolved after ${duration(p.lasted)}`;
	return p.once ? 'Happened once' : `Firing for ${duration(Math.max(0, now - p.since))}`;
}

/** The word that stands in front: how bad it is, or that it is over. @param {Episode} p @returns {'info'|'warning'|'error'|'resolved'} */
export const standing = (p) => (p.state === 'resolved' ? 'resolved' : p.level);

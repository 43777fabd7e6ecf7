// How single values of unknown data look: words that everybody uses for a state as badges, shares of a hundred as bars. Pure.
import { isNumber } from './format.js';

/** @typedef {'good' | 'info' | 'warn' | 'bad' | 'quiet'} Look */

const STATE_NAME = /(^|[_\s])(status|state|severity|level|priority|health|outcome|result)$|(Status|State|Severity|Level|Priority|Health|Outcome|Result)$/;
/** @type {Record<Exclude<Look, 'quiet'>, string>} */
const WORDS = {
	bad: 'critical fatal failed failure error down dead overdue expired broken blocker unhealthy rejected missing',
	warn: 'high warning warn degraded late blocked major delayed unstable',
	info: 'medium moderate info in_progress running started active open new pending scheduled',
	good: 'low minor ok good healthy up done complete completed success succeeded passed resolved closed online ready',
};
/** @type {Map<string, Look>} */
const LOOKS = new Map(Object.entries(WORDS).flatMap(([look, words]) => words.split(' ').map((w) => [w, /** @type {Look} */ (look)])));

/** @param {string} word */
export const lookOf = (word) => LOOKS.get(word.trim().toLowerCase().replace(/[\s-]+/g, '_')) ?? 'quiet';
/** Does a member of that name say a state? @param {string} name */
export const isState = (name) => STATE_NAME.test(name);
/** in_progress: in progress @param {string} word */
export const stateText = (word) => word.replace(/_+/g, ' ').trim();

const SHARE_NAME = /(percent|percentage|pct|progress|completion)$/i;
/** Rates that are so many of a hundred; those of so many a second are none. */
const RATE_NAME = /(^|_)rate$|Rate$/, FLOW_NAME = /request|req|query|message|msg|event|packet|byte|bit|frame|sample|write|read|hit|error|fail|refresh|exchange|interest|heart|clock|per_/i;

/** Is a value of that name a share of a hundred? Told by all values of the name together: one beyond makes it none. @param {string} name @param {unknown[]} values */
export function isShare(name, values) {
	const numbers = values.filter(isNumber), rate = RATE_NAME.test(name) && !FLOW_NAME.test(name);
	if (!numbers.length || !(SHARE_NAME.test(name) || rate) || numbers.some((n) => n < 0 || n > 100)) return false;
	return !rate || numbers.some((n) => n > 1); // 0 to 1 would be shares of one
}

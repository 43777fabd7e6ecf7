// Is what we show of now? Judged by the age of a reading, by what its source says, and by the link. Pure.
import { clock, dateTime } from './format.js';

/**
 * @typedef {{source: string, status: 'up'|'degraded'|'down', error: string, since: number|null, lastSuccess: number|null, interval: number, at: number, demo: boolean}} Source
 * @typedef {{data: Record<string, any>, at: number, received: number, sure: boolean, polled: boolean, gap: number, demo: boolean}} Section
 * @typedef {{state: 'fresh'|'stale'|'down'|'unknown', age: number|null, reason: string}} Health
 * @typedef {{state: string, since: number|null, reason: string}} Link   since on the server's clock
 */

/** Who fills which section. @type {Record<string, string>} */
export const FILLS = { metrics: 'kato-metrics', containers: 'docker-stats', sessions: 'session-watch' };
/** What a collector ticks by unless it says otherwise. */
export const INTERVAL_MS = 3000;
const POLL_MS = { metrics: 5000, containers: 5000, sessions: 10000 };
const INTERVALS = 3;
const BROKEN = new Set(['reconnecting', 'stale', 'off', 'unauthorized']);

/** The collector's own name: without instance, and without the supervisor that speaks for it. @param {string} name */
export const baseName = (name) => name.replace(/^katoctl\//, '').replace(/@.*$/, '');

/** @param {Map<string, Source>} sources @param {string} section @returns {Source[]} */
export function sourcesOf(sources, section) {
	return [...sources.values()].filter((s) => baseName(s.source) === FILLS[section]);
}

/** @param {number | null} at @param {number} now */
const moment = (at, now) => (at === null ? '' : now - at > 86400000 / 2 ? dateTime(at) : clock(at));

/**
 * "docker-stats is down since 11:20:05: connection refused"
 * @param {Source} s @param {number} now
 */
export function describeSource(s, now) {
	const since = s.since === null ? '' : ` since ${moment(s.since, now)}`;
	return `${s.source} is ${s.status}${since}${s.error ? `: ${s.error}` : ''}`;
}

/** The one that stands for a section being down: its collectors all down, or its supervisor says it is gone. @param {Source[]} list */
function downOne(list) {
	const gone = list.find((s) => s.source.startsWith('katoctl/') && s.status === 'down');
	const own = list.filter((s) => !s.source.startsWith('katoctl/'));
	return gone ?? (own.length && own.every((s) => s.status === 'down') ? own[0] : undefined);
}

/**
 * How long a reading of this section may be the newest: three of its intervals.
 * @param {'metrics'|'containers'|'sessions'} name @param {Section | null} section @param {Source[]} list @param {number} pace
 */
export function patience(name, section, list, pace) {
	const own = list.filter((s) => !s.source.startsWith('katoctl/') && s.interval > 0);
	const said = own.length ? Math.max(...own.map((s) => s.interval)) : section?.gap || INTERVAL_MS;
	return INTERVALS * Math.max(said, pace, section?.polled ? POLL_MS[name] : 0, 1000);
}

/** @param {Link} link @param {number} now */
function broken(link, now) {
	const since = link.since === null ? '' : ` since ${moment(link.since, now)}`;
	return link.state === 'stale' && link.reason ? `Nothing new${since}: ${link.reason}` : `No connection${since}`;
}

/**
 * @param {{name: 'metrics'|'containers'|'sessions', section: Section | null, sources: Map<string, Source>, link: Link, now: number, pace: number}} of
 * @returns {Health}
 */
export function judge({ name, section, sources, link, now, pace }) {
	const list = sourcesOf(sources, name);
	const age = section ? Math.max(0, now - section.at) : null;
	const down = downOne(list);
	const last = section ? `; last reading ${moment(section.at, now)}` : '';
	if (BROKEN.has(link.state)) return { state: section ? 'stale' : 'unknown', age, reason: broken(link, now) + last };
	if (down) return { state: 'down', age, reason: describeSource(down, now) + last };
	if (!section || age === null) return { state: 'unknown', age: null, reason: `No reading from ${FILLS[name]} yet` };
	const most = patience(name, section, list, pace);
	if (age > most) {
		const who = list.find((s) => !s.source.startsWith('katoctl/'))?.source ?? FILLS[name];
		return { state: 'stale', age, reason: `No reading from ${who} since ${moment(section.at, now)}` };
	}
	return { state: 'fresh', age, reason: '' };
}

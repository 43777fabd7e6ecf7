// What live.js knows of the wire: addresses, topics, limits, what a closing says. Pure: no clock, no connection.

/** What a client gets that asks for nothing. */
export const STANDARD = ['metrics', 'containers', 'sessions', 'session_events', 'system_alerts', 'source_status', 'container_events'];
const TOPICS_MAX = 64;
const MESSAGE_BYTES = 4096;
const NAME_BYTES = 128;
const WORDS_MAX = 160; // of a text the server wrote, in a reason
const FASTEST_S = 0.1;

/** Messages that say something of the connection and nothing of what is watched. */
const MANNERS = new Set(['connected', 'subscribed', 'heartbeat', 'pong', 'error']);

/** The topics an option or a flag of the server switches, by the option's name. @type {Record<string, {topics: RegExp, flag: string, words: string}>} */
export const GROUPS = {
	containerStats: { topics: /^containers(\.|$)/, flag: 'container_stats', words: 'containers' },
	sessionEvents: { topics: /^(sessions|session_events?)(\.|$)/, flag: 'session_events', words: 'sessions' },
	alerts: { topics: /^system_alerts?(\.|$)/, flag: 'system_alerts', words: 'alerts' },
};

/** @param {any} v @returns {v is Record<string, any>} */
export const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
/** @param {any} v @returns {v is number} */
export const isOffset = (v) => Number.isSafeInteger(v) && v >= 0;
/** @param {any} m */
export const isSubstance = (m) => !MANNERS.has(m.type);

/** Foreign text, cut and on one line. @param {any} v */
export const words = (v) => (typeof v === 'string' ? v.replace(/\s+/g, ' ').trim().slice(0, WORDS_MAX) : '');

/**
 * Where to connect: '' and a path are of the page's own server, http(s):// is a server with its /ws below it, ws(s):// is taken as it is.
 * @param {any} url @param {string} [page] address of the page, where there is one
 * @returns {{ws: string, http: string, host: string} | null} http: what /api/v1 is put behind
 */
export function addresses(url, page) {
	const text = typeof url === 'string' ? url.trim() : '';
	const named = /^(https?|wss?):\/\//i.test(text), host = !named && /^[\w.-]+:\d+(\/|$)/.test(text);
	const base = page && /^https?:/i.test(page) ? new URL('/', page) : undefined;
	/** @type {URL} */
	let u;
	try {
		u = new URL(host ? `${base?.protocol ?? 'http:'}//${text}` : text || '/ws', base);
	} catch {
		return null;
	}
	if (!/^(https?|wss?):$/.test(u.protocol) || !u.host) return null;
	const path = u.pathname.replace(/\/+$/, ''), whole = /^ws/.test(u.protocol) || !(named || host);
	u.pathname = path.endsWith('/ws') || (whole && path) ? path : `${path}/ws`;
	const secure = /^(https|wss):$/.test(u.protocol) ? 's' : '';
	const prefix = u.pathname.endsWith('/ws') ? u.pathname.slice(0, -3) : '';
	return { ws: `ws${secure}://${u.host}${u.pathname}${u.search}`, http: `http${secure}://${u.host}${prefix}`, host: u.host };
}

/** The token travels as a subprotocol where it can: an address is written to logs. @param {string} ws @param {string} token @returns {{url: string, protocols: string[]}} */
export function greeting(ws, token) {
	if (!token) return { url: ws, protocols: [] };
	if (/^[\w.~+!#$%&'*^`|-]+$/.test(token)) return { url: ws, protocols: ['kato.v1+json', `bearer.${token}`] };
	return { url: `${ws}${ws.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`, protocols: [] };
}

/** @param {any} name */
const wellFormed = (name) => typeof name === 'string' && /^(\*|[a-z][a-z0-9_]*(\.[^\s,]+)?)$/.test(name) && new TextEncoder().encode(name).length <= NAME_BYTES;

/**
 * What all wish together: the union of the topics, the smallest pace. More than a client may have is asked for less finely.
 * @param {Iterable<{topics: string[], every: number}>} wishes @returns {{topics: string[], every: number}} every in seconds, 0: each change
 */
export function union(wishes) {
	let topics = new Set(), every = Infinity;
	for (const w of wishes) {
		if (!w.topics.length) continue;
		for (const t of w.topics) if (wellFormed(t)) topics.add(t);
		every = Math.min(every, w.every);
	}
	if (topics.size > TOPICS_MAX) topics = new Set([...topics].map((t) => t.split('.')[0]));
	if (topics.size > TOPICS_MAX) topics = new Set(['*']);
	return { topics: [...topics], every: Number.isFinite(every) ? every : 0 };
}

/** @param {any} every seconds @returns {number} as the wire has it, 0: each change */
export const pace = (every) => (typeof every === 'number' && every > 0 && Number.isFinite(every) ? Math.min(3600, Math.max(FASTEST_S, every)) : 0);

/** @param {string[]} topics @param {any} m an event or a state record @returns {boolean} whether it is of these topics */
export function isOf(topics, m) {
	const type = m.type, id = m.id ?? m.data?.name;
	return topics.some((t) => t === '*' || t === type || t === `${type}s` || (id !== undefined && (t === `${type}.${id}` || t === `${type}s.${id}`)));
}

/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text).length;

/**
 * The messages that bring the server from what it was asked for to what is wanted: unsubscribe takes away, subscribe names all there is
 * (old servers replace the set, ours add to it). None is over the server's limit.
 * @param {Set<string>} asked @param {string[]} wanted @param {{every: number, paced?: boolean, since?: {epoch: string, offset: number} | null}} how paced: the pace is another one
 */
export function requests(asked, wanted, { every, paced, since }) {
	const gone = [...asked].filter((t) => !wanted.includes(t)), out = [];
	for (const subscriptions of portions(gone)) out.push({ type: 'unsubscribe', subscriptions });
	const more = since || paced || wanted.some((t) => !asked.has(t));
	for (const subscriptions of more ? portions(wanted) : []) out.push({ type: 'subscribe', subscriptions, ...(every ? { every } : {}) });
	const last = out[out.length - 1];
	if (since && last?.type === 'subscribe') Object.assign(last, { since: { epoch: since.epoch, offset: since.offset } });
	return out.map((m) => JSON.stringify(m));
}

/** Lists of names, each for one message. @param {string[]} names */
export function portions(names) {
	const out = [], room = MESSAGE_BYTES - 512;
	let part = /** @type {string[]} */ ([]), size = 0;
	for (const name of names) {
		const more = bytes(JSON.stringify(name)) + 1;
		if (part.length && size + more > room) {
			out.push(part);
			part = [];
			size = 0;
		}
		part.push(name);
		size += more;
	}
	return part.length ? [...out, part] : out;
}

/**
 * What a closing asks of us. kind 'lost': come back with back-off; 'later': the same, and not at once; 'soon': after wait;
 * 'refused': not with the same request; 'token': not without another token.
 * @param {number} code @param {any} reason @returns {{kind: 'lost'|'later'|'soon'|'refused'|'token', why: string}}
 */
export function closing(code, reason) {
	const said = words(reason), tail = said ? `: ${said}` : '';
	if (code === 1012) return { kind: 'soon', why: `The server restarts (1012${tail})` };
	if (code === 1013) return { kind: 'later', why: `The server is full (1013${tail})` };
	if (code === 4108) return { kind: 'later', why: `Too slow for what the server had to send (4108${tail})` };
	if (code >= 4100 && code <= 4199) return { kind: 'later', why: `The server asks to come back later (${code}${tail})` };
	if (code === 4001) return { kind: 'token', why: `The token has expired (4001${tail})` };
	if (code === 1008 || (code >= 4000 && code <= 4099)) return { kind: 'refused', why: `The server refuses this connection (${code}${tail})` };
	if (code === 1001) return { kind: 'lost', why: `The server has ended (1001${tail})` };
	return { kind: 'lost', why: `The connection was lost (${code || 1006}${tail})` };
}

/** Why HTTP refused. @param {number} status 401 or 403 @param {string} token what was shown */
export function denial(status, token) {
	if (status === 403) return 'The server forbids this (403)';
	return token ? 'The server does not take this token (401)' : 'The server asks for a token (401)';
}

/** The server's flags, as far as they are flags. @param {any} flags @returns {Record<string, boolean>|null} */
export function flagsOf(flags) {
	return isObject(flags) ? Object.fromEntries(Object.entries(flags).filter(([name, v]) => typeof v === 'boolean' && name.length <= 64).slice(0, 64)) : null;
}

const STEP_MS = 1000;
const CAP_MS = 30000;
const LATER_STEP = 3;

/** Full jitter. @param {'lost'|'later'|'soon'|'refused'|'token'} kind @param {number} step waits since the last good connection @param {() => number} random */
export function waitOf(kind, step, random) {
	if (kind === 'soon') return 1000 + random() * 4000;
	const bound = Math.min(CAP_MS, STEP_MS * 2 ** Math.min(10, kind === 'later' ? Math.max(step, LATER_STEP) : step));
	return kind === 'later' ? Math.min(CAP_MS, STEP_MS + random() * bound) : random() * bound;
}

/** Remembers the newest keys, to tell what came before. @param {number} max */
export function createSeen(max) {
	/** @type {Set<string>} */
	const keys = new Set();
	return {
		/** @param {string} key @returns {boolean} whether it is new; it is known from now on */
		fresh(key) {
			if (keys.has(key)) return false;
			keys.add(key);
			if (keys.size > max) keys.delete(/** @type {string} */ (keys.values().next().value));
			return true;
		},
		get size() {
			return keys.size;
		},
	};
}

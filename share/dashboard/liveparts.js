// The small parts of a link: its timers, its listeners, what it says of itself, what is wished for, its requests.
import { GROUPS, STANDARD, isObject, pace, requests, union } from './livewire.js';

// Timers with names, that know how late they are and stop with their owner.

/** @param {import('./live.js').Options} options @param {() => boolean} alive */
export function createTimers({ now = () => Date.now(), setTimeout, clearTimeout }, alive) {
	/** @type {Map<string, import('./livelink.js').Timer>} */
	const named = new Map();
	const t = {
		now,
		/** For lengths of time, finer than the clock where that can be had. */
		tick: () => globalThis.performance?.now() ?? Date.now(),
		/** @type {import('./livelink.js').Later} */
		later(ms, body) {
			const due = now() + ms, run = () => void (alive() && body(now() - due));
			const timer = setTimeout ? setTimeout(run, ms) : globalThis.setTimeout(run, ms);
			return { cancel: () => (clearTimeout ?? globalThis.clearTimeout)(timer) };
		},
		/** In place of an earlier one of that name. @param {string} name @param {number} ms @param {() => void} body */
		wait(name, ms, body) {
			t.forget(name);
			named.set(name, t.later(ms, () => {
				named.delete(name);
				body();
			}));
		},
		/** At the end of this turn. @param {string} name @param {() => void} body */
		soon(name, body) {
			const mine = { cancel: () => {} };
			named.set(name, mine);
			queueMicrotask(() => named.get(name) === mine && named.delete(name) && alive() && body());
		},
		/** @param {string} name */
		waits: (name) => named.has(name),
		/** @param {...string} names */
		forget(...names) {
			for (const name of names) {
				named.get(name)?.cancel();
				named.delete(name);
			}
		},
	};
	return t;
}

// Those who listen: a listener that throws harms nobody else, one that is taken away while being called is not called again.

/** @param {unknown} debug the option; undefined: localStorage.ws_debug === 'true' decides */
function debugging(debug) {
	if (debug !== undefined) return debug === true;
	try {
		return globalThis.localStorage?.ws_debug === 'true';
	} catch {
		return false;
	}
}

/** @param {unknown} debug */
export function createListeners(debug) {
	/** @type {Record<string, Set<{f: any}>>} */
	const sets = { message: new Set(), status: new Set() };
	/** @param {any} f @param {any[]} args */
	function call(f, args) {
		try {
			f(...args);
		} catch (error) {
			console.error('live: a listener failed', error);
		}
	}
	return {
		/** @param {string} kind @param {any} f @returns {() => void} takes it away */
		add(kind, f) {
			const set = Object.hasOwn(sets, kind) && typeof f === 'function' ? sets[kind] : null, entry = { f };
			set?.add(entry);
			return () => void set?.delete(entry);
		},
		/** @param {'message'|'status'} kind @param {...any} args */
		tell(kind, ...args) {
			for (const entry of [...sets[kind]]) if (sets[kind].has(entry)) call(entry.f, args);
		},
		call: (/** @type {any} */ f, /** @type {any} */ arg) => call(f, [arg]),
		/** Logs a message with its latency, if that is asked for. @param {any} m @param {boolean} polled @param {number} serverNow */
		log(m, polled, serverNow) {
			if (!debugging(debug)) return;
			const sent = Date.parse(m.timestamp), latency = Number.isFinite(sent) ? `${Math.round(serverNow - sent)} ms` : 'no time';
			console.log('live:', m.type, polled ? 'polled' : 'pushed', latency, m);
		},
		clear() {
			for (const set of Object.values(sets)) set.clear();
		},
	};
}

// What is said of the connection, in a state and in words; and the moments at which to look after it.

/** idle: HTTP alone, by option · refused: not with the same request @typedef {'off'|'idle'|'dialing'|'up'|'waiting'|'refused'|'unauthorized'} Phase */

/** What is known of the present link. @param {number} at when it began */
export const newLink = (at) => ({ at, greeted: false, heard: false, substance: false, quiet: false, ended: '' });

/**
 * @param {{phase: Phase, why: string, host: string, up: boolean, quiet: boolean, ended: string, unpushed: string[], polls: boolean, answers: boolean|null,
 *   fallback: string, before: boolean}} of up: connected and heard of; polls: HTTP is asked; answers: and answers (null: not yet); before: this is not the first try
 * @returns {[import('./live.js').State, string]}
 */
export function say(of) {
	const { phase, why, host } = of;
	if (phase === 'off' || phase === 'unauthorized') return [phase, why];
	if (of.up) return connected(of);
	if (of.polls && of.answers) return ['polling', of.fallback || why];
	const nobody = of.polls && of.answers === false && phase !== 'refused';
	return [of.before ? 'reconnecting' : 'connecting', nobody ? `No answer from ${host}` : why];
}

/** @param {{host: string, quiet: boolean, ended: string, unpushed: string[]}} of @returns {[import('./live.js').State, string]} */
function connected({ host, quiet, ended, unpushed }) {
	if (quiet) return ['stale', `Connected to ${host}, which does not answer`];
	if (ended) return ['stale', `Connected, but nothing new will come: ${ended}`];
	if (!unpushed.length) return ['live', `Connected to ${host}`];
	return ['live', `Connected to ${host}; asked for every few seconds, as the server does not push it: ${unpushed.join(', ')}`];
}

/** Calls back when a link is likely to be dead or a server to be there again: the page is looked at again, the network changed. @param {() => void} f @returns {() => void} */
export function onWake(f) {
	const doc = globalThis.document, names = ['online', 'offline', 'pageshow'];
	if (!doc?.addEventListener) return () => {};
	const seen = () => void (doc.visibilityState === 'hidden' || f());
	doc.addEventListener('visibilitychange', seen);
	for (const name of names) globalThis.addEventListener(name, f);
	return () => {
		doc.removeEventListener('visibilitychange', seen);
		for (const name of names) globalThis.removeEventListener(name, f);
	};
}

// Who wants what, and what of it the connection was asked for.

const FASTEST_S = 0.1;

/** @param {Record<string, any>} options those of createLive */
export function createWants(options) {
	/** @type {Map<any, {topics: string[], every: number}>} */
	const wishes = new Map();
	const off = Object.keys(GROUPS).filter((o) => options[o] === false);
	const isOff = (/** @type {string} */ topic) => off.some((o) => GROUPS[o].topics.test(topic));
	let wishing = false; // whether anybody ever said what is wanted
	let asked = new Set(), askedEvery = 0;
	const w = {
		/** What is wanted now. @type {string[]} */
		topics: [],
		every: 0,
		/** @param {any} owner @param {any} topics @param {any} more */
		set(owner, topics, more) {
			wishing = true;
			if (Array.isArray(topics) && topics.length) wishes.set(owner, { topics: topics.slice(), every: pace(more?.every) });
			else wishes.delete(owner);
		},
		/** Adds up the wishes. */
		settle() {
			const all = union(wishes.values()), none = wishing && !all.topics.length;
			const topics = none ? [] : options.selectiveSubscriptions === false ? ['*'] : all.topics.length ? all.topics : STANDARD;
			w.topics = topics.filter((t) => !isOff(t));
			w.every = all.every;
		},
		/** A new connection knows of nothing. */
		forget() {
			asked = new Set();
			askedEvery = 0;
		},
		/** The messages that bring the server to what is wanted; none if it is there. @param {import('./livepast.js').Place|null} [since] resume @returns {string[]} */
		messages(since) {
			const standard = !wishing && !off.length && options.selectiveSubscriptions !== false;
			// a pace once asked for can be made faster, never taken back
			const every = w.every || (askedEvery ? FASTEST_S : 0);
			const same = w.topics.length === asked.size && w.topics.every((t) => asked.has(t)) && every === askedEvery;
			if ((standard || same) && !since) return [];
			const list = requests(asked, w.topics, { every, paced: every !== askedEvery, since });
			asked = new Set(w.topics);
			askedEvery = every;
			return list;
		},
		/** Without what an option switches off, whatever the server sends; null: nothing is left. @param {any} m */
		allowed(m) {
			if (!off.length) return m;
			if (isOff(m.type)) return null;
			if (m.type !== 'realtime_update' || !isObject(m.data)) return m;
			const sections = Object.entries(m.data), kept = sections.filter(([name]) => !isOff(name));
			return kept.length === sections.length ? m : kept.length ? { ...m, data: Object.fromEntries(kept) } : null;
		},
		/** Options' names of what is wanted, and not pushed by the server. @param {Record<string, any>|null} flags @returns {string[]} */
		unpushed(flags) {
			const wanted = (/** @type {string} */ o) => w.topics.some((t) => t === '*' || GROUPS[o].topics.test(t));
			return flags ? Object.keys(GROUPS).filter((o) => flags[GROUPS[o].flag] === false && !off.includes(o) && wanted(o)) : [];
		},
	};
	w.settle();
	return w;
}

// Requests to the live server's own HTTP routes: with the token, with an end, and with what each answer tells of the server.

const HTTP_MS = 10000;
const RETRY_MAX_S = 3600;

/**
 * @typedef {{status: number, body: any, modified: number|null, date: number|null, retryAfter: number}} Answer
 * modified: when what it says was read; date: the server's clock; retryAfter in ms
 * @param {{base: string, fetch: any, token: () => string, later: import('./livelink.js').Later, now: () => number,
 *   onAnswer: (status: number, answer: Answer|null) => void}} of base: what /api/v1 is put behind; onAnswer: of each request below it, 0: none came
 */
export function createHttp({ base, fetch, token, later, now, onAnswer }) {
	let closedUntil = -Infinity; // the server asked to wait
	/** @type {Set<AbortController>} */
	const flying = new Set();

	/** @param {string} url @param {AbortSignal} signal @returns {Promise<Answer>} */
	async function ask(url, signal) {
		const headers = { Accept: 'application/json', ...(token() ? { Authorization: `Bearer ${token()}` } : {}) };
		const answer = await (fetch ?? globalThis.fetch)(url, { headers, cache: 'no-store', signal });
		const head = (/** @type {string} */ name) => answer.headers?.get?.(name) ?? '', time = (/** @type {string} */ name) => Date.parse(head(name)) || null;
		const seconds = Number(head('Retry-After')), retryAfter = seconds > 0 ? Math.min(RETRY_MAX_S, seconds) * 1000 : 0;
		const body = await answer.json().catch(() => null);
		return { status: Number(answer.status) || 0, body, modified: time('Last-Modified'), date: time('Date'), retryAfter };
	}

	return {
		/** @param {string} path below the server, or a whole address @returns {Promise<Answer>} rejects if there is none */
		async get(path) {
			const api = path.startsWith('/api/'), abort = new AbortController();
			if (api && now() < closedUntil) throw new Error('the server asked to wait');
			const timer = later(HTTP_MS, () => abort.abort());
			flying.add(abort);
			try {
				const answer = await ask(path.startsWith('/') ? base + path : path, abort.signal);
				if (api && answer.status === 429) closedUntil = now() + Math.max(answer.retryAfter, 1000);
				if (api) onAnswer(answer.status, answer);
				return answer;
			} catch (error) {
				if (api) onAnswer(0, null);
				throw error;
			} finally {
				timer.cancel();
				flying.delete(abort);
			}
		},
		/** What is on its way is of no use any more. */
		end() {
			for (const abort of flying) abort.abort();
		},
		/** Another token, another answer perhaps. */
		reopen() {
			closedUntil = -Infinity;
		},
	};
}

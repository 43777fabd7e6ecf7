/**
 * The live connection to a KATO Live server: one WebSocket for all who look, HTTP while that is gone, and back again. No DOM and nothing else of the page,
 * so any page and any Node script may use it (Node before 22 has no WebSocket: hand over that of package ws).
 *
 *     import { createLive } from './live.js';
 *     const live = createLive({ url: 'http://localhost:8080' });              // '' or a path: the server this page came from
 *     live.on('status', (s) => console.log(s.state, s.reason));               // at once, and on each change
 *     const stop = live.on('message', (message, { polled }) => {
 *         if (message.type === 'realtime_update') console.log(message.data, polled);
 *         if (message.type === 'system_alert') console.log(message.alerts);
 *     });
 *     live.want('me', ['metrics', 'system_alerts'], { every: 2 });            // once for each who looks; [] takes the wish away
 *     live.refresh();                                                         // all that is known, now
 *     setTimeout(() => { stop(); live.close(); }, 60000);
 *
 * Messages are the server's, parsed and otherwise as they came: look at `type`, and trust no member. What is asked for by HTTP comes in the same shapes with
 * meta.polled, what was missed while away with meta.late. Events come once and in order; after a restart of the server that forgot its history, once as far
 * as they carry an `id`. Nothing a server does makes live throw, and a listener that throws harms nobody else.
 */
import { openLink } from './livelink.js';
import { createPast } from './livepast.js';
import { createPoller } from './livepoll.js';
import { GROUPS, STANDARD, addresses, closing, greeting, isObject, isOffset, isSubstance, pace, requests, union, waitOf, words } from './livewire.js';

const TRIES_MAX = 5; // failed ones, then HTTP
const PATIENCE_MS = 15000; // … and after so long in any case
const PROVEN_MS = 10000; // up so long: the next wait is short again
const BRIEF_MS = 1000; // … or so long, and something of substance came
const SPACE_MS = 150; // between changes of the subscription: under the server's 20 messages a second
const HTTP_MS = 10000;
const SILENCE_MS = 60000; // no reading at all: has the input ended?
const FASTEST = 0.1;

/**
 * @typedef {'connecting'|'live'|'reconnecting'|'polling'|'stale'|'off'|'unauthorized'} State
 * connecting: for the first time · live · reconnecting: nothing comes, retryAt says when the next try is · polling: by HTTP · stale: connected, and nothing
 * comes, or the server's input has ended · unauthorized: another token is needed (setToken) · off: closed, or no server to go to
 * @typedef {object} Status
 * @property {State} state
 * @property {number|null} retryAt when the next try is, ms of our clock
 * @property {number|null} latency ms there and back, as last measured
 * @property {number|null} heard when the last message came, ms of our clock
 * @property {number} since when this state began
 * @property {number} tries failed ones in a row
 * @property {number|null} code of the last closing
 * @property {string} reason in words, always
 * @property {Record<string, boolean>|null} flags the server's, once known
 * @property {string[]} polled what is asked for by HTTP though the connection is live, because the server does not push it
 * @property {string|null} epoch
 * @property {number|null} offset the newest event seen
 * @property {number} skew the server's clock less ours, ms
 *
 * @typedef {object} Options
 * @property {string} [url] '' or a path: of this page's server; http(s)://HOST; ws(s)://HOST/ws
 * @property {boolean} [enabled] false: HTTP only
 * @property {boolean} [containerStats] false: containers are neither subscribed nor polled
 * @property {boolean} [sessionEvents] false: sessions and their events likewise
 * @property {boolean} [alerts] false: alerts likewise
 * @property {boolean} [selectiveSubscriptions] false: one subscription to everything
 * @property {string} [token]
 * @property {any} [fetch] @property {any} [WebSocket] @property {() => number} [now] @property {() => number} [random]
 * @property {(body: () => void, ms: number) => any} [setTimeout] @property {(timer: any) => void} [clearTimeout]
 * @property {boolean} [debug] log each message with its latency, as localStorage.ws_debug = 'true' does
 *
 * @typedef {{polled: boolean, late?: boolean, received: number}} Meta
 * @typedef {{on(kind: 'message', f: (message: any, meta: Meta) => void): () => void, on(kind: 'status', f: (status: Status) => void): () => void}} On
 * @typedef {On & {readonly status: Status, want(owner: any, topics: string[], options?: {every?: number}): void, refresh(): void,
 *   setToken(token?: string): void, send(text: string): boolean, close(): void}} Live
 */

/** @param {Options} [options] @returns {Live} */
export function createLive(options = {}) {
	const live = new Connection(isObject(options) ? options : {});
	return {
		on: (/** @type {any} */ kind, /** @type {any} */ f) => live.on(kind, f),
		get status() {
			return live.status;
		},
		want: (owner, topics, more) => live.want(owner, topics, more),
		refresh: () => live.refresh(),
		setToken: (token) => live.setToken(token),
		send: (text) => live.send(text),
		close: () => live.close(),
	};
}

class Connection {
	#options;
	#now;
	#tick;
	#random;
	#where;
	#token = '';
	#listeners = { message: new Set(), status: new Set() };
	/** @type {Map<any, {topics: string[], every: number}>} */
	#wishes = new Map();
	#wishing = false; // whether anybody ever said what is wanted
	#every = 0;
	/** @type {string[]} */
	#topics = [];
	/** @type {Set<string>} what this connection was asked for */
	#asked = new Set();
	#askedEvery = 0;
	/** @type {import('./livelink.js').Link | null} */
	#link = null;
	/** @type {Record<string, import('./livelink.js').Timer | null>} */
	#timers = { retry: null, push: null, patience: null };
	#phase = /** @type {'off'|'idle'|'dialing'|'up'|'waiting'|'refused'|'unauthorized'} */ ('idle');
	#why = '';
	#link0 = { at: 0, greeted: false, heard: false, substance: false, quiet: false, lastReading: 0, probed: false, ended: '' };
	#step = 0; // waits since the last good connection
	#network = true; // whether we wait because of the network alone, so that a sign of life may shorten it
	#fallback = ''; // why HTTP is asked though there were few tries
	#answers = /** @type {boolean|null} */ (null); // whether HTTP was answered last
	#pause = 0; // HTTP is not asked before
	#wasLive = false;
	#pushedAt = -Infinity;
	#generation = 0;
	#state = { state: /** @type {State} */ ('connecting'), since: 0, latency: /** @type {number|null} */ (null), heard: /** @type {number|null} */ (null), tries: 0,
		code: /** @type {number|null} */ (null), flags: /** @type {Record<string, boolean>|null} */ (null), skew: 0, retryAt: /** @type {number|null} */ (null) };
	#skewOf = /** @type {''|'http'|'live'} */ ('');
	#told = '';
	#unhook = () => {};
	#past;
	#poller;

	/** @param {Options} o */
	constructor(o) {
		this.#options = o;
		this.#now = o.now ?? (() => Date.now());
		this.#tick = o.now ?? (() => globalThis.performance?.now?.() ?? Date.now());
		this.#random = o.random ?? Math.random;
		this.#token = typeof o.token === 'string' ? o.token : '';
		this.#where = addresses(o.url, globalThis.location?.href);
		this.#state.since = this.#now();
		const get = (/** @type {string} */ path) => this.#get(path), later = this.#later;
		this.#past = createPast({ get, later, topics: () => this.#topics, deliver: (m, how) => this.#deliver(m, how) });
		this.#poller = createPoller({
			get, later, now: this.#now, serverNow: () => this.#now() + this.#state.skew, past: this.#past, deliver: (m) => this.#deliver(m, { polled: true }),
		});
		this.#topics = this.#wanted().topics;
		this.#unhook = this.#hook();
		if (!this.#where) this.#become('off', 'No server: outside a page the url must name one');
		else if (o.enabled === false) this.#become('idle', 'Live updates are switched off for this page');
		else {
			this.#become('dialing', `Connecting to ${this.#where.host}`);
			this.#timers.retry = later(0, () => this.#dial());
			this.#wait('patience', PATIENCE_MS, () => this.#fall('The live connection does not come about'));
		}
		if (o.enabled === false) later(0, () => this.#changed());
	}

	/** @type {import('./livelink.js').Later} */
	#later = (ms, body) => {
		const due = this.#now() + ms, set = this.#options.setTimeout ?? ((f, t) => globalThis.setTimeout(f, t));
		const clear = this.#options.clearTimeout ?? ((t) => globalThis.clearTimeout(t));
		const timer = set(() => this.#phase !== 'off' && body(this.#now() - due), ms);
		return { cancel: () => clear(timer) };
	};
	/** @param {string} name @param {number} ms @param {() => void} body */
	#wait(name, ms, body) {
		this.#timers[name]?.cancel();
		this.#timers[name] = this.#later(ms, body);
	}

	// --- who listens ---

	/** @param {'message'|'status'} kind @param {any} f */
	on(kind, f) {
		const set = this.#listeners[kind];
		if (!set || typeof f !== 'function') return () => {};
		const entry = { f };
		set.add(entry);
		if (kind === 'status') this.#call(f, this.status);
		return () => void set.delete(entry);
	}

	/** @param {any} f @param {...any} args */
	#call(f, ...args) {
		try {
			f(...args);
		} catch (error) {
			console.error('live: a listener failed', error);
		}
	}

	/** @param {any} message @param {{polled: boolean, late?: boolean}} how */
	#deliver(message, how) {
		if (this.#phase === 'off') return;
		const m = this.#allowed(message), received = this.#now();
		if (!m) return;
		if (this.#debugging()) console.log('live:', m.type, how.polled ? 'polled' : 'pushed', `${this.#ageOf(m, received)} ms`, m);
		for (const { f } of [...this.#listeners.message]) this.#call(f, m, { ...how, received });
	}

	/** @param {any} m @param {number} received */
	#ageOf(m, received) {
		const sent = Date.parse(m.timestamp);
		return Number.isFinite(sent) ? Math.round(received + this.#state.skew - sent) : '?';
	}

	#debugging() {
		if (this.#options.debug !== undefined) return this.#options.debug === true;
		try {
			return globalThis.localStorage?.ws_debug === 'true';
		} catch {
			return false;
		}
	}

	/** Without what an option switches off, whatever the server sends. @param {any} m */
	#allowed(m) {
		const off = this.#switchedOff();
		if (!off.length) return m;
		if (off.some((o) => GROUPS[o].topics.test(m.type))) return null;
		if (m.type !== 'realtime_update' || !isObject(m.data)) return m;
		const sections = Object.entries(m.data), kept = sections.filter(([name]) => !off.some((o) => GROUPS[o].topics.test(name)));
		return kept.length === sections.length ? m : kept.length ? { ...m, data: Object.fromEntries(kept) } : null;
	}
	#switchedOff() {
		return Object.keys(GROUPS).filter((o) => /** @type {any} */ (this.#options)[o] === false);
	}

	// --- what is wanted ---

	/** @param {any} owner @param {string[]} topics @param {{every?: number}} [more] */
	want(owner, topics, more) {
		const list = Array.isArray(topics) ? topics.slice() : [];
		this.#wishing = true;
		if (list.length) this.#wishes.set(owner, { topics: list, every: pace(more?.every) });
		else this.#wishes.delete(owner);
		if (this.#timers.push || this.#phase === 'off') return;
		const wait = this.#pushedAt + SPACE_MS - this.#now();
		// all that is wished in one turn goes in one message
		if (wait > 0 && this.#phase === 'up') this.#timers.push = this.#later(wait, () => this.#push());
		else {
			this.#timers.push = { cancel: () => {} };
			queueMicrotask(() => this.#push());
		}
	}

	/** @returns {{topics: string[], every: number}} */
	#wanted() {
		const all = union(this.#wishes.values()), off = this.#switchedOff();
		const none = this.#wishing && !all.topics.length;
		let topics = none ? [] : all.topics.length ? all.topics : STANDARD;
		if (this.#options.selectiveSubscriptions === false && !none) topics = ['*'];
		return { topics: topics.filter((t) => !off.some((o) => GROUPS[o].topics.test(t))), every: all.every };
	}

	/** Brings the subscription to what is wanted now; since: resume, on a new connection. @param {import('./livepast.js').Place | null} [since] */
	#push(since) {
		this.#timers.push?.cancel();
		this.#timers.push = null;
		if (this.#phase === 'off') return;
		const { topics, every } = this.#wanted();
		this.#topics = topics;
		this.#every = every;
		this.#replan();
		if (!this.#link || this.#phase !== 'up') return;
		const plain = !this.#wishing && !since && !this.#switchedOff().length && this.#options.selectiveSubscriptions !== false;
		const same = topics.length === this.#asked.size && topics.every((t) => this.#asked.has(t)) && every === this.#askedEvery;
		if (plain || (same && !since)) return;
		this.#pushedAt = this.#now();
		// a pace once asked for can be made faster, never taken back
		const messages = requests(this.#asked, topics, { every: every || (this.#askedEvery ? FASTEST : 0), since });
		for (const m of messages) this.#link.send(m);
		this.#asked = new Set(topics);
		this.#askedEvery = every || (this.#askedEvery ? FASTEST : 0);
		if (!every) this.#askedEvery = 0;
	}

	// --- the WebSocket ---

	#dial() {
		const WebSocket = this.#options.WebSocket ?? globalThis.WebSocket, where = this.#where;
		this.#timers.retry?.cancel();
		this.#timers.retry = null;
		this.#state.retryAt = null;
		if (!where || this.#phase === 'off') return;
		if (typeof WebSocket !== 'function') return this.#refuse('No WebSocket here: hand one over as the option of that name');
		this.#link?.end();
		this.#asked = new Set();
		this.#askedEvery = 0;
		this.#link0 = { at: this.#now(), greeted: false, heard: false, substance: false, quiet: false, lastReading: this.#now(), probed: false, ended: '' };
		this.#become('dialing', this.#why || `Connecting to ${where.host}`);
		const link = openLink({
			...greeting(where.ws, this.#token), WebSocket, later: this.#later, tick: this.#tick,
			onOpen: () => this.#opened(),
			onMessage: (m) => this.#take(m),
			onEnd: (end) => this.#link === link && this.#ended(end),
			onQuiet: (quiet) => {
				this.#link0.quiet = quiet;
				this.#changed();
			},
			onLatency: (ms) => void (this.#state.latency = ms),
			onBeat: () => this.#beat(),
		});
		this.#link = link;
	}

	#opened() {
		this.#phase = 'up';
		this.#link0.at = this.#now();
		this.#link0.lastReading = this.#now();
		this.#push(this.#past.since);
		this.#changed();
	}

	/** @param {any} m */
	#take(m) {
		const l = this.#link0, now = this.#now();
		const before = this.#state.latency;
		this.#state.heard = now;
		if (!l.heard) this.#cameUp();
		l.heard = true;
		if (isSubstance(m)) {
			l.substance = true;
			l.lastReading = now;
			l.probed = false;
			l.ended = '';
		}
		if (m.type === 'connected') this.#greeted(m);
		else if (m.type === 'subscribed') this.#past.subscribed(m);
		else if (m.type === 'heartbeat' || m.type === 'pong') this.#answered(m, before);
		this.#changed();
		if (isSubstance(m) && isOffset(m.offset)) this.#past.take(m);
		else if (/^(system_alert|session_event|container_event)$/.test(m.type)) this.#past.takeBare(m);
		else this.#deliver(m, { polled: false });
	}

	#cameUp() {
		this.#timers.patience?.cancel();
		this.#fallback = '';
		this.#wasLive = true;
		this.#why = '';
	}

	/** @param {any} m */
	#greeted(m) {
		const l = this.#link0, sent = Date.parse(m.timestamp);
		if (isObject(m.flags)) this.#state.flags = /** @type {any} */ (Object.fromEntries(Object.entries(m.flags).slice(0, 64)));
		if (Number.isFinite(sent) && this.#skewOf !== 'live') this.#skew(sent - this.#now(), 'live');
		if (!l.greeted) this.#past.greet(m);
		l.greeted = true;
	}

	/** @param {any} m @param {number|null} _before */
	#answered(m, _before) {
		const sent = Date.parse(m.timestamp), { latency } = this.#state;
		if (Number.isFinite(sent) && latency !== null && latency < 2000) this.#skew(sent + latency / 2 - this.#now(), 'live');
		this.#past.answered();
	}

	/** @param {number} ms @param {'http'|'live'} from */
	#skew(ms, from) {
		this.#state.skew = Math.round(ms);
		this.#skewOf = from;
	}

	/** Now and then while it is up. */
	#beat() {
		const l = this.#link0;
		if (l.probed || this.#now() - l.lastReading < Math.max(SILENCE_MS, 3000 * this.#every)) return;
		l.probed = true;
		this.#get('/readyz').then(({ status, body }) => {
			if (status !== 503 || this.#link0 !== l || !l.probed) return;
			l.ended = words(body?.detail) || 'the input has ended';
			this.#changed();
		}, () => {});
	}

	/** @param {import('./livelink.js').End} end */
	#ended(end) {
		const l = this.#link0, up = this.#now() - l.at, good = end.opened && (up >= PROVEN_MS || (l.substance && up >= BRIEF_MS));
		const how = end.silent
			? { kind: /** @type {const} */ ('lost'), why: end.opened ? 'No answer any more: the link is dead' : 'The server does not answer' }
			: closing(end.code, end.reason);
		this.#link = null;
		this.#past.cut();
		this.#state.latency = null;
		this.#state.code = end.silent || !end.opened ? null : end.code;
		if (good && how.kind !== 'later') this.#step = 0;
		this.#state.tries = good ? 0 : this.#state.tries + 1;
		this.#why = end.opened || end.silent ? how.why : 'The server does not answer';
		if (how.kind === 'token') return this.#deny(how.why);
		if (how.kind === 'refused') return this.#refuse(how.why);
		this.#network = how.kind === 'lost';
		if (good) this.#wait('patience', PATIENCE_MS, () => this.#fall(this.#why));
		this.#retryIn(waitOf(how.kind, this.#step++, this.#random));
		if (this.#state.tries >= TRIES_MAX) this.#fall(`${this.#state.tries} tries to connect failed`);
		if (end.status) this.#judge({ status: end.status, retryAfter: 0 });
		else if (!end.opened) this.#probe();
	}

	/** @param {number} ms */
	#retryIn(ms) {
		this.#state.retryAt = this.#now() + ms;
		this.#wait('retry', ms, () => this.#dial());
		this.#become('waiting', this.#why);
	}

	/** A browser's WebSocket does not say why it was refused; the same address by HTTP does. */
	async #probe() {
		const where = /** @type {{ws: string, http: string}} */ (this.#where), mine = ++this.#generation;
		try {
			const { status, retryAfter } = await this.#get(where.ws.replace(/^ws/, 'http'));
			if (mine === this.#generation && this.#phase === 'waiting') this.#judge({ status, retryAfter });
		} catch {
			// nobody there: as before
		}
	}

	/** @param {{status: number, retryAfter: number}} answer */
	#judge({ status, retryAfter }) {
		if (status === 401 || status === 403) return this.#deny(this.#denial(status));
		if (status === 503) return this.#fall('The server does not serve live updates (503)');
		if (status === 429) {
			this.#why = 'Too many connections: the server asks to wait (429)';
			this.#network = false;
			this.#retryIn(Math.max(retryAfter, (this.#state.retryAt ?? 0) - this.#now()));
		} else if (this.#state.tries >= 2 && status) this.#fall('The server answers, and its WebSocket does not');
	}

	/** @param {number} status */
	#denial(status) {
		if (status === 401) return this.#token ? 'The server does not take this token (401)' : 'The server asks for a token (401)';
		return 'The server forbids this (403)';
	}

	/** HTTP from now on, until live again. @param {string} why */
	#fall(why) {
		this.#fallback ||= why;
		this.#changed();
	}

	/** @param {string} why */
	#refuse(why) {
		this.#stopTrying();
		this.#become('refused', why);
		this.#fall(why);
	}

	/** @param {string} why */
	#deny(why) {
		this.#stopTrying();
		this.#become('unauthorized', why);
	}

	#stopTrying() {
		for (const name of ['retry', 'patience']) this.#timers[name]?.cancel();
		this.#state.retryAt = null;
		this.#link?.end();
		this.#link = null;
	}

	// --- HTTP ---

	/** @param {string} path @returns {Promise<{status: number, body: any, modified: number|null, retryAfter: number}>} */
	async #get(path) {
		const fetch = this.#options.fetch ?? globalThis.fetch, where = /** @type {{http: string}} */ (this.#where), abort = new AbortController();
		const api = path.startsWith('/api/');
		if (api && this.#now() < this.#pause) throw new Error('the server asked to wait');
		const timer = this.#later(HTTP_MS, () => abort.abort());
		try {
			const headers = { Accept: 'application/json', ...(this.#token ? { Authorization: `Bearer ${this.#token}` } : {}) };
			const answer = await fetch(/^https?:/.test(path) ? path : where.http + path, { headers, cache: 'no-store', signal: abort.signal });
			const get = (/** @type {string} */ name) => answer.headers?.get?.(name) ?? '';
			const after = Number(get('Retry-After')), retryAfter = Number.isFinite(after) ? Math.min(3600, Math.max(0, after)) * 1000 : 0;
			const body = await answer.json().catch(() => null), date = Date.parse(get('Date')), read = Date.parse(get('Last-Modified'));
			if (Number.isFinite(date) && this.#skewOf !== 'live') this.#skew(date + 500 - this.#now(), 'http');
			if (api) this.#answeredHttp(answer.status, retryAfter);
			return { status: answer.status, body, modified: Number.isFinite(read) ? read : null, retryAfter };
		} catch (error) {
			if (api) this.#answeredHttp(0, 0);
			throw error;
		} finally {
			timer.cancel();
		}
	}

	/** @param {number} status 0: none @param {number} retryAfter */
	#answeredHttp(status, retryAfter) {
		if (this.#phase === 'off') return;
		const before = this.#answers;
		if (status === 429) this.#pause = this.#now() + Math.max(retryAfter, 1000);
		this.#answers = status > 0 && (status < 500 || status === 503);
		if (this.#answers) this.#state.heard = this.#now();
		if ((status === 401 || status === 403) && this.#phase !== 'up') return this.#deny(this.#denial(status));
		if (before === false && this.#answers && this.#phase === 'waiting' && this.#network) this.#hurry();
		this.#changed();
	}

	/** Why the server does not push what was switched off there, and is asked for instead. */
	#offSections() {
		const flags = this.#state.flags, off = this.#switchedOff();
		return flags ? Object.keys(GROUPS).filter((o) => flags[GROUPS[o].flag] === false && !off.includes(o) && this.#topics.some((t) => t === '*' || GROUPS[o].topics.test(t))) : [];
	}

	#replan() {
		const live = this.#phase === 'up' && this.#link0.heard;
		const all = !live && this.#phase !== 'unauthorized' && (this.#options.enabled === false || this.#fallback !== '');
		this.#poller.follow({ topics: this.#topics, every: this.#every, all, off: live ? this.#offSections() : [] });
	}

	// --- what is said of it ---

	/** @param {any} phase @param {string} why */
	#become(phase, why) {
		this.#phase = phase;
		this.#why = why;
		this.#changed();
	}

	/** @returns {[State, string]} */
	#stateNow() {
		const l = this.#link0, host = this.#where?.host ?? '', polls = this.#options.enabled === false || this.#fallback !== '';
		if (this.#phase === 'off') return ['off', this.#why];
		if (this.#phase === 'unauthorized') return ['unauthorized', this.#why];
		if (this.#phase === 'up' && l.heard) {
			if (l.quiet) return ['stale', `${host} is connected, but does not answer`];
			if (l.ended) return ['stale', `Connected, but no readings come: ${l.ended}`];
			const off = this.#offSections().map((o) => GROUPS[o].words);
			return ['live', off.length ? `Connected to ${host}; ${off.join(', ')}: not pushed by the server, asked for every few seconds` : `Connected to ${host}`];
		}
		const why = this.#options.enabled === false ? 'Live updates are switched off for this page' : this.#fallback || this.#why;
		if (polls && this.#answers) return ['polling', why];
		if (polls && this.#answers === false) return ['reconnecting', this.#phase === 'refused' ? why : `${host} does not answer`];
		return [this.#wasLive || this.#state.tries ? 'reconnecting' : 'connecting', this.#why];
	}

	/** Something happened: poll what is to be polled, and say so if it looks different now. */
	#changed() {
		this.#replan();
		const [state] = this.#stateNow();
		if (state !== this.#state.state) Object.assign(this.#state, { state, since: this.#now() });
		const { heard, skew, offset, ...rest } = this.status, key = JSON.stringify(rest);
		if (key === this.#told) return;
		this.#told = key;
		for (const { f } of [...this.#listeners.status]) this.#call(f, this.status);
	}

	/** @returns {Status} */
	get status() {
		const [state, reason] = this.#stateNow(), place = this.#past.place, s = this.#state;
		const polled = state === 'live' || state === 'stale' ? this.#offSections().map((o) => GROUPS[o].words) : [];
		return Object.freeze({ ...s, state, reason, polled, epoch: place?.epoch ?? null, offset: place?.offset ?? null });
	}

	// --- what is asked of it ---

	/** All that is known, now. */
	refresh() {
		if (this.#phase === 'off') return;
		if (this.#phase === 'up' && this.#link0.heard) {
			this.send('{"type":"get_snapshot"}');
			if (this.#poller.running) this.#poller.refresh();
			return;
		}
		if (this.#phase === 'refused' || this.#phase === 'unauthorized' || (this.#phase === 'waiting' && this.#network)) this.#again();
		this.#poller.refresh();
	}

	/** @param {string} [token] '' or none: without one */
	setToken(token) {
		if (this.#phase === 'off') return;
		this.#token = typeof token === 'string' ? token : '';
		this.#answers = null;
		this.#pause = 0;
		if (this.#options.enabled === false) return this.#become('idle', this.#why);
		this.#link?.end();
		this.#link = null;
		this.#past.cut();
		this.#state.tries = this.#step = 0;
		this.#fallback = '';
		this.#wait('patience', PATIENCE_MS, () => this.#fall(this.#why));
		this.#again();
	}

	#again() {
		this.#generation++;
		this.#why = '';
		this.#dial();
	}

	/** A sign of life: the next try comes soon. */
	#hurry() {
		const ms = this.#random() * 1000, due = this.#state.retryAt;
		if (this.#phase === 'waiting' && this.#network && due !== null && due - this.#now() > ms) this.#retryIn(ms);
	}

	/** @param {string} text a message to the server. @returns {boolean} whether it left */
	send(text) {
		return this.#phase === 'up' && typeof text === 'string' && this.#link?.send(text) === true;
	}

	close() {
		if (this.#phase === 'off') return;
		this.#become('off', 'Closed');
		this.#phase = 'off';
		for (const timer of Object.values(this.#timers)) timer?.cancel();
		this.#link?.end();
		this.#link = null;
		this.#past.cut();
		this.#poller.stop();
		this.#unhook();
		this.#listeners.message.clear();
		this.#listeners.status.clear();
	}

	/** The moments a link is likely to be dead, or a server to be there again. */
	#hook() {
		const doc = globalThis.document, wake = () => {
			this.#link?.check();
			this.#hurry();
		};
		if (!doc?.addEventListener) return () => {};
		const seen = () => doc.visibilityState === 'hidden' || wake();
		doc.addEventListener('visibilitychange', seen);
		for (const name of ['online', 'offline', 'pageshow']) globalThis.addEventListener(name, wake);
		return () => {
			doc.removeEventListener('visibilitychange', seen);
			for (const name of ['online', 'offline', 'pageshow']) globalThis.removeEventListener(name, wake);
		};
	}
}

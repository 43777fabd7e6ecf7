// One connection for all components of a page that name the same url: counted, opened by the first that holds it, closed a moment after
// the last one left, so that a remount (a route, React's strict mode) is no reconnect. What it knows outlives the single component.
import { createLive } from '../dashboard/live.js';
import { INITIAL, clearAlerts, readAll, reduce, takeStatus } from './state.js';

export const LINGER_MS = 1000;
const OWNER = 'react';
export const DEFAULT_TOPICS = ['metrics', 'containers', 'sessions', 'session_events', 'system_alerts'];

/** @typedef {import('./types.js').LiveState} LiveState @typedef {import('./types.js').ConnectionOptions} ConnectionOptions @typedef {object} Holder */

/** @type {Map<string, Connection>} */
const connections = new Map();
/** @type {ConnectionOptions} */
let defaults = {};

/** What all hooks of the page start from; to be called before the first of them. @param {ConnectionOptions} options */
export function configure(options) {
	defaults = { ...defaults, ...options };
}

/** The connection of this url; it is not open yet. The options of the first who asks hold. @param {ConnectionOptions} options */
export function connectionFor(options) {
	const given = { ...defaults, ...Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) };
	const key = String(given.url ?? '');
	let c = connections.get(key);
	if (!c) connections.set(key, (c = new Connection(given)));
	return c;
}

export class Connection {
	/** @type {LiveState} */
	state = INITIAL;
	/** @type {any} */
	#live = null;
	#token;
	/** @type {Set<Holder>} */
	#holders = new Set();
	/** @type {Map<Holder, string[]>} */
	#wants = new Map();
	/** @type {Set<() => void>} */
	#changed = new Set();
	/** @type {Set<(message: any, meta: any) => void>} */
	#listeners = new Set();
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#closing;
	#pushing = false;
	/** @type {string | null} */
	#asked = null;

	/** @param {ConnectionOptions} options */
	constructor(options) {
		this.options = options;
		this.#token = options.token;
	}

	/** For useSyncExternalStore. @param {() => void} f */
	subscribe = (f) => {
		this.#changed.add(f);
		return () => void this.#changed.delete(f);
	};

	/** @param {(message: any, meta: any) => void} f */
	listen(f) {
		this.#listeners.add(f);
		return () => void this.#listeners.delete(f);
	}

	/** @param {Holder} who */
	hold(who) {
		clearTimeout(this.#closing);
		this.#holders.add(who);
		if (!this.#live) this.#open();
	}

	/** @param {Holder} who */
	release(who) {
		if (!this.#holders.delete(who) || this.#holders.size) return;
		clearTimeout(this.#closing);
		this.#closing = setTimeout(() => this.#holders.size || this.#close({ metrics: null, containers: null, sessions: null }), LINGER_MS);
	}

	/** Ends it for every component, until one of them connects. */
	disconnect() {
		this.#close({});
	}

	/** @param {Holder} who @param {string[] | null} topics null: no wish any more */
	want(who, topics) {
		if (topics) this.#wants.set(who, topics);
		else this.#wants.delete(who);
		if (this.#pushing) return;
		this.#pushing = true;
		queueMicrotask(() => {
			this.#pushing = false;
			this.#push();
		});
	}

	/** The union of all wishes, and only if it is another one. When the last one leaves nothing is said: the connection is about to end. */
	#push() {
		const union = [...new Set([...this.#wants.values()].flat())].sort();
		const key = union.join(' ');
		if (!this.#live || !this.#wants.size || key === this.#asked) return;
		this.#asked = key;
		this.#live.want(OWNER, union);
	}

	#open() {
		const live = createLive({ ...this.options, token: this.#token });
		this.#live = live;
		this.#asked = null;
		this.#push();
		live.on('message', (/** @type {any} */ message, /** @type {any} */ meta) => {
			if (live === this.#live) this.#take(message, meta);
		});
		live.on('status', (/** @type {any} */ status) => {
			if (live === this.#live) this.#become(takeStatus(this.state, { ...status }));
		});
	}

	/** @param {Partial<LiveState>} forget */
	#close(forget) {
		clearTimeout(this.#closing);
		const live = this.#live;
		this.#live = null;
		live?.close();
		this.#become(takeStatus({ ...this.state, ...forget }, null));
	}

	/** @param {LiveState} next */
	#become(next) {
		if (next === this.state) return;
		this.state = next;
		for (const f of [...this.#changed]) f();
	}

	/** @param {any} message @param {any} meta */
	#take(message, meta) {
		this.#become(reduce(this.state, message));
		for (const f of [...this.#listeners])
			try {
				f(message, meta);
			} catch (e) {
				console.error('a listener to messages failed', e);
			}
	}

	/** @param {string | undefined} token */
	setToken(token) {
		if (token === this.#token) return;
		this.#token = token;
		this.#live?.setToken(token);
	}

	/** @param {string | object} message @returns {boolean} whether it left */
	send(message) {
		return this.#live?.send(typeof message === 'string' ? message : JSON.stringify(message)) === true;
	}

	refresh() {
		this.#live?.refresh();
	}

	readAlerts() {
		this.#become(readAll(this.state));
	}

	clearAlerts() {
		this.#become(clearAlerts(this.state));
	}
}

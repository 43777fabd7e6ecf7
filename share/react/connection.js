// One connection for all components of a page that name the same url.
import { createLive } from '../dashboard/live.js';
import { Shared } from './shared.js';
import { INITIAL, clearAlerts, readAll, reduce, takeStatus } from './state.js';

const OWNER = 'react';
export const DEFAULT_TOPICS = ['metrics', 'containers', 'sessions', 'session_events', 'system_alerts'];

/** @typedef {import('./types.js').LiveState} LiveState @typedef {import('./types.js').ConnectionOptions} ConnectionOptions @typedef {import('./shared.js').Holder} Holder */

/** @type {Map<string, Connection>} */
const connections = new Map();
/** @type {ConnectionOptions} */
let defaults = {};

/** What all hooks of the page start from; to be called before the first of them. @param {ConnectionOptions} options */
export function configure(options) {
	defaults = { ...defaults, ...options };
}

/** What is given, over what the page was configured with. @template {object} T @param {T} options @returns {T & ConnectionOptions} */
export const withDefaults = (options) => ({ ...defaults, ...(/** @type {T} */ (Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)))) });

/** The connection of this url; it is not open yet. The options of the first who asks hold. @param {ConnectionOptions} options */
export function connectionFor(options) {
	const given = withDefaults(options), key = String(given.url ?? '');
	let c = connections.get(key);
	if (!c) connections.set(key, (c = new Connection(given)));
	return c;
}

/** @extends {Shared<LiveState>} */
export class Connection extends Shared {
	/** @type {any} */
	#live = null;
	#token;
	/** @type {Map<Holder, string[]>} */
	#wants = new Map();
	/** @type {Set<(message: any, meta: any) => void>} */
	#listeners = new Set();
	#pushing = false;
	/** @type {string | null} */
	#asked = null;

	/** @param {ConnectionOptions} options */
	constructor(options) {
		super(INITIAL);
		this.options = options;
		this.#token = options.token;
	}

	get running() {
		return this.#live !== null;
	}

	/** @param {(message: any, meta: any) => void} f */
	listen(f) {
		this.#listeners.add(f);
		return () => void this.#listeners.delete(f);
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

	begin() {
		const live = createLive({ ...this.options, token: this.#token });
		this.#live = live;
		this.#asked = null;
		this.#push();
		live.on('message', (/** @type {any} */ message, /** @type {any} */ meta) => {
			if (live === this.#live) this.#take(message, meta);
		});
		live.on('status', (/** @type {any} */ status) => {
			if (live === this.#live) this.become(takeStatus(this.state, { ...status }));
		});
	}

	/** @param {boolean} left */
	end(left) {
		const live = this.#live;
		this.#live = null;
		live?.close();
		this.become(takeStatus({ ...this.state, ...(left ? { metrics: null, containers: null, sessions: null } : {}) }, null));
	}

	/** @param {any} message @param {any} meta */
	#take(message, meta) {
		this.become(reduce(this.state, message));
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
		this.become(readAll(this.state));
	}

	clearAlerts() {
		this.become(clearAlerts(this.state));
	}
}

// A shared connection whose state comes from a feed, and one of them for each address: what the hooks of TopDeck and OpenRisk have in common.
import { withDefaults } from './connection.js';
import { Feed, OFF } from './feed.js';
import { Shared } from './shared.js';

const ERROR_MS = 10000; // as long as an error the server spoke of stands before what is known

/**
 * @template S
 * @typedef {object} Rules pure: each gives the next state, the same one where nothing is another
 * @property {S} initial
 * @property {(s: S, message: any) => S} reduce
 * @property {(s: S, body: any) => S} takePolled
 * @property {(s: S, status: import('./feed.js').FeedStatus) => S} takeStatus
 * @property {(s: S) => S} forgive
 */

/** @template {{said: boolean}} S @extends {Shared<S>} */
export class Fed extends Shared {
	/** @type {Feed | null} */
	#feed = null;
	#rules;
	/** @type {Set<(message: any) => void>} */
	#listeners = new Set();
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#forgiving;
	/** @type {any} */
	options;

	/** @param {Rules<S>} rules @param {object} options */
	constructor(rules, options) {
		super(rules.initial);
		this.#rules = rules;
		this.options = options;
	}

	// Of what stands over it: where and how to connect by its options, and what to do then.
	/** @returns {import('./feed.js').Plan} */
	plan() {
		throw new Error('a plan is wanted');
	}
	opened() {}

	get running() {
		return this.#feed !== null;
	}

	get isOpen() {
		return this.#feed?.status.open === true;
	}

	begin() {
		const { takePolled, takeStatus } = this.#rules;
		this.#feed = new Feed(this.plan(), {
			onOpen: () => this.opened(),
			onMessage: (m) => this.#take(m),
			onPolled: (body) => this.become(takePolled(this.state, body)),
			onStatus: (status) => this.become(takeStatus(this.state, status)),
		});
	}

	/** @param {boolean} left */
	end(left) {
		const { takeStatus, forgive } = this.#rules;
		clearTimeout(this.#forgiving);
		this.#feed?.close();
		this.#feed = null;
		this.become(left ? this.initial : takeStatus(forgive(this.state), OFF));
	}

	/** @param {(message: any) => void} f */
	listen(f) {
		this.#listeners.add(f);
		return () => void this.#listeners.delete(f);
	}

	/** @param {any} m */
	#take(m) {
		const { reduce, forgive } = this.#rules;
		this.become(reduce(this.state, m));
		clearTimeout(this.#forgiving);
		if (this.state.said) this.#forgiving = setTimeout(() => this.become(forgive(this.state)), ERROR_MS);
		for (const f of [...this.#listeners])
			try {
				f(m);
			} catch (e) {
				console.error('a listener to messages failed', e);
			}
	}

	/** Options given later hold as well. @param {object} options */
	adopt(options) {
		this.options = { ...this.options, ...Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) };
		this.replan();
	}

	/** What is open is opened anew only if it must be. */
	replan() {
		this.#feed?.follow(this.plan());
	}

	/** @param {string | object} message @returns {boolean} whether it left */
	send(message) {
		return this.#feed?.send(message) === true;
	}

	/** The next try, and the next question by HTTP, are now. */
	retry() {
		this.#feed?.retry();
	}
}

/** The token of the options, read whenever it is wanted; what fails gives none. @param {any} token a text, or what gives one @param {() => string} [otherwise] @returns {() => string} */
export const tokenOf = (token, otherwise = () => '') => () => {
	try {
		return String((typeof token === 'function' ? token() : token) ?? otherwise());
	} catch {
		return '';
	}
};

/** @param {unknown} v @param {number} least @param {number} usual what holds when v is no such number */
export const atLeast = (v, least, usual) => (typeof v === 'number' && v >= least ? v : usual);

/**
 * A connection for each address that is asked for, made when it is asked for first; it is not open yet.
 * @template {Fed<any>} C @param {(options: any) => C} make
 */
export function createRegistry(make) {
	/** @type {Map<string, C>} */
	const all = new Map();
	return {
		/** @param {{url?: string, enabled?: boolean, [option: string]: any}} options @returns {C} */
		get(options) {
			const given = withDefaults({ url: undefined, enabled: undefined, ...options }), key = JSON.stringify([given.enabled !== false, options.url ?? '', given.url ?? '']);
			let c = all.get(key);
			if (!c) all.set(key, (c = make(options)));
			return c;
		},
		all: () => [...all.values()],
	};
}

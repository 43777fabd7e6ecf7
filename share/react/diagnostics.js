// The connection to live diagnostics, for all components of a page that name the same url.
import { portions } from '../dashboard/livewire.js';
import { withDefaults } from './connection.js';
import { INITIAL, forgive, reduce, takeSnapshot, takeStatus } from './diagnostics-state.js';
import { Fed, atLeast, createRegistry, tokenOf } from './fed.js';
import { placeOf } from './feedplace.js';

/** TopDeck's page asks port 8000 of its own host. */
const SYSTEM = { path: '/api/v1/ws/live-diagnostics', port: '8000', poll: '/api/v1/live-diagnostics/snapshot?duration_hours=1' };
const RULES = { initial: INITIAL, reduce, takePolled: takeSnapshot, takeStatus, forgive };
const IDS_MAX = 50; // more are not asked for one by one, but chosen here
const INTERVAL = { least: 1, most: 60, usual: 10 };

/** @typedef {{interval: unknown, ids: readonly string[]}} Wish */

/** Whole seconds the server takes. @param {unknown} seconds */
const whole = (seconds) => (typeof seconds === 'number' && !Number.isNaN(seconds) ? Math.min(INTERVAL.most, Math.max(INTERVAL.least, Math.round(seconds))) : INTERVAL.usual);

/** @extends {Fed<import('./feeds.js').DiagnosticsState>} */
export class Diagnostics extends Fed {
	/** @type {Map<object, Wish>} */
	#wishes = new Map();
	#interval = INTERVAL.usual;
	/** What the server was told to choose. @type {string[]} */
	#told = [];
	#changing = false;

	plan() {
		const o = this.options, all = withDefaults({ ...o, url: undefined }), query = { update_interval: String(this.#interval) };
		return {
			place: placeOf({ url: o.url, server: all.url, page: globalThis.location?.href, query }, SYSTEM), token: tokenOf(all.token), ping: '{"type":"ping"}', pingMs: 30000,
			enabled: all.enabled !== false, reconnect: o.autoReconnect !== false, attempts: atLeast(o.maxReconnectAttempts, 0, 5), delayMs: atLeast(o.reconnectDelay, 1, 3000),
			poll: o.fallbackToPolling !== false || all.enabled === false, pollMs: atLeast(o.pollingInterval, 1, 30000),
		};
	}

	begin() {
		this.#settle();
		super.begin();
	}

	opened() {
		this.#told = [];
		this.#choose();
	}

	/** What a component wishes: all wishes of one turn are one. @param {object} who @param {Wish | null} wish */
	wish(who, wish) {
		if (wish) this.#wishes.set(who, wish);
		else this.#wishes.delete(who);
		if (this.#changing) return;
		this.#changing = true;
		queueMicrotask(() => {
			this.#changing = false;
			if (!this.#wishes.size) return; // the last one leaves: it is about to end
			this.#settle();
			this.replan();
			this.#choose();
		});
	}

	/** The shortest interval anybody wishes. */
	#settle() {
		if (this.#wishes.size) this.#interval = Math.min(...[...this.#wishes.values()].map((w) => whole(w.interval)));
	}

	/** The server sends what somebody looks at; all of it as soon as one looks at everything. */
	#choose() {
		if (!this.isOpen) return;
		const lists = [...this.#wishes.values()].map((w) => w.ids), union = [...new Set(lists.flat())];
		const wanted = lists.some((l) => !l.length) || union.length > IDS_MAX ? [] : union;
		const gone = this.#told.filter((id) => !wanted.includes(id)), more = wanted.filter((id) => !this.#told.includes(id));
		for (const resource_ids of portions(more)) this.send({ type: 'subscribe', resource_ids });
		for (const resource_ids of portions(gone)) this.send({ type: 'unsubscribe', resource_ids });
		this.#told = wanted;
	}

	/** A snapshot now, over whatever there is. */
	refresh() {
		if (!this.send({ type: 'get_snapshot' })) this.retry();
	}
}

const registry = createRegistry((options) => new Diagnostics(RULES, options));

/** @param {import('./feeds.js').LiveDiagnosticsConfig} options */
export const diagnosticsFor = (options) => registry.get(options);

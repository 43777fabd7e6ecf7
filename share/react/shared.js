// What several components of a page share: it is open while one of them holds it, and closed a moment after the last one left, so that
// a remount (a route, React's strict mode) is no reconnect. What it knows outlives the single component.

export const LINGER_MS = 1000;

/** @typedef {object} Holder */

/** @template S */
export class Shared {
	/** What is known; replaced, never changed. @type {S} */
	state;
	/** What is known before anything is. @type {S} */
	initial;
	/** @type {Set<Holder>} */
	#holders = new Set();
	/** @type {Set<() => void>} */
	#changed = new Set();
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	#closing;

	/** @param {S} initial */
	constructor(initial) {
		this.state = this.initial = initial;
	}

	// Of what stands over it: whether it is open, how it is opened, how it is ended (left: because nobody holds it any more).
	/** @returns {boolean} */
	get running() {
		return false;
	}
	begin() {}
	/** @param {boolean} _left */
	end(_left) {}

	get held() {
		return this.#holders.size > 0;
	}

	/** For useSyncExternalStore. @param {() => void} f */
	subscribe = (f) => {
		this.#changed.add(f);
		return () => void this.#changed.delete(f);
	};

	/** @param {S} next */
	become(next) {
		if (next === this.state) return;
		this.state = next;
		for (const f of [...this.#changed]) f();
	}

	/** @param {Holder} who */
	hold(who) {
		clearTimeout(this.#closing);
		this.#holders.add(who);
		if (!this.running) this.begin();
	}

	/** @param {Holder} who */
	release(who) {
		if (!this.#holders.delete(who) || this.#holders.size) return;
		clearTimeout(this.#closing);
		this.#closing = setTimeout(() => this.settle(), LINGER_MS);
	}

	/** Ends it now if nobody holds it: the one who left does so for another. */
	settle() {
		if (this.#holders.size || !this.running) return;
		clearTimeout(this.#closing);
		this.end(true);
	}

	/** Ends it for every component, until one of them connects. */
	disconnect() {
		clearTimeout(this.#closing);
		if (this.running) this.end(false);
	}
}

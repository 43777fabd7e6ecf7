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

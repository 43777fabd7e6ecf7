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

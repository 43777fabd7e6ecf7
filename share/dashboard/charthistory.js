// What the charts show before anything came live: /api/v1/system/stats, asked once for each range and again after a time without connection.

/**
 * @typedef {{minutes: number, series: import('./series.js').Series}} Level
 * @typedef {{state: 'idle'|'loading'|'ok'|'failed', reason: string}} Outcome
 */

const LIVE = new Set(['live', 'polling']);
const AGAIN_MS = 20000; // one that failed or brought nothing is not asked again sooner by itself

/** @param {unknown} error */
function reasonOf(error) {
	const e = /** @type {any} */ (error);
	if (e?.name === 'TimeoutError' || e?.name === 'AbortError') return 'the server did not answer in time';
	return typeof e?.message === 'string' && e.message ? e.message.slice(0, 200) : 'the request failed';
}

/**
 * @param {{getJson: ((path: string) => Promise<any>) | undefined, levels: Level[], names: () => Iterable<string>, now: () => number, changed: () => void}} options
 */
export function createHistory({ getJson, levels, names, now, changed }) {
	/** @type {Map<Level, Set<string>>} */
	const filled = new Map(levels.map((l) => [l, new Set()]));
	/** Since when a level is whole, seconds. @type {Map<Level, number>} */
	const since = new Map();
	/** @type {Outcome} */
	let outcome = { state: 'idle', reason: '' };
	let wanted = /** @type {Level | null} */ (null), busy = false, lost = false, gate = -Infinity, askAgain = 0;

	/** @param {Outcome['state']} state @param {string} [reason] */
	function tell(state, reason = '') {
		outcome = { state, reason };
		changed();
	}

	/** @param {Level} level @param {string[]} missing */
	async function load(level, missing) {
		const askedAt = now();
		const answer = await getJson?.(`/api/v1/system/stats?minutes=${level.minutes}&series=${missing.map(encodeURIComponent).join(',')}`);
		const told = answer?.time_series;
		const own = typeof told === 'object' && told !== null ? told : {};
		for (const name of missing) {
			if (Object.hasOwn(own, name)) level.series.fill(name, own[name]);
			filled.get(level)?.add(name);
		}
		since.set(level, Math.max(since.get(level) ?? 0, askedAt / 1000 - level.minutes * 60));
	}

	async function run() {
		if (busy || !getJson) return;
		busy = true;
		try {
			for (;;) {
				const level = wanted, have = level && filled.get(level);
				const missing = level && have ? [...names()].filter((n) => !have.has(n)) : [];
				if (!level || !missing.length) break;
				tell('loading');
				await load(level, missing);
				tell('ok');
			}
		} catch (error) {
			gate = now() + AGAIN_MS;
			tell('failed', reasonOf(error));
		}
		busy = false;
	}

	function forget() {
		for (const set of filled.values()) set.clear();
	}

	return {
		get outcome() { return outcome; },
		/** Is there history at this level, for anything? @param {Level} level */
		isFilled: (level) => (filled.get(level)?.size ?? 0) > 0,
		/** From when on a level has all there is, seconds. @param {Level} level */
		since: (level) => since.get(level) ?? Infinity,
		/** Sees to it that a level is filled for all names; asks only for what is missing. @param {Level} level */
		need(level) {
			wanted = level;
			if (outcome.state === 'failed' && now() < gate) return;
			run();
		},
		/** Names whose readings were not heard for a while: the history knows them. @param {Iterable<string>} missed */
		missed(missed) {
			if (now() < askAgain) return;
			askAgain = now() + AGAIN_MS;
			for (const name of missed) for (const set of filled.values()) set.delete(name);
			run();
		},
		/** Names that are no longer held. @param {string} name */
		drop(name) {
			for (const set of filled.values()) set.delete(name);
		},
		/** Whatever came before. */
		retry() {
			gate = -Infinity;
			run();
		},
		/** @param {string} state of the connection */
		link(state) {
			if (!LIVE.has(state)) {
				lost ||= state !== 'connecting';
				return;
			}
			const again = lost || outcome.state === 'failed';
			if (lost) forget();
			lost = false;
			if (again) this.retry();
		},
	};
}

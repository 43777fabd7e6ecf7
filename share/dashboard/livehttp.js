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
			}
		},
		/** Another token, another answer perhaps. */
		reopen() {
			closedUntil = -Infinity;
		},
	};
}

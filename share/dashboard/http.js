// The browser as a keeper of things, and requests with the token once there is one.

// The browser's storages, which may be missing, full or forbidden: then things hold until the page is left.

/** @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void, removeItem(key: string): void}} Keep */

/** @param {() => Storage} of @returns {Keep} */
function guarded(of) {
	/** @type {Map<string, string>} */
	const memory = new Map();
	/** @template T @param {(s: Storage) => T} f @param {T} otherwise */
	const attempt = (f, otherwise) => {
		try {
			return f(of());
		} catch {
			return otherwise;
		}
	};
	return {
		getItem: (key) => memory.get(key) ?? attempt((s) => s.getItem(key), null),
		setItem(key, value) {
			if (attempt((s) => (s.setItem(key, value), true), false)) memory.delete(key);
			else memory.set(key, value);
		},
		removeItem(key) {
			memory.delete(key);
			attempt((s) => s.removeItem(key), undefined);
		},
	};
}

export const local = guarded(() => localStorage);
export const session = guarded(() => sessionStorage);

// Requests to the server that has the records, with the token once there is one.

const TOKEN = 'kato_live_token';
const TIMEOUT_MS = 15000;

let server = ''; // what a path is put behind; '': where the page came from

/** From now on the records are asked for there: of another host, if the settings name one. @param {string} where */
export const setServer = (where) => void (server = where);

export const savedToken = () => session.getItem(TOKEN) ?? '';

/** @param {string} token */
export function saveToken(token) {
	if (token) session.setItem(TOKEN, token);
	else session.removeItem(TOKEN);
}

/** `#token=…` of the address: kept, and taken out of the address bar and of the history. */
export function tokenOfAddress() {
	const params = new URLSearchParams(location.hash.slice(1));
	const token = params.get('token');
	if (token === null) return;
	params.delete('token');
	const rest = params.toString();
	history.replaceState(history.state, '', `${location.pathname}${location.search}${rest ? `#${rest}` : ''}`);
	if (token.trim()) saveToken(token.trim());
}

/**
 * fetch with the token and an end: for every request of the page.
 * @param {string} path @param {RequestInit} [init]
 */
export function request(path, init = {}) {
	const headers = new Headers(init.headers), token = savedToken();
	if (token && !headers.has('Authorization')) headers.set('Authorization', `Bearer ${token}`);
	return fetch(server + path, { cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS), ...init, headers });
}

/** The JSON at a path; null when the server has no such thing (404) or does not know it yet (503). @param {string} path @returns {Promise<any>} */
export async function getJson(path) {
	const answer = await request(path);
	if (answer.ok) return answer.json();
	if (answer.status === 404 || answer.status === 503) return null;
	throw new Error(`${path}: HTTP ${answer.status}`);
}

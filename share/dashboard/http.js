// Requests to the server that has the records, with the token once there is one.
import { session } from './storage.js';

const KEY = 'kato_live_token';
const TIMEOUT_MS = 15000;

let server = ''; // what a path is put behind; '': where the page came from

/** From now on the records are asked for there: of another host, if the settings name one. @param {string} where */
export const setServer = (where) => void (server = where);

export const savedToken = () => session.getItem(KEY) ?? '';

/** @param {string} token */
export function saveToken(token) {
	if (token) session.setItem(KEY, token);
	else session.removeItem(KEY);
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

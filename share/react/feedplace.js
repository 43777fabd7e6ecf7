// Where a system's messages are, and where its HTTP: one server has them all, each below a path of its own. Pure.

/** All the paths by which a server of ours may have been named. */
const KNOWN = /(\/api\/v1)?\/ws(\/live-diagnostics|\/dashboard)?$/;

/**
 * @typedef {{path: string, port?: string, poll: string}} System path: of its WebSocket; port: of the page's host when nothing names a server (default: the page's own)
 * @typedef {{ws: string, http: string}} Place ws without a token; http: the address that is polled
 */

/** @param {unknown} url @param {string | undefined} page @returns {URL | null} */
function parsed(url, page) {
	try {
		const u = new URL(String(url).trim(), page && /^https?:/i.test(page) ? page : undefined);
		return /^(https?|wss?):$/.test(u.protocol) && u.host ? u : null;
	} catch {
		return null;
	}
}

/** @param {URL} u @param {string} pathname */
function moved(u, pathname) {
	const next = new URL(u);
	next.pathname = pathname;
	return next;
}

/** The system's WebSocket at the server that any of its addresses names. @param {URL} u @param {System} system */
const beside = (u, system) => moved(u, u.pathname.replace(/\/+$/, '').replace(KNOWN, '') + system.path);

/**
 * @param {{url?: unknown, server?: unknown, page?: string, query?: Record<string, string>}} of url: of this system's WebSocket, taken as it is; server: any address of the
 *   server's, used when there is no url; page: where we are; query: what is asked for, in place of what url says of it
 * @param {System} system
 * @returns {Place | null} null: no server is known
 */
export function placeOf({ url, server, page, query = {} }, system) {
	const own = url ? parsed(url, page) : null, other = !url && server ? parsed(server, page) : null, here = !url && !server && page ? parsed('/', page) : null;
	if (here && system.port) here.port = system.port;
	const from = own ?? other ?? here;
	if (!from) return null;
	const ws = own && own.pathname !== '/' ? own : beside(from, system), secure = /^(https|wss):$/.test(ws.protocol) ? 's' : '';
	for (const [name, value] of Object.entries(query)) ws.searchParams.set(name, value);
	const path = ws.pathname.replace(/\/+$/, ''), prefix = KNOWN.test(path) ? path.replace(KNOWN, '') : '';
	return { ws: `ws${secure}://${ws.host}${ws.pathname}${ws.search}`, http: `http${secure}://${ws.host}${prefix}${system.poll}` };
}

/** @param {string} ws @param {string} token '' : none */
export const withToken = (ws, token) => (token ? `${ws}${ws.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}` : ws);

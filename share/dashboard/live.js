/**
 * The live connection to a KATO Live server: one WebSocket for all who look, HTTP while that is gone, and back again. No DOM and nothing else of the page,
 * so any page and any Node script may use it (Node before 22 has no WebSocket: hand over that of package ws).
 *
 *     import { createLive } from './live.js';
 *     const live = createLive({ url: 'http://localhost:8080' });              // '' or a path: the server this page came from
 *     live.on('status', (s) => console.log(s.state, s.reason));               // at once, and on each change
 *     const stop = live.on('message', (message, { polled }) => {
 *         if (message.type === 'realtime_update') console.log(message.data, polled);
 *         if (message.type === 'system_alert') console.log(message.alerts);
 *     });
 *     live.want('me', ['metrics', 'system_alerts'], { every: 2 });            // once for each who looks; [] takes the wish away
 *     live.refresh();                                                         // all that is known, now
 *     setTimeout(() => { stop(); live.close(); }, 60000);
 *
 * Messages are the server's, parsed and otherwise as they came: look at `type`, and trust no member. What is asked for by HTTP comes in the same shapes with
 * meta.polled, what was missed while away with meta.late. Events come once, and in order but for those around a failed request, a
 * link that is long gone before older ones came, or a flag switched on again; after a restart of the server that forgot its history, once as far as they carry an `id`.
 * Nothing a server does makes live throw, and a listener that throws harms nobody else.
 */
import { Connection } from './livecore.js';

/**
 * @typedef {'connecting'|'live'|'reconnecting'|'polling'|'stale'|'off'|'unauthorized'} State
 * connecting: for the first time · live · reconnecting: nothing comes, retryAt says when the next try is · polling: by HTTP · stale: connected, and nothing
 * comes, or the server's input has ended · unauthorized: another token is needed (setToken) · off: closed, or no server to go to
 * @typedef {object} Status
 * @property {State} state
 * @property {number|null} retryAt when the next try is, ms of our clock
 * @property {number|null} latency ms there and back, as last measured
 * @property {number|null} heard when the server last said anything, ms of our clock
 * @property {number} since when this state began
 * @property {number} tries failed ones in a row; 0 when live
 * @property {number|null} code of the last closing; null when live
 * @property {string} reason in words, always
 * @property {Record<string, boolean>|null} flags the server's, once known
 * @property {string[]} polled what is asked for by HTTP though the connection is live, because the server does not push it
 * @property {string|null} epoch
 * @property {number|null} offset the newest event seen
 * @property {number} skew the server's clock less ours, ms
 *
 * @typedef {object} Options
 * @property {string} [url] '' or a path: of this page's server; http(s)://HOST; ws(s)://HOST/ws
 * @property {boolean} [enabled] false: HTTP only
 * @property {boolean} [containerStats] false: containers are neither subscribed nor polled
 * @property {boolean} [sessionEvents] false: sessions and their events likewise
 * @property {boolean} [alerts] false: alerts likewise
 * @property {boolean} [selectiveSubscriptions] false: one subscription to everything
 * @property {string} [token]
 * @property {any} [fetch]
 * @property {any} [WebSocket]
 * @property {() => number} [now]
 * @property {() => number} [random]
 * @property {(body: () => void, ms: number) => any} [setTimeout]
 * @property {(timer: any) => void} [clearTimeout]
 * @property {boolean} [debug] log each message with its latency, as localStorage.ws_debug = 'true' does
 *
 * @typedef {{polled: boolean, late?: boolean, received: number}} Meta
 * @typedef {object} Live
 * @property {((kind: 'message', f: (message: any, meta: Meta) => void) => () => void) & ((kind: 'status', f: (status: Status) => void) => () => void)} on
 *   gives a function that takes the listener away
 * @property {Status} status
 * @property {(owner: any, topics: string[], options?: {every?: number}) => void} want every: seconds between updates, at least; the smallest of all wishes holds
 * @property {() => void} refresh
 * @property {(token?: string) => void} setToken
 * @property {(text: string) => boolean} send a message of one's own; whether it left
 * @property {() => void} close for ever
 */

/** @param {Options} [options] @returns {Live} */
export function createLive(options = {}) {
	const c = new Connection(options);
	return {
		on: (/** @type {any} */ kind, /** @type {any} */ f) => c.on(kind, f),
		get status() {
			return c.status;
		},
		want: (owner, topics, more) => c.want(owner, topics, more),
		refresh: () => c.refresh(),
		setToken: (token) => c.setToken(token),
		send: (text) => c.send(text),
		close: () => c.close(),
	};
}

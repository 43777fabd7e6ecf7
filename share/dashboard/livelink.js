// One WebSocket, from its opening to its end, and whether anybody is still there. It never throws and says its end once.
import { isObject } from './livewire.js';

const OPEN_MS = 10000; // to the handshake's end
const PING_MS = 15000;
const QUIET_MS = 5000; // no answer for so long: doubtful
const DEAD_MS = 12000; // … and for so long: dead. With PING_MS a cut link is noticed within 27 s
const URGENT_MS = 5000; // when there is a reason to doubt
const LATE_MS = 2000; // a timer so much too late was held back, and the messages with it perhaps
const MESSAGE_MAX = 8 * 1024 * 1024; // characters; the server's lines have at most 1 MiB

/**
 * @typedef {{cancel: () => void}} Timer
 * @typedef {(ms: number, body: (late: number) => void) => Timer} Later runs body after ms, late: how much too late in ms
 * @typedef {{code: number, reason: string, opened: boolean, silent: boolean, status: number}} End status: HTTP status of a refused handshake where it can be known, else 0
 * @typedef {{send: (text: string) => boolean, check: () => void, end: (code?: number) => void}} Link
 */

/**
 * ping: what is sent every pingMs, to be answered with a message of type heartbeat or pong.
 * @param {{url: string, protocols: string[], ping?: string, pingMs?: number, WebSocket: any, later: Later, tick: () => number, onOpen: () => void,
 *   onMessage: (message: any, length: number) => void, onEnd: (end: End) => void, onQuiet: (quiet: boolean) => void, onLatency: (ms: number) => void}} of
 * @returns {Link}
 */
export function openLink(of) {
	const { later, tick, ping: question = 'ping', pingMs = PING_MS } = of;
	/** @type {any} */
	let socket = null;
	let opened = false, over = false, quiet = false, status = 0;
	let asked = 0, waits = false; // when the ping left; whether nothing came since
	let first = true; // what is measured while a page starts says more of the page: soon again
	let held = 0; // timers in a row that came late, with nothing heard between
	/** @type {Timer | null} */
	let timer = null;

	/** @param {number} ms @param {(late: number) => void} body */
	const next = (ms, body) => {
		timer?.cancel();
		timer = later(ms, body);
	};

	/** @param {Partial<End>} how */
	function finish(how) {
		if (over) return;
		over = true;
		timer?.cancel();
		release(socket);
		socket = null;
		of.onEnd({ code: 1006, reason: '', opened, silent: false, status, ...how });
	}

	/** @param {string} text */
	function send(text) {
		if (over || !opened || socket?.readyState !== 1) return false;
		try {
			socket.send(text);
			return true;
		} catch {
			return false;
		}
	}

	// Whoever answers at all lives: any message will do.
	/** @param {number} patience */
	function ping(patience) {
		asked = tick();
		waits = true;
		send(question);
		next(Math.min(QUIET_MS, patience), (late) => doubt(late, patience));
	}
	/** @param {number} late @param {number} patience */
	function doubt(late, patience) {
		if (!waits) return beat();
		if (late > LATE_MS && ++held < 2) return ping(URGENT_MS);
		setQuiet(true);
		if (patience <= QUIET_MS) return finish({ silent: true });
		next(patience - QUIET_MS, (tooLate) => doubt(tooLate, 0));
	}
	function beat() {
		next(first ? 0 : Math.max(0, pingMs - QUIET_MS), (tooLate) => ping(tooLate > LATE_MS ? URGENT_MS : DEAD_MS));
		first = false;
	}
	/** @param {boolean} on */
	function setQuiet(on) {
		if (quiet === on || over) return;
		quiet = on;
		of.onQuiet(on);
	}

	/** @param {any} data */
	function take(data) {
		waits = false;
		held = 0;
		setQuiet(false);
		if (typeof data !== 'string' || data.length > MESSAGE_MAX) return;
		let message;
		try {
			message = JSON.parse(data);
		} catch {
			return;
		}
		if (!isObject(message) || typeof message.type !== 'string') return;
		if (asked && (message.type === 'heartbeat' || message.type === 'pong')) {
			of.onLatency(Math.max(0, tick() - asked));
			asked = 0;
		}
		if (!over) of.onMessage(message, data.length);
	}

	try {
		socket = of.protocols.length ? new of.WebSocket(of.url, of.protocols) : new of.WebSocket(of.url);
		socket.onopen = () => {
			if (over) return;
			opened = true;
			of.onOpen();
			if (!over) ping(DEAD_MS);
		};
		socket.onmessage = (/** @type {any} */ e) => void (over || take(e?.data));
		socket.onerror = (/** @type {any} */ e) => {
			status = Number(/server response: (\d{3})/.exec(String(e?.message ?? ''))?.[1] ?? 0);
		};
		socket.onclose = (/** @type {any} */ e) => finish({ code: Number(e?.code) || 1006, reason: typeof e?.reason === 'string' ? e.reason : '' });
		next(OPEN_MS, () => opened || finish({ silent: true }));
	} catch (error) {
		later(0, () => finish({ reason: error instanceof Error ? error.message : '' }));
	}
	return {
		send,
		/** There is a reason to doubt: an answer within URGENT_MS, or it is over. */
		check: () => void (opened && !over && ping(URGENT_MS)),
		end(code = 1000) {
			if (over) return;
			over = true;
			timer?.cancel();
			release(socket, code);
			socket = null;
		},
	};
}

const nothing = () => {};

/** Ends a socket that is of no use any more; nothing it still says is heard. @param {any} socket @param {number} [code] */
function release(socket, code = 1000) {
	if (!socket) return;
	try {
		socket.onopen = socket.onmessage = socket.onclose = nothing;
		socket.onerror = nothing;
		if (socket.readyState < 2) socket.close(code);
	} catch {
		// it is over in any case
	}
}

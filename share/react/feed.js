// The messages of a server that are asked for at one address: over a WebSocket, by HTTP when that does not come about, and back again.
import { openLink } from '../dashboard/livelink.js';
import { createHttp, createTimers, onWake } from '../dashboard/liveparts.js';
import { closing, denial, isObject, words } from '../dashboard/livewire.js';
import { withToken } from './feedplace.js';

const CAP_MS = 30000; // between two tries
const SPREAD = 0.2; // … more or less: not all clients of a server come back in the same moment
const PROVEN_MS = 10000; // up so long: the next wait is short again
const BRIEF_MS = 1000; // … or so long, and something of substance came
const LATER_MS = 8000; // at least, when the server asks to come back later
const REFUSED_MS = 300000; // with the same token
const WATCH_MS = 2000; // for another token
const MANNERS = /^(connected|pong|heartbeat|error|subscribed|unsubscribed)$/;

/**
 * @typedef {object} Plan
 * @property {import('./feedplace.js').Place | null} place
 * @property {string} ping
 * @property {number} pingMs
 * @property {() => string} token '' : none
 * @property {boolean} enabled false: HTTP alone
 * @property {boolean} reconnect
 * @property {number} attempts failed ones in a row, then HTTP
 * @property {number} delayMs before the first of them; doubled for each further one, up to CAP_MS
 * @property {boolean} poll
 * @property {number} pollMs
 *
 * @typedef {object} FeedStatus
 * @property {boolean} open
 * @property {number} attempts tries to come back; 0 when open
 * @property {boolean} trying a try is on its way or will come by itself
 * @property {boolean} polling HTTP is asked
 * @property {boolean | null} answers whether it was answered last; null: not yet
 * @property {string} error what went wrong last, in words; '' when all is well
 *
 * @typedef {{setTimeout?: any, clearTimeout?: any, now?: () => number, random?: () => number, fetch?: any, WebSocket?: any}} World
 */

/** @type {FeedStatus} */
export const OFF = Object.freeze({ open: false, attempts: 0, trying: false, polling: false, answers: null, error: '' });

export class Feed {
	#plan;
	#of;
	#timers;
	#http;
	#random;
	#unhook;
	/** @type {import('../dashboard/livelink.js').Link | null} */
	#link = null;
	#token = '';
	#tries = 0;
	#upAt = 0;
	#substance = false;
	#refused = false;
	#retryAt = 0;
	#turn = 0; // counts what was asked by HTTP: only the newest answer counts
	#closed = false;
	/** @type {FeedStatus} */
	status = OFF;

	/** @param {Plan} plan @param {World & {onOpen: () => void, onMessage: (m: any) => void, onPolled: (body: any) => void, onStatus: (status: FeedStatus) => void}} of */
	constructor(plan, of) {
		this.#plan = plan;
		this.#of = of;
		this.#random = of.random ?? Math.random;
		this.#timers = createTimers(/** @type {any} */ (of), () => !this.#closed);
		const { later, now } = this.#timers;
		this.#http = createHttp({ base: '', fetch: of.fetch, token: () => this.#plan.token(), later, now, onAnswer: () => {} });
		this.#unhook = onWake(() => {
			this.#link?.check();
			this.#hurry();
		});
		this.#again(0);
	}

	// --- what is asked of it ---

	/** Another plan: what is open stays open, unless the address or the token is another one. @param {Plan} plan */
	follow(plan) {
		const before = this.#plan, dialed = this.#link !== null || this.#refused;
		this.#plan = plan;
		if (plan.place?.ws === before.place?.ws && plan.enabled === before.enabled && (!dialed || plan.token() === this.#token)) return;
		this.#drop();
		this.#tries = 0;
		this.#turn++;
		this.#timers.forget('poll', 'watch');
		this.#say(OFF);
		this.#again(0);
	}

	/** @param {string | object} message @returns {boolean} whether it left */
	send(message) {
		return this.status.open && this.#link?.send(typeof message === 'string' ? message : JSON.stringify(message)) === true;
	}

	/** Now, and not when it is due: the next try, and the next question by HTTP. */
	retry() {
		if (this.#closed || this.status.open) return;
		if (this.#plan.enabled && !this.#link) this.#dial();
		if (this.status.polling) this.#poll();
	}

	close() {
		this.#closed = true;
		this.#drop();
		this.#timers.forget('retry', 'poll', 'watch');
		this.#turn++;
		this.#http.end();
		this.#unhook();
	}

	// --- the WebSocket ---

	/** @param {number} ms from now */
	#again(ms) {
		this.#retryAt = this.#timers.now() + ms;
		this.#timers.wait('retry', ms, () => this.#dial());
		this.#say({ trying: true });
	}

	#dial() {
		const { later, tick } = this.#timers, { place, enabled, ping, pingMs, token } = this.#plan, WebSocket = this.#of.WebSocket ?? globalThis.WebSocket;
		this.#timers.forget('retry', 'watch');
		this.#drop();
		if (!place || !enabled || typeof WebSocket !== 'function') {
			this.#say({ trying: false });
			return this.#fall(!place ? 'No server: outside a page the url must name one' : enabled ? 'No WebSocket here' : '');
		}
		this.#token = token();
		this.#substance = this.#refused = false;
		const link = openLink({
			url: withToken(place.ws, this.#token), protocols: [], ping, pingMs, WebSocket, later, tick,
			onOpen: () => this.#opened(),
			onMessage: (m) => this.#take(m),
			onEnd: (end) => this.#link === link && this.#ended(end),
			onQuiet: () => {},
			onLatency: () => {},
		});
		this.#link = link;
		this.#say({ trying: true });
	}

	/** The link is of no use any more, and has no say. */
	#drop() {
		this.#link?.end();
		this.#link = null;
	}

	#opened() {
		this.#upAt = this.#timers.now();
		this.#timers.forget('poll');
		this.#turn++;
		this.#say({ ...OFF, open: true });
		this.#of.onOpen();
	}

	/** @param {any} m */
	#take(m) {
		this.#substance ||= !MANNERS.test(m.type);
		this.#of.onMessage(m);
	}

	/** @param {import('../dashboard/livelink.js').End} end */
	#ended(end) {
		const up = this.#timers.now() - this.#upAt, good = end.opened && (up >= PROVEN_MS || (this.#substance && up >= BRIEF_MS));
		const { kind, why } = end.opened && !end.silent ? closing(end.code, end.reason) : { kind: /** @type {const} */ ('lost'), why: '' };
		this.#drop();
		if (good) this.#tries = 0;
		const error = why || (end.opened ? 'No answer any more: the link is dead' : words(end.reason) || 'The server does not answer');
		this.#say({ open: false, error });
		if (kind === 'refused' || kind === 'token') return this.#refuse(error);
		this.#comeBack(kind, error);
		if (end.status) this.#judge(end.status, 0);
		else if (!end.opened) this.#probe();
	}

	/** @param {'lost'|'later'|'soon'} kind @param {string} error */
	#comeBack(kind, error) {
		const { reconnect, attempts, delayMs } = this.#plan;
		if (!reconnect || this.#tries >= attempts) this.#fall(error);
		if (!reconnect) return this.#say({ trying: false });
		const wait = Math.min(CAP_MS, delayMs * 2 ** Math.min(20, this.#tries++)) * (1 - SPREAD + 2 * SPREAD * this.#random());
		this.#say({ attempts: this.#tries });
		this.#again(kind === 'soon' ? 1000 + this.#random() * 4000 : kind === 'later' ? Math.max(wait, LATER_MS * (1 + this.#random())) : wait);
	}

	/** Not again with this token, or not soon. @param {string} why */
	#refuse(why) {
		this.#refused = true;
		this.#say({ error: why, open: false });
		this.#fall(why);
		if (!this.#plan.reconnect) return this.#say({ trying: false });
		this.#again(REFUSED_MS);
		this.#watch();
	}

	#watch() {
		this.#timers.wait('watch', WATCH_MS, () => (this.#plan.token() === this.#token ? this.#watch() : this.#dial()));
	}

	/** A sign of life: the next try comes soon. */
	#hurry() {
		const ms = this.#random() * 1000;
		if (!this.#link && !this.#refused && this.#timers.waits('retry') && this.#retryAt - this.#timers.now() > ms) this.#again(ms);
	}

	/** A browser's WebSocket does not say why it was refused; the same address by HTTP does. */
	async #probe() {
		const mine = this.#tries, url = withToken(this.#plan.place?.ws ?? '', this.#token).replace(/^ws/, 'http');
		const answer = await this.#http.get(url).catch(() => null);
		if (answer && !this.#closed && !this.status.open && mine === this.#tries) this.#judge(answer.status, answer.retryAfter);
	}

	/** @param {number} status of a refused handshake @param {number} retryAfter */
	#judge(status, retryAfter) {
		if (status === 401 || status === 403) return this.#refuse(denial(status, this.#token));
		if (status === 429) {
			this.#say({ error: 'Too many connections: the server asks to wait (429)' });
			if (this.#timers.waits('retry')) this.#again(Math.max(retryAfter, this.#retryAt - this.#timers.now()));
		} else if (status === 503) this.#fall('The server does not serve live updates (503)');
		else if (status && this.#tries >= 2) this.#fall('The server answers, but not its WebSocket');
	}

	// --- HTTP ---

	/** HTTP from now on, until there is a WebSocket again. @param {string} error */
	#fall(error) {
		if (this.status.polling) return;
		const polling = this.#plan.poll && this.#plan.place !== null;
		this.#say({ polling, answers: null, error });
		if (polling) this.#poll();
	}

	async #poll() {
		const mine = ++this.#turn, { place, pollMs, token } = this.#plan;
		this.#timers.forget('poll');
		const answer = await this.#http.get(place?.http ?? '').catch(() => null);
		if (mine !== this.#turn) return;
		this.#timers.wait('poll', Math.max(pollMs, answer?.retryAfter ?? 0), () => this.#poll());
		const { status = 0, body = null } = answer ?? {}, gone = this.status.answers === false;
		const alive = status === 200 || (status === 503 && isObject(body)); // 503: nothing is known yet
		this.#say({ answers: alive, error: alive ? '' : wrong(status, token()) });
		if (status === 200 && isObject(body)) this.#of.onPolled(body);
		if (gone && alive && this.#refused) this.#dial();
		else if (gone && alive) this.#hurry();
	}

	// --- what is said of it ---

	/** @param {Partial<FeedStatus>} part */
	#say(part) {
		const next = { ...this.status, ...part };
		if (JSON.stringify(next) === JSON.stringify(this.status)) return;
		this.status = next;
		if (!this.#closed) this.#of.onStatus(next);
	}
}

/** @param {number} status @param {string} token */
const wrong = (status, token) => (status === 401 || status === 403 ? denial(status, token) : status ? `The server answers HTTP ${status}` : 'No answer from the server');

// The connection behind live.js: when to connect and when to come back, when to ask by HTTP, and what to say of it.
import { openLink } from './livelink.js';
import { createPast } from './livepast.js';
import { createPoller } from './livepoll.js';
import { createHttp, createListeners, createTimers, createWants, newLink, onWake, say } from './liveparts.js';
import { GROUPS, addresses, closing, denial, flagsOf, greeting, isObject, isOffset, isSubstance, waitOf, words } from './livewire.js';

const TRIES_MAX = 5; // failed ones, then HTTP
const PATIENCE_MS = 15000; // … and after so long without a connection in any case
const PROVEN_MS = 10000; // up so long: the next wait is short again
const BRIEF_MS = 1000; // … or so long, and something of substance came
const SPACE_MS = 150; // between changes of the subscription: under the server's 20 messages a second
const SLOW_MS = 2000; // an answer so late says nothing of the server's clock, nor does a difference so small by HTTP

export class Connection {
	/** @type {import('./live.js').Options} */ #options;
	#token = '';
	#now;
	#where;
	#listeners;
	#wants;
	#past;
	#poller;
	#http;
	#unhook = () => {};
	/** @type {import('./liveparts.js').Phase} */
	#phase = 'idle';
	#why = '';
	/** @type {import('./livelink.js').Link|null} */
	#link = null;
	#seen = newLink(0);
	#timers;
	#tries = 0;
	#step = 0; // waits since the last good connection
	#network = true; // we wait because of the network alone: a sign of life may shorten it
	#fallback = ''; // why HTTP is asked
	/** Whether HTTP was answered last. @type {boolean|null} */
	#answers = null;
	#before = false; // something came already
	#pushedAt = -Infinity;
	#probes = 0;
	#told = '';
	#facts = {
		since: 0, retryAt: /** @type {number|null} */ (null), latency: /** @type {number|null} */ (null), heard: /** @type {number|null} */ (null),
		code: /** @type {number|null} */ (null), flags: /** @type {Record<string, boolean>|null} */ (null), skew: 0,
	};
	/** @type {import('./live.js').State} */
	#state = 'connecting';

	/** @param {import('./live.js').Options} given */
	constructor(given) {
		const options = isObject(given) ? given : {};
		this.#options = options;
		this.#token = typeof options.token === 'string' ? options.token : '';
		this.#where = addresses(options.url, globalThis.location?.href);
		this.#timers = createTimers(options, () => this.#phase !== 'off');
		this.#now = this.#timers.now;
		this.#facts.since = this.#now();
		this.#listeners = createListeners(options.debug);
		this.#wants = createWants(options);
		const { later, now } = this.#timers, get = (/** @type {string} */ path) => this.#http.get(path);
		this.#http = createHttp({
			base: this.#where?.http ?? '', fetch: options.fetch, token: () => this.#token, later, now, onAnswer: (status, answer) => this.#answered(status, answer),
		});
		this.#past = createPast({ get, later, topics: () => this.#wants.topics, deliver: (m, how) => this.#deliver(m, how) });
		this.#poller = createPoller({ get, later, now, serverNow: () => this.#serverNow(), past: this.#past, deliver: (m) => this.#deliver(m, { polled: true }) });
		this.#unhook = onWake(() => {
			this.#link?.check();
			this.#hurry();
		});
		this.#begin();
	}

	/** Nothing leaves in the turn of the call: its caller says first what it wants. */
	#begin() {
		if (!this.#where) this.#become('off', 'No server: outside a page the url must name one');
		else if (this.#options.enabled === false) {
			this.#why = 'Live updates are switched off for this page';
			this.#timers.wait('retry', 0, () => this.#changed());
		} else {
			this.#why = `Connecting to ${this.#where.host}`;
			this.#phase = 'dialing';
			this.#timers.wait('retry', 0, () => this.#dial());
			this.#bePatient();
		}
	}

	// --- what is asked of it ---

	/** @param {'message'|'status'} kind @param {any} f */
	on(kind, f) {
		const away = this.#listeners.add(kind, f);
		if (kind === 'status' && typeof f === 'function') this.#listeners.call(f, this.status);
		return away;
	}

	/** All that is wished in one turn goes in one message. @param {any} owner @param {string[]} topics @param {{every?: number}} [more] */
	want(owner, topics, more) {
		this.#wants.set(owner, topics, more);
		if (this.#timers.waits('push') || this.#phase === 'off') return;
		const wait = this.#phase === 'up' ? this.#pushedAt + SPACE_MS - this.#now() : 0;
		if (wait > 0) this.#timers.wait('push', wait, () => this.#push());
		else this.#timers.soon('push', () => this.#push());
	}

	/** All that is known, now. */
	refresh() {
		if (this.#phase === 'off') return;
		if (this.#isUp()) {
			this.send('{"type":"get_snapshot"}');
			if (this.#poller.running) this.#poller.refresh();
			return;
		}
		if (['refused', 'unauthorized'].includes(this.#phase) || (this.#phase === 'waiting' && this.#network)) this.#dial();
		this.#poller.refresh();
	}

	/** @param {string} [token] '' or none: without one */
	setToken(token) {
		if (this.#phase === 'off') return;
		this.#token = typeof token === 'string' ? token : '';
		this.#answers = null;
		this.#http.reopen();
		if (this.#options.enabled === false) {
			this.#become('idle', 'Live updates are switched off for this page');
			this.#poller.refresh();
			return;
		}
		this.#drop();
		this.#tries = this.#step = 0;
		this.#fallback = '';
		this.#bePatient();
		this.#dial();
	}

	/** @param {string} text @returns {boolean} */
	send(text) {
		return this.#phase === 'up' && typeof text === 'string' && this.#link?.send(text) === true;
	}

	close() {
		if (this.#phase === 'off') return;
		this.#stopTrying();
		this.#past.letGo();
		this.#timers.forget('push');
		this.#become('off', 'Closed');
		this.#poller.stop();
		this.#http.end();
		this.#unhook();
		this.#listeners.clear();
	}

	// --- the WebSocket ---

	#serverNow = () => this.#now() + this.#facts.skew;
	#isUp = () => this.#phase === 'up' && this.#seen.heard;

	#dial() {
		const WebSocket = this.#options.WebSocket ?? globalThis.WebSocket, { ws, host } = /** @type {{ws: string, host: string}} */ (this.#where);
		this.#timers.forget('retry');
		this.#facts.retryAt = null;
		if (typeof WebSocket !== 'function') return this.#refuse('No WebSocket here: hand one over as the option of that name');
		this.#drop();
		this.#wants.forget();
		this.#seen = newLink(this.#now());
		const link = openLink({
			...greeting(ws, this.#token), WebSocket, later: this.#timers.later, tick: this.#options.now ?? this.#timers.tick,
			onOpen: () => this.#opened(),
			onMessage: (m) => this.#take(m),
			onEnd: (end) => this.#link === link && this.#ended(end),
			onQuiet: (quiet) => {
				this.#seen.quiet = quiet;
				this.#changed();
			},
			onLatency: (ms) => void (this.#facts.latency = ms),
		});
		this.#link = link;
		this.#become('dialing', `Connecting to ${host}`);
	}

	/** The link is of no use any more, and has no say. */
	#drop() {
		this.#link?.end();
		this.#link = null;
		this.#past.cut();
		this.#facts.latency = null;
	}

	#opened() {
		this.#phase = 'up';
		this.#seen.at = this.#now();
		this.#push(this.#past.since);
	}

	/** Brings the subscription to what is wanted now. @param {import('./livepast.js').Place|null} [since] resume, on a new connection */
	#push(since) {
		this.#timers.forget('push');
		this.#wants.settle();
		this.#replan();
		if (this.#phase !== 'up') return;
		const messages = this.#wants.messages(since);
		if (messages.length) this.#pushedAt = this.#now();
		for (const m of messages) this.#link?.send(m);
	}

	/** @param {any} m */
	#take(m) {
		const seen = this.#seen, first = !seen.heard, substance = isSubstance(m);
		this.#facts.heard = this.#now();
		if (first) this.#cameUp();
		seen.substance ||= substance;
		if (m.type === 'connected') this.#greeted(m);
		else if (m.type === 'subscribed') this.#past.subscribed(m);
		else if (m.type === 'heartbeat' || m.type === 'pong') this.#beaten(m);
		if (first || !substance) this.#changed();
		if (substance && isOffset(m.offset)) this.#past.take(m);
		else if (/^(system_alert|session_event|container_event)$/.test(m.type)) this.#past.takeBare(m);
		else this.#deliver(m, { polled: false });
	}

	#cameUp() {
		this.#seen.heard = true;
		this.#before = true;
		this.#fallback = '';
		this.#facts.code = null;
		this.#timers.forget('patience');
	}

	/** @param {any} m */
	#greeted(m) {
		const sent = Date.parse(m.timestamp);
		this.#seen.ended = m.input === 'ended' ? 'the input has ended' : '';
		this.#facts.flags = flagsOf(m.flags) ?? this.#facts.flags;
		// a clock may have been set while we were away; the next answer to a ping refines it
		if (Number.isFinite(sent) && !this.#seen.greeted) this.#facts.skew = Math.round(sent - this.#now());
		if (!this.#seen.greeted) this.#past.greet(m);
		this.#seen.greeted = true;
	}

	/** @param {any} m */
	#beaten(m) {
		const sent = Date.parse(m.timestamp), { latency } = this.#facts;
		if (Number.isFinite(sent) && latency !== null && latency < SLOW_MS) this.#facts.skew = Math.round(sent + latency / 2 - this.#now());
		this.#past.answered();
	}

	/** @param {import('./livelink.js').End} end */
	#ended(end) {
		const up = this.#now() - this.#seen.at, good = end.opened && (up >= PROVEN_MS || (this.#seen.substance && up >= BRIEF_MS));
		const { kind, why } = end.opened && !end.silent ? closing(end.code, end.reason) : { kind: /** @type {const} */ ('lost'), why: '' };
		this.#drop();
		this.#facts.code = end.opened && !end.silent ? end.code : null;
		this.#tries = good ? 0 : this.#tries + 1;
		if (good && kind !== 'later') this.#step = 0;
		if (kind === 'token') return this.#deny(why);
		if (kind === 'refused') return this.#refuse(why);
		if (good) this.#bePatient();
		this.#network = kind === 'lost';
		this.#why = why || (end.opened ? 'No answer any more: the link is dead' : words(end.reason) || 'The server does not answer');
		this.#retryIn(waitOf(kind, this.#step++, this.#options.random ?? Math.random));
		if (this.#tries >= TRIES_MAX) this.#fall(`${this.#tries} tries to connect failed`);
		if (end.status) this.#judge(end.status, 0);
		else if (!end.opened) this.#probe();
	}

	/** @param {number} ms */
	#retryIn(ms) {
		this.#facts.retryAt = this.#now() + ms;
		this.#timers.wait('retry', ms, () => this.#dial());
		this.#become('waiting', this.#why);
	}

	/** A sign of life: the next try comes soon. */
	#hurry() {
		const ms = (this.#options.random ?? Math.random)() * 1000, due = this.#facts.retryAt;
		if (this.#phase === 'waiting' && this.#network && due !== null && due - this.#now() > ms) this.#retryIn(ms);
	}

	/** A browser's WebSocket does not say why it was refused; the same address by HTTP does. */
	async #probe() {
		const mine = ++this.#probes, { ws } = /** @type {{ws: string}} */ (this.#where);
		const answer = await this.#http.get(ws.replace(/^ws/, 'http')).catch(() => null);
		if (answer && mine === this.#probes && ['waiting', 'dialing'].includes(this.#phase)) this.#judge(answer.status, answer.retryAfter);
	}

	/** @param {number} status @param {number} retryAfter */
	#judge(status, retryAfter) {
		if (status === 401 || status === 403) return this.#deny(denial(status, this.#token));
		if (status === 503) return this.#fall('The server does not serve live updates (503)');
		if (status === 429 && this.#phase === 'waiting') {
			this.#why = 'Too many connections: the server asks to wait (429)';
			this.#network = false;
			this.#retryIn(Math.max(retryAfter, (this.#facts.retryAt ?? 0) - this.#now()));
		} else if (status && this.#tries >= 2) this.#fall('The server answers, but not its WebSocket');
	}

	#bePatient() {
		this.#timers.wait('patience', PATIENCE_MS, () => this.#fall('No live connection comes about'));
	}

	/** HTTP from now on, until live again. @param {string} why */
	#fall(why) {
		this.#fallback ||= why;
		this.#changed();
	}

	/** Not again with the same request; HTTP may still answer. @param {string} why */
	#refuse(why) {
		this.#stopTrying();
		this.#fallback = why;
		this.#become('refused', why);
	}

	/** @param {string} why */
	#deny(why) {
		this.#stopTrying();
		this.#become('unauthorized', why);
	}

	#stopTrying() {
		this.#timers.forget('retry', 'patience');
		this.#facts.retryAt = null;
		this.#drop();
	}

	// --- HTTP ---

	/** Of every request for data. @param {number} status 0: none came @param {import('./liveparts.js').Answer|null} answer */
	#answered(status, answer) {
		if (this.#phase === 'off') return;
		const before = this.#answers;
		this.#answers = status > 0 && (status < 500 || (status === 503 && isObject(answer?.body)));
		if (this.#answers) this.#facts.heard = this.#now();
		if (this.#answers && this.#polls()) this.#before = true;
		const skew = answer?.date ? answer.date + 500 - this.#now() : this.#facts.skew; // to the second
		if (!this.#isUp() && Math.abs(skew - this.#facts.skew) > SLOW_MS) this.#facts.skew = Math.round(skew);
		if ((status === 401 || status === 403) && this.#phase !== 'up') return this.#deny(denial(status, this.#token));
		if (before === false && this.#answers) this.#hurry();
		this.#changed();
	}

	/** What is to be asked for by HTTP now. */
	#replan() {
		const up = this.#isUp(), all = !up && this.#phase !== 'unauthorized' && this.#phase !== 'off' && this.#polls();
		this.#poller.follow({ topics: this.#wants.topics, every: this.#wants.every, all, off: up ? this.#wants.unpushed(this.#facts.flags) : [] });
	}
	#polls = () => this.#options.enabled === false || this.#fallback !== '';

	/** @param {any} message @param {{polled: boolean, late?: boolean}} how */
	#deliver(message, how) {
		const m = this.#phase === 'off' ? null : this.#wants.allowed(message);
		if (!m) return;
		this.#listeners.log(m, how.polled, this.#serverNow());
		this.#listeners.tell('message', m, { ...how, received: this.#now() });
	}

	// --- what is said of it ---

	/** @param {import('./liveparts.js').Phase} phase @param {string} why */
	#become(phase, why) {
		this.#phase = phase;
		this.#why = why;
		this.#changed();
	}

	/** @returns {[import('./live.js').State, string]} */
	#say() {
		const { ended, quiet } = this.#seen;
		return say({
			phase: this.#phase, why: this.#why, host: this.#where?.host ?? '', up: this.#isUp(), quiet, ended, unpushed: this.#unpushed(), polls: this.#polls(),
			answers: this.#answers, fallback: this.#fallback, before: this.#before || this.#tries > 0,
		});
	}
	#unpushed = () => (this.#isUp() ? this.#wants.unpushed(this.#facts.flags).map((o) => GROUPS[o].words) : []);

	/** Something happened: asks for what is to be asked for, and says so if it looks different now. */
	#changed() {
		this.#replan();
		const [state] = this.#say();
		if (state !== this.#state) this.#facts.since = this.#now();
		this.#state = state;
		const { heard: _heard, skew: _skew, offset: _offset, ...seen } = this.status, key = JSON.stringify(seen);
		if (key === this.#told) return;
		this.#told = key;
		this.#listeners.tell('status', this.status);
	}

	/** @returns {import('./live.js').Status} */
	get status() {
		const [state, reason] = this.#say(), place = this.#past.place;
		return Object.freeze({
			...this.#facts, state, reason, tries: this.#isUp() ? 0 : this.#tries, polled: this.#unpushed(), epoch: place?.epoch ?? null, offset: place?.offset ?? null,
		});
	}
}

// A world without time of its own for live.js: a clock that is moved by hand, a server that does what a test says, and nothing real.
import { createLive } from '../../share/dashboard/live.js';

const START = Date.UTC(2026, 10, 21, 12);
const turn = () => new Promise((r) => setImmediate(r));

/** @param {{random?: () => number}} [options] */
export function world({ random = () => 0.5 } = {}) {
	let now = START, ids = 0;
	const timers = new Map(), lives = [];
	const w = {
		/** @type {any[]} */ sockets: [],
		/** @type {string[]} */ asked: [],
		/** what a new socket meets; by default nobody is there */
		joined: (socket) => socket.refuse(),
		/** what HTTP answers: [status, body, headers]; null: nobody is there */
		answer: (_path, _init) => null,
		random,
		now: () => now,
		timers: () => timers.size,
		setTimeout(body, ms) {
			timers.set(++ids, { at: now + Math.max(0, ms), body });
			return ids;
		},
		clearTimeout: (id) => void timers.delete(id),
		/** Moves the clock on, timer by timer; each finds the world settled. */
		async pass(ms) {
			const end = now + ms;
			await turn();
			for (;;) {
				const next = [...timers].filter(([, x]) => x.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
				if (!next) break;
				timers.delete(next[0]);
				now = Math.max(now, next[1].at);
				next[1].body();
				await turn();
			}
			now = end;
			await turn();
		},
		/** The machine sleeps: time goes, no timer runs. */
		sleep: (ms) => void (now += ms),
		fetch: async (url, init) => {
			w.asked.push(url.replace('http://sim', ''));
			await turn();
			const answer = await w.answer(url.replace('http://sim', ''), init);
			if (init.signal?.aborted || !answer) throw new TypeError('fetch failed');
			const [status, body = null, headers = {}] = answer;
			return { status, ok: status < 300, headers: new Headers(headers), json: async () => JSON.parse(JSON.stringify(body)) };
		},
		/** @param {any} [options] */
		live(options = {}) {
			const live = createLive({
				url: 'ws://sim/ws', now: w.now, random: () => w.random(), setTimeout: w.setTimeout, clearTimeout: w.clearTimeout, fetch: w.fetch,
				WebSocket: class extends FakeSocket {
					constructor(url, protocols) {
						super(w, url, protocols);
					}
				},
				...options,
			});
			const got = { messages: [], states: [], live };
			live.on('message', (m, meta) => got.messages.push({ ...m, meta }));
			live.on('status', (s) => got.states.at(-1) === s.state || got.states.push(s.state));
			lives.push(live);
			return Object.assign(live, { got });
		},
		/** The newest socket. @returns {any} */
		get socket() {
			return w.sockets.at(-1);
		},
		greet: (socket, more = {}) => socket.say({ type: 'connected', timestamp: new Date(now).toISOString(), epoch: 'one', offset: 0, ...more }),
		/** A server that takes everybody and answers pings. */
		serve(more = {}) {
			w.joined = (socket) => {
				socket.open();
				w.greet(socket, more);
			};
		},
	};
	return w;
}

export class FakeSocket {
	readyState = 0;
	/** @type {any[]} what it was sent, but for pings */ sent = [];
	deaf = false; // the link is up, and nothing answers
	closedWith = null;
	/** @type {any} */ onopen;
	/** @type {any} */ onmessage;
	/** @type {any} */ onerror;
	/** @type {any} */ onclose;
	/** @type {any} */ took;
	constructor(w, url, protocols) {
		this.w = w;
		this.url = url;
		this.protocols = protocols;
		w.sockets.push(this);
		w.setTimeout(() => this.readyState === 0 && w.joined(this), 1);
	}
	open() {
		this.readyState = 1;
		this.onopen?.({});
	}
	refuse() {
		this.shut(1006);
	}
	shut(code, reason = '') {
		if (this.readyState === 3) return;
		this.readyState = 3;
		if (code === 1006) this.onerror?.({});
		this.onclose?.({ code, reason });
	}
	say(message) {
		if (this.readyState === 1) this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
	}
	send(text) {
		if (this.readyState !== 1) throw new Error('not open');
		if (text !== 'ping') this.sent.push(JSON.parse(text));
		if (this.deaf) return;
		if (text === 'ping') this.w.setTimeout(() => this.say({ type: 'heartbeat', timestamp: new Date(this.w.now()).toISOString() }), 2);
		else this.took?.(JSON.parse(text));
	}
	close(code) {
		this.closedWith = code;
		this.readyState = 3;
	}
}

const stampOf = (w) => new Date(w.now()).toISOString();

/**
 * A broadcaster of few words: keeps events, replays them, answers /api/v1/events. Modes of a lesser one: {resumes: false} knows of no since,
 * {history: false} answers no /api/v1/events.
 */
export function simServer(w, { resumes = true, history = true, keeps = 1000 } = {}) {
	const s = {
		epoch: 'e1', events: [], offset: 0, up: true, http: true, links: new Set(), queries: [],
		event(type = 'system_alert', more = {}) {
			const e = { type, id: `${type}-${s.made++}`, timestamp: stampOf(w), source: 'sim', offset: ++s.offset, ...more };
			s.events.push(e);
			if (s.events.length > keeps) s.events.shift();
			for (const l of s.links) if (l.wants(type)) l.say(e);
			return e;
		},
		made: 0,
		/** What happens right behind a greeting. */
		greeted: () => {},
		/** Links end; the server stays. */
		cut(code = 1006) {
			for (const l of s.links) l.shut(code);
			s.links.clear();
		},
		/** Another process, which remembers nothing. */
		restart() {
			s.cut();
			s.epoch = `e${Number(s.epoch.slice(1)) + 1}`;
			s.events = [];
			s.offset = 0;
		},
	};
	const standard = ['session_event', 'system_alert', 'container_event'];
	w.joined = (socket) => {
		if (!s.up) return socket.refuse();
		let set = null;
		socket.wants = (type) => (set ? set.has(type) || set.has(`${type}s`) || set.has('*') : standard.includes(type));
		socket.took = (m) => void w.setTimeout(() => took(m), 1);
		const took = (m) => {
			if (m.type === 'unsubscribe') for (const t of m.subscriptions) set?.delete(t);
			if (m.type === 'subscribe') set = new Set([...(set ?? []), ...m.subscriptions]);
			const reply = { type: 'subscribed', timestamp: stampOf(w), subscriptions: [...(set ?? standard)], epoch: s.epoch, offset: s.offset };
			const since = resumes ? m.since : undefined, whole = since && since.epoch === s.epoch && since.offset <= s.offset && since.offset >= s.offset - s.events.length;
			const replay = whole ? s.events.filter((e) => e.offset > since.offset && socket.wants(e.type)) : [];
			socket.say({ ...reply, ...(since ? { recovered: Boolean(whole), replayed: replay.length } : {}) });
			for (const e of replay) socket.say(e);
		};
		s.links.add(socket);
		socket.open();
		w.greet(socket, { epoch: s.epoch, offset: s.offset });
		s.greeted();
	};
	w.answer = (path) => {
		if (!s.up || !s.http) return null;
		const u = new URL(path, 'http://sim');
		if (u.pathname === '/ws') return [426];
		if (u.pathname !== '/api/v1/events' || !history) return [404, { detail: 'no such route' }];
		s.queries.push(u.search);
		const [epoch, offset] = (u.searchParams.get('since') ?? ':').split(':'), type = u.searchParams.get('type');
		const list = s.events.filter((e) => (epoch !== s.epoch || e.offset > Number(offset)) && (!type || e.type === type));
		return [200, { events: list.reverse().slice(0, Number(u.searchParams.get('limit') ?? 100)), epoch: s.epoch, offset: s.offset }];
	};
	return s;
}

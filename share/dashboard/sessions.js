// The page of sessions: how many now, how that went, and the feed of those created and destroyed.
import { h, relTime, setAttr, setHidden, setRelTime, setText, timeEl } from './dom.js';
import { clock, count, text } from './format.js';
import { num, part } from './containerrows.js';
import { FEED_MAX, createFeed } from './sessionfeed.js';

/** @typedef {import('./sessionfeed.js').Change} Change @typedef {'all' | 'created' | 'destroyed'} Kind */

const TOPICS = ['sessions', 'session_events'];
const MINUTE = 60000, HOUR = 3600000;
/** @type {[Kind, string][]} */
const KINDS = [['all', 'All'], ['created', 'Created'], ['destroyed', 'Destroyed']];

/** "+3, now 12" @param {Change} c */
export const changeWords = (c) => `${c.delta > 0 ? '+' : '−'}${count(Math.abs(c.delta))}${c.now === null ? '' : `, now ${count(c.now)}`}`;

/** @param {string} label @param {string} value @returns {HTMLElement | null} */
const named = (label, value) => (value ? h('span', { class: 'named' }, h('span', { class: 'quiet' }, label), ' ', h('span', { dir: 'auto' }, value)) : null);

/** @param {Change} c */
function item(c) {
	return h('li', { class: c.created ? 'created' : 'destroyed' }, h('span', { class: `mark ${c.created ? 'good' : 'quiet'}`, 'aria-hidden': 'true' }),
		h('strong', null, c.created ? 'Created' : 'Destroyed'), h('span', { class: 'delta' }, changeWords(c)),
		h('span', { class: 'about' }, named('session', c.session), named('node', c.node), named('reason', c.reason)),
		h('span', { class: 'times' }, relTime(c.at), ' ', h('span', { class: 'quiet' }, timeEl(c.at, { short: true }))));
}

/** The feed's elements, each kept while its event is shown. */
function createList() {
	const el = h('ol', { class: 'feed', 'aria-label': 'Session events' });
	/** @type {Map<string, HTMLElement>} */
	let items = new Map();
	/** @param {Change[]} changes newest first */
	function draw(changes) {
		/** @type {typeof items} */
		const next = new Map();
		let at = el.firstElementChild;
		for (const c of changes) {
			const li = items.get(c.id) ?? item(c);
			next.set(c.id, li);
			if (li === at) at = at.nextElementSibling;
			else el.insertBefore(li, at);
		}
		for (const [id, li] of items) if (!next.has(id)) li.remove();
		items = next;
	}
	return { el, draw };
}

/** @param {(kind: Kind) => void} onChoice */
function createFilter(onChoice) {
	const buttons = KINDS.map(([kind, label]) => ({ kind, el: h('button', { type: 'button', class: 'btn', 'aria-pressed': 'false', on: { click: () => onChoice(kind) } }, label) }));
	return {
		el: h('div', { class: 'choice', role: 'group', 'aria-label': 'Show' }, buttons.map((b) => b.el)),
		/** @param {Kind} kind */
		draw: (kind) => buttons.forEach((b) => setAttr(b.el, 'aria-pressed', String(b.kind === kind))),
	};
}

/** A card with one large figure. @param {string} title @param {...Node} more */
function createFigure(title, ...more) {
	const value = h('p', { class: 'figure' });
	return { el: h('section', { class: 'card' }, h('h2', null, title), value, more), value };
}

/** How many came and went in a span of time. @param {string} title */
function createFlow(title) {
	const created = h('strong'), destroyed = h('strong'), note = h('p', { class: 'quiet', hidden: true });
	const el = h('section', { class: 'card flow' }, h('h2', null, title),
		h('p', null, h('span', { class: 'mark good', 'aria-hidden': 'true' }), created, ' created'), h('p', null, h('span', { class: 'mark quiet', 'aria-hidden': 'true' }), destroyed, ' destroyed'), note);
	/** @param {ReturnType<ReturnType<typeof createFeed>['count']>} n @param {number} from */
	function draw(n, from) {
		setText(created, count(n.created));
		setText(destroyed, count(n.destroyed));
		setText(note, n.least ? (Number.isFinite(from) ? `at least: known since ${clock(from)}` : 'the history is not here yet') : '');
		setHidden(note, !n.least);
	}
	return { el, draw };
}

/** @param {any} ctx */
export function createSessions(ctx) {
	const { store, live, now, getJson } = ctx;
	const feed = createFeed();
	const readAt = relTime(null), age = h('p', { class: 'quiet' }, 'Read ', readAt), reason = h('p', { class: 'reason', hidden: true });
	const active = createFigure('Active sessions', age, reason), total = createFigure('Seen in total', h('p', { class: 'quiet' }, 'since counting began'));
	const minute = createFlow('Last minute'), hour = createFlow('Last hour');
	const hint = h('p', { class: 'quiet hint' }, 'KATO’s count is approximate: it falls when a session is deleted, not when one runs out.');
	const chartBox = h('div', { class: 'sessions-chart' }), filter = createFilter(choose), list = createList(), said = h('p', { class: 'quiet said' }), off = h('p', { class: 'notice', hidden: true }), sum = h('span', { class: 'quiet', role: 'status' });
	const el = h('div', { class: 'sessions-page' },
		h('div', { class: 'tiles' }, active.el, total.el, minute.el, hour.el), hint, chartBox,
		h('section', { class: 'card' }, h('div', { class: 'feed-bar' }, h('h2', null, 'Created and destroyed'), filter.el, sum), off, said, list.el));

	let kind = /** @type {Kind} */ ('all'), visible = false, drawn = '', chart = /** @type {any} */ (null), bar = /** @type {any} */ (null), asked = false, missed = true, failed = '', wasLive = false;

	/** @param {Kind} which */
	function choose(which) {
		kind = which;
		const path = `/sessions${kind === 'all' ? '' : `?show=${kind}`}`;
		if (path !== `${location.pathname}${location.search}`) history.replaceState(history.state, '', path);
		draw(now());
	}

	/** The feed of before, once, and again when a link was lost meanwhile. */
	async function load() {
		if (!missed || asked) return;
		asked = true;
		missed = false;
		try {
			const answer = await getJson(`/api/v1/events?type=session_event&limit=${FEED_MAX}`), events = part(answer).events;
			if (Array.isArray(events)) feed.takeHistory(events, events.length < FEED_MAX);
			failed = answer ? '' : 'the server keeps none';
		} catch (error) {
			failed = text(/** @type {any} */ (error)?.message, 200) || 'it could not be read';
		}
		asked = false;
		if (visible) draw(now());
	}

	function makeChart() {
		if (chart || typeof ctx.timeline?.chart !== 'function') return;
		chart = ctx.timeline.chart({ title: 'Active sessions', series: [{ name: 'kato_active_sessions', label: 'Active sessions', unit: 'count', colour: '--accent' }], min: 0 });
		bar = ctx.timeline.bar?.() ?? null;
		chartBox.replaceChildren(...(bar ? [bar.el] : []), chart.el);
	}

	function drawFigures() {
		const health = store.health('sessions'), grey = health.state === 'stale' || health.state === 'down', s = store.sessions;
		setText(active.value, count(store.number('sessions', 'active_count')));
		setText(total.value, count(store.number('sessions', 'total_count')));
		for (const f of [active, total]) f.value.classList.toggle('stale', grey);
		setHidden(age, !s);
		setRelTime(readAt, s ? s.at : null);
		setText(reason, health.reason);
		setHidden(reason, !health.reason);
	}

	/** Why nothing new will come. */
	function offWords() {
		if (ctx.config?.sessionEvents === false) return 'Session events are switched off for this page (VITE_WS_SESSION_EVENTS=false).';
		return store.flags?.session_events === false ? 'This server does not push session events (WEBSOCKET_SESSION_EVENTS=false): the count is polled every 10 s.' : '';
	}

	function drawWords(/** @type {number} */ shown, /** @type {number} */ all) {
		const words = offWords();
		setText(off, words);
		setHidden(off, !words);
		const none = kind === 'all' ? 'No session was created or destroyed yet.' : `None of the last ${count(all)} was ${kind}.`;
		setText(said, shown ? '' : failed && !all ? `The history of sessions is not known: ${failed}.` : all || kind === 'all' ? none : 'No session was created or destroyed yet.');
		setHidden(said, Boolean(shown));
		setText(sum, all ? `${count(shown)} of the last ${count(all)}` : '');
	}

	function drawFeed() {
		const key = `${feed.version} ${kind}`;
		filter.draw(kind);
		const shown = feed.list(kind), all = kind === 'all' ? shown : feed.list();
		drawWords(shown.length, all.length);
		if (key === drawn) return;
		drawn = key;
		list.draw(shown);
	}

	/** @param {number} t */
	function draw(t) {
		if (!visible) return;
		load();
		makeChart();
		drawFigures();
		minute.draw(feed.count(t - MINUTE), feed.from);
		hour.draw(feed.count(t - HOUR), feed.from);
		drawFeed();
	}

	for (const e of [...store.sessionEvents].reverse()) feed.take(e);
	store.on('session_event', (/** @type {any} */ e) => feed.take(e));
	live.on?.('status', (/** @type {any} */ s) => {
		if (s?.state === 'live' && !wasLive) missed = true;
		wasLive = s?.state === 'live';
	});
	document.addEventListener('tokenchange', () => (missed = true));
	// What happened between the history's answer and the subscription came by neither.
	live.on?.('message', (/** @type {any} */ m) => {
		if (m?.type !== 'subscribed' || !visible) return;
		missed = true;
		load();
	});

	return {
		el,
		title: 'Sessions',
		topics: TOPICS,
		/** @param {Record<string, string>} [params] */
		show(params = {}) {
			visible = true;
			kind = KINDS.find(([k]) => k === params.show)?.[0] ?? 'all';
			draw(now());
		},
		/** Elsewhere no session events are subscribed: what came meanwhile is asked for at the return. */
		hide() {
			visible = false;
			missed = true;
			chart?.destroy?.();
			bar?.destroy?.();
			chart = bar = null;
		},
		draw,
	};
}

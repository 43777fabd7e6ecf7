// The Diagnostics page: how well the services are, who needs whom, what is odd, and what changed when. Fed by any records of the
// diagnostics pipeline, as healthd(1) writes them, or by a collector's alone.
import { EVENTS, RAW, STATES, createChanges, createModel, createPast } from './diagmodel.js';
import { createGraph } from './diaggraph.js';
import { LOOKS, STATUSES, filterFor, isColumn, sortServices } from './diagread.js';
import { createServicePage } from './diagservice.js';
import { createAnomalies, createEdges, createFailing, createFeed, createGlance, createServices, createStatus } from './diagtable.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText } from './dom.js';
import { clock, count, duration, percent, plural, text } from './format.js';
import { baseName, describeSource } from './health.js';
import { servicePath } from './pages.js';

/** @typedef {import('./diagmodel.js').Picture} Picture @typedef {import('./diagread.js').Service} Service */

const QUERY_MAX = 200, HISTORY = 200, FEED_SHOWN = 300;
const DRAW_MS = 250; // between two drawings of new values
const INTERVAL_MS = 10000, GAP_LEAST_MS = 500, GAP_MOST_MS = 60000;
const LINK_WORKS = new Set(['live', 'polling', 'connecting']);
/** @type {Record<string, import('./containerrows.js').Look>} */
const OVERALL = { healthy: 'good', degraded: 'warn', critical: 'gone' };

/** How long a reading may be the newest: three intervals of the collector, or of what was seen. @param {any} store @param {number} gap */
function patienceOf(store, gap) {
	const own = [...store.sources.values()].filter((s) => baseName(s.source) === 'prom-services' && s.interval > 0).map((s) => s.interval);
	return 3 * Math.max(gap || INTERVAL_MS, ...own, 1000) + 1000;
}

/** Why what is shown is not of now; empty when it is. @param {any} ctx @param {Picture} picture @param {number} patience @param {number} now */
export function staleReason({ live, store }, picture, patience, now) {
	if (!LINK_WORKS.has(live.status?.state)) return live.status?.reason || 'No connection';
	const source = [...store.sources.values()].find((s) => baseName(s.source) === 'prom-services' && s.status === 'down');
	if (source) return describeSource(source, now);
	if (picture.newest === null || now - picture.newest <= patience) return '';
	return `No reading of any service since ${clock(picture.newest)}, ${duration(now - picture.newest)} ago`;
}

/** A card with one large figure. @param {string} title */
function createTile(title) {
	const value = h('p', { class: 'figure' }), note = h('p', { class: 'quiet' }), fill = h('span'), bar = h('span', { class: 'diag-bar', 'aria-hidden': 'true', hidden: true }, fill);
	/** @param {string} figure @param {string} words @param {import('./containerrows.js').Look} look @param {number | null} [share] */
	function draw(figure, words, look, share = null) {
		setText(value, figure);
		setText(note, words);
		setAttr(value, 'class', `figure ${look === 'gone' ? 'bad' : look === 'quiet' ? '' : look}`.trim());
		setHidden(bar, share === null);
		if (share !== null) fill.style.width = `${share}%`;
	}
	setAttr(fill, 'class', 'good');
	return { el: h('section', { class: 'card' }, h('h2', null, title), value, bar, note), draw };
}

function createTiles() {
	const status = createStatus('figure'), words = h('p', { class: 'quiet' }), why = h('p', { class: 'reason', hidden: true }), age = relTime(null), read = h('p', { class: 'quiet' }, 'Read ', age);
	const services = createTile('Services'), anomalies = createTile('Active anomalies'), failing = createTile('Failing dependencies'), traffic = createTile('Abnormal traffic');
	const el = h('div', { class: 'tiles diag-tiles' }, h('section', { class: 'card' }, h('h2', null, 'Overall'), h('p', null, status.el), words, read, why), services.el, anomalies.el, failing.el, traffic.el);
	/** @param {Picture} p @param {string} reason why it is not of now */
	function draw(p, reason) {
		const n = p.services.length, critical = p.anomalies.filter((a) => a.severity === 'critical').length, failed = p.failing.filter((f) => f.status === 'failed').length, overall = p.overall || 'unknown';
		status.draw(OVERALL[overall] ?? 'quiet', overall);
		setText(words, STATUSES.filter((s) => p.counts[s]).map((s) => `${count(p.counts[s])} ${s}`).join(', '));
		setRelTime(age, p.newest);
		setHidden(read, p.newest === null);
		setText(why, reason);
		setHidden(why, !reason);
		el.classList.toggle('stale', Boolean(reason));
		const share = n ? (100 * p.counts.healthy) / n : null;
		services.draw(count(n), share === null ? '' : `${percent(share, share === 100 || !share ? 0 : 1)} healthy`, 'quiet', p.judged ? share : null);
		anomalies.draw(count(p.anomalies.length), critical ? `${count(critical)} critical` : 'none critical', critical ? 'gone' : p.anomalies.length ? 'warn' : 'quiet');
		failing.draw(count(p.failing.length), failed ? `${count(failed)} failed` : 'none failed', failed ? 'gone' : p.failing.length ? 'warn' : 'quiet');
		traffic.draw(count(p.abnormal), `of ${plural(p.flows, 'flow')}`, p.abnormal ? 'warn' : 'quiet');
	}
	return { el, draw };
}

/** Search, status and type: for the drawing and the table alike. @param {(wish: Partial<import('./diagnostics.js').Wish>) => void} onWish */
function createBar(onWish) {
	const input = h('input', { type: 'search', placeholder: 'Name, type or anomaly', 'aria-label': 'Search services', autocomplete: 'off', spellcheck: 'false', maxlength: QUERY_MAX, 'aria-keyshortcuts': '/' });
	const type = h('select', { 'aria-label': 'Type' }), said = h('span', { class: 'quiet', role: 'status' });
	const buttons = ['', ...STATUSES].map((s) => ({ s, el: h('button', { type: 'button', class: 'btn', 'aria-pressed': 'false', on: { click: () => onWish({ status: s }) } }) }));
	input.addEventListener('input', () => onWish({ query: input.value }));
	type.addEventListener('change', () => onWish({ type: type.value }));
	let listed = '';
	/** @param {Wish} wish @param {Picture} p @param {number} shown */
	function draw(wish, p, shown) {
		if (input.value.slice(0, QUERY_MAX) !== wish.query) input.value = wish.query;
		const types = [...new Set([...p.types, ...(wish.type ? [wish.type] : [])])].slice(0, 100), key = types.join('\n');
		if (key !== listed) {
			listed = key;
			type.replaceChildren(h('option', { value: '' }, 'All types'), ...types.map((t) => h('option', { value: t }, t)));
		}
		if (type.value !== wish.type) type.value = wish.type;
		setHidden(type, types.length < 2);
		for (const b of buttons) {
			setText(b.el, b.s ? `${b.s[0].toUpperCase()}${b.s.slice(1)} ${count(p.counts[/** @type {import('./diagread.js').Status} */ (b.s)])}` : 'All');
			setAttr(b.el, 'aria-pressed', String(wish.status === b.s));
		}
		setText(said, `${count(shown)} of ${plural(p.services.length, 'service')}`);
	}
	return { el: h('div', { class: 'list-bar diag-wishes' }, input, h('div', { class: 'choice', role: 'group', 'aria-label': 'Status' }, buttons.map((b) => b.el)), type, said), draw };
}

/** @typedef {{query: string, status: string, type: string, by: import('./diagread.js').Column, down: boolean}} Wish */

/** How to feed it, in one line. */
const createEmpty = () =>
	h('section', { class: 'card diag-empty', hidden: true }, h('h2', null, 'No service is known yet'),
		h('p', null, 'Feed them: ', h('code', null, 'prom-services | healthd | broadcaster'), ', where prom-services asks a Prometheus server and its file lists who needs whom; or let any program write records of type ', h('code', null, 'services'), '.'),
		h('p', null, h('code', null, 'man prom-services'), ', ', h('code', null, 'man healthd')));

/** @param {any} ctx */
export function createDiagnostics(ctx) {
	const { store, live, now, navigate, getJson } = ctx;
	const past = createPast(), model = createModel(store, past.take), changes = createChanges();
	/** @type {Wish} */
	let wish = { query: '', status: '', type: '', by: 'health', down: false };
	let one = '', visible = false, force = true, drawnAt = -Infinity, drawn = '', gap = 0, newest = /** @type {number | null} */ (null), missed = true, asking = false, failed = '', wasLive = false, frame = 0, patience = 3 * INTERVAL_MS;

	const nameOf = (/** @type {string} */ id) => model.picture.byId.get(id)?.name ?? id;
	const isOld = (/** @type {Service} */ s) => s.at !== null && newest !== null && newest - s.at > patience;
	const open = (/** @type {string} */ id) => navigate(servicePath(id));
	const tiles = createTiles(), bar = createBar(want), empty = createEmpty(), glance = createGlance();
	const graph = createGraph({ onOpen: open, onShow: (id) => glance.draw(id, model.picture, nameOf), isOld });
	const services = createServices({ onSort: (by) => want({ by, down: by === wish.by && !wish.down }), onOpen: open, isOld });
	const edges = createEdges(nameOf), anomalies = createAnomalies(), failing = createFailing(), feed = createFeed(nameOf), page = createServicePage({ nameOf, past, isOld });
	const none = h('p', { class: 'quiet', hidden: true }), unjudged = h('p', { class: 'notice', hidden: true }, 'Nobody judges these readings: put ', h('code', null, 'healthd'), ' between the collector and the broadcaster.');
	const card = (/** @type {string} */ title, /** @type {(Node | null)[]} */ ...inside) => h('section', { class: 'card' }, h('h2', null, title), inside);
	const graphCard = h('section', { class: 'card diag-map' }, h('div', { class: 'diag-top' }, h('h2', null, 'Who needs whom'), graph.tools), h('div', { class: 'diag-side' }, graph.el, glance.el));
	const whole = h('div', { class: 'diag-whole' }, unjudged, tiles.el, bar.el, graphCard, h('div', { class: 'diag-two' }, card('Anomalies', anomalies.el), card('Failing dependencies', failing.el)),
		card('Services', none, services.el), h('div', { class: 'diag-two uneven' }, card('Dependencies and traffic', edges.el), card('What changed', feed.el)));
	const el = h('div', { class: 'diag-page' }, empty, whole, page.el);

	// --- the address says what is seen ---

	function address() {
		if (one) return;
		const params = new URLSearchParams();
		for (const name of /** @type {const} */ (['query', 'status', 'type'])) if (wish[name]) params.set(name === 'query' ? 'q' : name, wish[name]);
		if (wish.by !== 'health' || wish.down) params.set('sort', wish.by);
		if (wish.down) params.set('order', 'desc');
		const path = `/diagnostics${params.size ? `?${params}` : ''}`;
		if (path !== `${location.pathname}${location.search}`) history.replaceState(history.state, '', path);
	}
	/** @param {Partial<Wish>} more */
	function want(more) {
		wish = { ...wish, ...more, query: (more.query ?? wish.query).slice(0, QUERY_MAX) };
		address();
		force = true;
		draw(now());
	}
	/** @param {Record<string, string>} params */
	function readAddress({ q, status, type, sort, order }) {
		if ([q, status, type, sort, order].every((v) => v === undefined)) return address(); // by the navigation: as it was left
		wish = { query: (q ?? '').slice(0, QUERY_MAX), status: STATUSES.find((s) => s === status) ?? '', type: (type ?? '').slice(0, 60), by: isColumn(sort) ? sort : 'health', down: order === 'desc' };
	}

	// --- what was before, and what came while nobody listened ---

	async function load() {
		if (!missed || asking) return;
		asking = true;
		missed = false;
		const since = new Set(), off = store.on('state', (/** @type {string} */ type, /** @type {string} */ id) => since.add(`${type} ${id}`));
		const held = STATES.filter((t) => store.states.has(t));
		try {
			const whole = held.length ? getJson(`/api/v1/state?topics=${held.join(',')}`) : null;
			const answers = await Promise.all(EVENTS.map((t) => getJson(`/api/v1/events?type=${t}&limit=${HISTORY}`)));
			for (const a of answers) for (const e of Array.isArray(a?.events) ? a.events : []) changes.take(e);
			store.takeWhole(await whole, held, since);
			failed = '';
		} catch (error) {
			failed = text(/** @type {any} */ (error)?.message, 200) || 'it could not be read';
		}
		off();
		asking = false;
		force = true;
		if (visible) draw(now());
	}

	// --- drawing ---

	/** @param {Picture} p */
	function measure(p) {
		if (newest !== null && p.newest !== null && p.newest - newest >= GAP_LEAST_MS) gap = Math.min(GAP_MOST_MS, Math.max(p.newest - newest, gap * 0.8));
		newest = p.newest;
		patience = patienceOf(store, gap);
	}
	/** @param {Picture} p */
	function drawList(p) {
		const fits = filterFor(wish), shown = sortServices(p.services.filter(fits), wish), filtered = Boolean(wish.query.trim() || wish.status || wish.type);
		bar.draw(wish, p, shown.length);
		setText(none, shown.length ? '' : 'No service is like that.');
		setHidden(none, Boolean(shown.length));
		setHidden(services.table, !shown.length);
		services.draw(shown, wish);
		return filtered ? new Set(shown.map((s) => s.id)) : null;
	}
	/** The parts of the page, one a frame unless somebody waits for them. @param {Picture} p @returns {(() => void)[]} */
	function parts(p) {
		let fits = /** @type {Set<string> | null} */ (null);
		return [
			() => (fits = drawList(p)),
			() => graph.draw(p, fits && ((id) => /** @type {Set<string>} */ (fits).has(id))) && later(),
			() => {
				anomalies.draw(p.anomalies, p.judged ? 'None now.' : 'None is known.');
				failing.draw(p.failing, p.judged ? 'None now.' : 'None is known.');
				if (graph.shown) glance.draw(graph.shown, p, nameOf);
			},
			() => {
				edges.draw(p.edges);
				feed.draw(changes.list.slice(0, FEED_SHOWN), failed ? `The history is not known: ${failed}.` : 'Nothing changed, as far back as is known.');
			},
		];
	}
	const later = () => setTimeout(() => {
		force = true;
		draw(now());
	}, DRAW_MS);
	/** @param {(() => void)[]} list */
	function inTurn(list) {
		cancelAnimationFrame(frame);
		const [first, ...rest] = list;
		first?.();
		if (rest.length) frame = requestAnimationFrame(() => visible && inTurn(rest));
	}
	/** @param {number} t */
	function draw(t) {
		if (!visible) return;
		load();
		const p = model.picture, known = p.services.length > 0 || p.edges.length > 0;
		measure(p);
		const reason = staleReason(ctx, p, patience, t);
		setHidden(empty, known || Boolean(one));
		setHidden(whole, !known || Boolean(one));
		setHidden(page.el, !one);
		setHidden(unjudged, p.judged || !known);
		setAttr(el, 'class', `diag-page${reason && known ? ' stale-page' : ''}`);
		tiles.draw(p, known ? reason : '');
		const key = `${model.version} ${changes.version} ${reason}`, soon = performance.now() - drawnAt < DRAW_MS;
		if (!force && (key === drawn || soon)) return;
		const asked = force;
		drawn = key;
		force = false;
		drawnAt = performance.now();
		if (one) page.draw(one, p, changes.list);
		else if (!known) return;
		else if (asked) for (const part of parts(p)) part();
		else inTurn(parts(p));
	}

	store.on('any', (/** @type {any} */ m) => EVENTS.includes(m?.type) && changes.take(m));
	live.on?.('status', (/** @type {any} */ s) => {
		if (s?.state === 'live' && !wasLive) missed = true;
		wasLive = s?.state === 'live';
	});
	live.on?.('message', (/** @type {any} */ m) => {
		if (m?.type === 'subscribed' && visible) missed = true; // what happened between the answers and the subscription came by neither
	});
	document.addEventListener('tokenchange', () => (missed = true));

	return {
		el,
		get title() { return one ? text(nameOf(one), 80) : 'Diagnostics'; },
		get topics() { return [...STATES, ...EVENTS, ...(model.judged ? [] : RAW)]; },
		/** @param {Record<string, string>} [params] */
		show(params = {}) {
			visible = true;
			one = params.id || '';
			if (!one) readAddress(params);
			force = true;
			draw(now());
		},
		/** Elsewhere nothing of this is subscribed: what came meanwhile is asked for at the return. */
		hide() {
			visible = false;
			missed = true;
			cancelAnimationFrame(frame);
		},
		draw,
	};
}

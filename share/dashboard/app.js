// Puts the rooms together: the link fills the store, what changed is drawn once a frame, the page in view says which topics it needs.
//
// ctx, which every room gets: {live, store, alertlog, config, now, navigate, openAlerts, charting, timeline, keys, request, getJson, sheet}
//   charting           resolves when timeline and alertlog are there, or null because they cannot be had
//   now()              the server's clock: compare it with the `at` of readings and events
//   keys.onEscape(f)   Esc closes this while it is the topmost thing open; keys.add(key, label, run)
//   request, getJson   of http.js, with the token: every request of a room goes through one of them
//   sheet(path)        a style sheet that only one room needs
// On the document: 'themechange' when the colours changed, 'tokenchange' when a token was given (ask again for what was refused).
import { h, setClock } from './dom.js';
import { createFrame, markPage } from './frame.js';
import { getJson, local, request, savedToken, setServer, tokenOfAddress } from './http.js';
import { addresses } from './livewire.js';
import { createKeys } from './keys.js';
import { createLive } from './live.js';
import { FIRST_TOPICS, createPages, createRouter, routeOf } from './pages.js';
import { createStore } from './store.js';
import { createTokenDialog } from './token.js';

const ALWAYS = ['source_status', 'system_alerts', 'overall_health']; // the last: whether there is a Diagnostics page to be gone to
const EARLY_MAX = 1000; // more are in the server's history
const HIDDEN_EVERY_S = 10;
const FIRST_MS = 300;
const DATING_MS = 200; // after a greeting or a request its update comes first
const LATER_SHEETS = ['/vendor/uPlot.min.css', '/charts.css', '/containers.css', '/sessions.css', '/data.css'];
const DEFAULTS = { url: '', enabled: true, containerStats: true, sessionEvents: true, alerts: true, selectiveSubscriptions: true, version: '' };

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** As early.js asked for it: never late, after a second we go on without it. */
async function readConfig() {
	const read = await /** @type {any} */ (globalThis).katoConfig;
	return { ...DEFAULTS, ...(typeof read === 'object' ? read : {}) };
}

/** A part of the page that it can do without: said, and null. @template T @param {string} what @param {() => T} f @returns {T | null} */
function attempt(what, f) {
	try {
		return f();
	} catch (error) {
		console.error(`${what} cannot be had`, error);
		return null;
	}
}
/** @template T @param {string} what @param {Promise<T>} module @returns {Promise<T | null>} */
const optional = (what, module) => module.catch((error) => attempt(what, () => { throw error; }));

/** Draws at most once a frame, and not at all while nobody sees it. @param {() => void} draw */
function createDrawing(draw) {
	let asked = false;
	function changed() {
		if (asked || document.hidden) return;
		asked = true;
		requestAnimationFrame(() => {
			asked = false;
			draw();
		});
	}
	return changed;
}

/** What is on screen decides what is subscribed; a hidden tab is served more slowly. @param {any} ctx @param {any} pages */
function createWish(ctx, pages) {
	let wanted = '';
	return function want() {
		const topics = [...new Set([...ALWAYS, ...pages.topics])], every = document.hidden ? HIDDEN_EVERY_S : undefined;
		const key = JSON.stringify([topics, every]);
		if (key === wanted) return;
		wanted = key;
		ctx.live.want('page', topics, { every });
		ctx.store.link(ctx.live.status, every);
	};
}

/** When the sections were read, if the update that brought them did not say. @param {any} ctx */
async function dateSections(ctx) {
	if (ctx.store.dated) return;
	const answer = await getJson('/api/v1/state?topics=metrics,containers,sessions').catch(() => null);
	if (answer) ctx.store.takeRecords(answer);
}

/** @param {HTMLElement} el a script or a style sheet @returns {Promise<void>} when it has been read */
function loaded(el) {
	return new Promise((done, failed) => {
		el.onload = () => done();
		el.onerror = () => failed(new Error(`${el.getAttribute('src') ?? el.getAttribute('href')} cannot be read`));
		document.head.append(el);
	});
}
const sheet = (/** @type {string} */ href) => loaded(Object.assign(document.createElement('link'), { rel: 'stylesheet', href })).catch(console.error);

/** Until they have been drawn, or are late. @param {import('./store.js').Store} store @returns {Promise<void>} */
function firstFigures(store) {
	return new Promise((done) => {
		const look = () => (store.metrics || store.containers || store.sessions) && requestAnimationFrame(() => setTimeout(done));
		const off = store.on('any', () => look() && off());
		setTimeout(done, FIRST_MS);
		look();
	});
}

/** Charts and their library are nothing the first figures wait for. @param {any} ctx @param {Promise<void>} log the log of alerts, which they mark */
async function addCharts(ctx, log) {
	const library = loaded(Object.assign(document.createElement('script'), { src: '/vendor/uPlot.iife.min.js' }));
	const [charts] = await Promise.all([optional('the charts', library.then(() => import('./charts.js'))), log, ...LATER_SHEETS.map(sheet)]);
	ctx.timeline = charts && attempt('the time axis', () => charts.createTimeline(ctx));
}

/** @param {any} ctx */
async function addLog(ctx) {
	const log = await optional('the log of alerts', import('./alertlog.js'));
	ctx.alertlog = log && attempt('the log of alerts', () => log.createAlertLog({ now: ctx.now, storage: local }));
}

/** An alert may come at any moment: its toast waits for no chart. @param {any} ctx @param {Promise<void>} log */
async function addAlerts(ctx, log) {
	const looks = sheet('/alerts.css');
	const [alerts, toasts] = await Promise.all([optional('alerts', import('./alerts.js')), optional('toasts', import('./toasts.js')), looks, log]);
	ctx.alerts = alerts && attempt('alerts', () => alerts.createAlerts(ctx));
	if (ctx.alerts) {
		$('tools').prepend(ctx.alerts.button);
		$('over').append(ctx.alerts.el);
	}
	const box = toasts && attempt('toasts', () => toasts.createToasts(ctx));
	if (box) $('over').append(box.el);
}

/** @param {any} ctx @param {{draw: (now: number) => void, title: () => void}} frame @param {any} token @param {() => void} changed */
function listen(ctx, frame, token, changed) {
	const { live, store } = ctx;
	live.on('message', (/** @type {any} */ message, /** @type {any} */ meta) => {
		store.take(message, meta);
		if (message?.type === 'connected') ctx.hello ??= message;
		if (document.hidden && message?.type === 'system_alert') attempt('the title', frame.title);
		if (message?.type === 'connected') setTimeout(() => dateSections(ctx).then(changed), DATING_MS);
		changed();
	});
	live.on('status', (/** @type {any} */ status) => {
		store.link(status, document.hidden ? HIDDEN_EVERY_S : 0);
		attempt('the token dialog', () => token.onStatus(status));
		attempt('the title', frame.title);
		changed();
	});
	setInterval(() => (document.hidden ? attempt('the title', frame.title) : changed()), 1000);
}

async function boot() {
	tokenOfAddress();
	const store = createStore(), config = await readConfig();
	setServer(addresses(config.url, location.href)?.http ?? '');
	setClock(store.now);
	/** @type {any[]} */
	const early = []; // alerts that come before there is a place for their toasts
	let ready = false;
	store.on('system_alert', (message) => (ready ? ctx.alertlog?.take(message) : early.length < EARLY_MAX && early.push(message)));
	const live = createLive({ ...config, token: savedToken() || undefined });
	live.want('page', [...ALWAYS, ...(FIRST_TOPICS[routeOf(location.pathname).page] ?? [])]);

	/** @type {any} */
	const ctx = { live, store, config, request, getJson, sheet, now: store.now, keys: createKeys(), alertlog: null, charting: null, timeline: null, alerts: null, hello: null };
	ctx.navigate = (/** @type {string} */ path) => router.navigate(path);
	ctx.openAlerts = (/** @type {string | undefined} */ key) => ctx.alerts?.open(key);

	const changed = createDrawing(() => draw());
	const pages = createPages(ctx, $('main'), changed), want = createWish(ctx, pages);
	const refresh = () => {
		store.expectSnapshot();
		live.refresh();
		setTimeout(() => dateSections(ctx).then(changed), DATING_MS);
	};
	const frame = createFrame(ctx, pages, refresh);
	const token = createTokenDialog({ live, onToken: () => document.dispatchEvent(new CustomEvent('tokenchange')) });
	ctx.askToken = token.ask;
	$('over').append(token.el);
	function draw() {
		const now = store.now();
		attempt('the frame', () => frame.draw(now));
		pages.draw(now);
		want();
	}
	listen(ctx, frame, token, changed);
	document.addEventListener('visibilitychange', () => {
		want();
		if (!document.hidden) refresh();
		changed();
	});
	const router = createRouter((route, how, scroll) => {
		markPage(route.page);
		pages.show(route, how, scroll);
	});

	const first = routeOf(location.pathname).page === 'overview' ? firstFigures(store) : Promise.resolve();
	const log = first.then(() => addLog(ctx)), alerting = first.then(() => addAlerts(ctx, log));
	ctx.charting = first.then(() => addCharts(ctx, log));
	router.start();
	await alerting;
	if (ctx.alertlog) for (const message of early.splice(0)) ctx.alertlog.take(message);
	ready = true;
}

boot().catch((error) => {
	console.error(error);
	$('main').replaceChildren(h('div', { class: 'card', role: 'alert' }, h('h2', null, 'The page cannot start'), h('p', null, String(error?.message ?? error))));
});

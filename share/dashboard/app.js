// Puts the rooms together: the link fills the store, what changed is drawn once a frame, the page in view says which topics it needs.
//
// ctx, which every room gets: {live, store, alertlog, config, now, navigate, openAlerts, timeline, keys, request, getJson}
//   now()              the server's clock: compare it with the `at` of readings and events
//   keys.onEscape(f)   Esc closes this while it is the topmost thing open; keys.add(key, label, run)
//   request, getJson   of http.js, with the token: every request of a room goes through one of them
// On the document: 'themechange' when the colours changed, 'tokenchange' when a token was given (fetch again what was refused).
import { createConnection, stateWord } from './connection.js';
import { h, setAttr, setClock } from './dom.js';
import { getJson, request, savedToken, tokenOfAddress } from './http.js';
import { createKeys } from './keys.js';
import { createNotices, demoNotice, flagNotices } from './notices.js';
import { FIRST_TOPICS, createPages } from './pages.js';
import { createRouter, routeOf } from './router.js';
import { createSources } from './sources.js';
import { local } from './storage.js';
import { createStore } from './store.js';
import { createTheme } from './theme.js';
import { createTokenDialog } from './token.js';

const ALWAYS = ['source_status', 'system_alerts'];
const HIDDEN_EVERY_S = 10;
const CONFIG_MS = 1000;
const DEFAULTS = { url: '', enabled: true, containerStats: true, sessionEvents: true, alerts: true, selectiveSubscriptions: true, version: '' };

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Never late: after a second we go on without it. */
async function readConfig() {
	try {
		const answer = await fetch('/config.json', { signal: AbortSignal.timeout(CONFIG_MS) });
		const read = answer.ok ? await answer.json() : {};
		return { ...DEFAULTS, ...(typeof read === 'object' ? read : {}) };
	} catch {
		return DEFAULTS;
	}
}

/** @template T @param {Promise<T>} module @param {string} what @returns {Promise<T | null>} */
async function optional(module, what) {
	try {
		return await module;
	} catch (error) {
		console.error(`${what} cannot be had`, error);
		return null;
	}
}

/** @template T @param {string} what @param {() => T} f @returns {T | null} */
function attempt(what, f) {
	try {
		return f();
	} catch (error) {
		console.error(`${what} failed`, error);
		return null;
	}
}

tokenOfAddress();
const modules = {
	live: import('./live.js'),
	charts: optional(import('./charts.js'), 'charts'),
	alertlog: optional(import('./alertlog.js'), 'the log of alerts'),
	alerts: optional(import('./alerts.js'), 'alerts'),
	toasts: optional(import('./toasts.js'), 'toasts'),
};
const configRead = readConfig();
const store = createStore();
setClock(store.now);

const config = await configRead;
const { createLive } = await modules.live;
const live = createLive({ ...config, token: savedToken() || undefined });
live.want('page', [...ALWAYS, ...(FIRST_TOPICS[routeOf(location.pathname).page] ?? [])]);

/** @type {any} */
const ctx = {
	live, store, config, request, getJson, now: store.now, alertlog: null, timeline: null,
	navigate: (/** @type {string} */ path) => router.navigate(path),
	openAlerts: (/** @type {string | undefined} */ key) => ctx.alerts?.open(key),
	keys: createKeys(),
};

// --- what is drawn ---

let asked = false;
function changed() {
	if (asked || document.hidden) return;
	asked = true;
	requestAnimationFrame(() => {
		asked = false;
		draw();
	});
}

const connection = createConnection(ctx), sources = createSources(ctx), theme = createTheme();
const notices = createNotices($('notices'));
const pages = createPages(ctx, $('main'), changed);
const token = createTokenDialog({ live, onToken: () => document.dispatchEvent(new CustomEvent('tokenchange')) });
let wanted = '';

/** What is on screen decides what is subscribed; a hidden tab is served more slowly. */
function want() {
	const topics = [...new Set([...ALWAYS, ...pages.topics])], every = document.hidden ? HIDDEN_EVERY_S : undefined;
	const key = JSON.stringify([topics, every]);
	if (key === wanted) return;
	wanted = key;
	live.want('page', topics, { every });
	store.link(live.status, every);
}

function title() {
	const unread = Number(attempt('unread', () => ctx.alertlog?.unread())) || 0;
	const state = live.status.state === 'live' ? '' : ` · ${stateWord(live.status)}`;
	const text = `${unread ? `(${unread}) ` : ''}KATO Live${pages.title && pages.name !== 'overview' ? ` · ${pages.title}` : ''}${state}`;
	if (document.title !== text) document.title = text;
}

function chrome(/** @type {number} */ now) {
	connection.draw();
	sources.draw(now);
	notices([...demoNotice(store.demo), ...flagNotices(store.flags, config)]);
	title();
}

function draw() {
	const now = store.now();
	attempt('the header', () => chrome(now));
	pages.draw(now);
	want();
}

// --- what comes ---

/** When the sections were read: an update on connecting does not say. */
async function dateSections() {
	const answer = await getJson('/api/v1/state?topics=metrics,containers,sessions').catch(() => null);
	if (answer) store.takeRecords(answer);
	changed();
}

function refresh() {
	store.expectSnapshot();
	live.refresh();
	if (live.status.state === 'live') dateSections();
}

live.on('message', (/** @type {any} */ message, /** @type {any} */ meta) => {
	store.take(message, meta);
	if (message?.type === 'connected') setTimeout(dateSections, 100);
	changed();
});
live.on('status', (/** @type {any} */ status) => {
	store.link(status, document.hidden ? HIDDEN_EVERY_S : 0);
	attempt('the token dialog', () => token.onStatus(status));
	title();
	changed();
});
document.addEventListener('visibilitychange', () => {
	want();
	if (document.hidden) return;
	refresh();
	changed();
});
setInterval(() => (document.hidden ? title() : changed()), 1000);

// --- the frame ---

const refreshButton = h('button', { class: 'btn', type: 'button', title: 'Ask for everything anew (r)', on: { click: refresh } }, 'Refresh');
const helpButton = h('button', { class: 'btn', type: 'button', 'aria-label': 'Keys', title: 'Keys (?)', on: { click: ctx.keys.help } }, '?');
$('status').append(connection.el);
$('sources').append(sources.el);
$('tools').append(refreshButton, theme.el, helpButton);
$('over').append(ctx.keys.el, token.el);

const router = createRouter((route, how) => {
	const here = route.page === 'overview' ? '/' : `/${route.page}`;
	for (const a of document.querySelectorAll('nav a')) setAttr(a, 'aria-current', a.getAttribute('href') === here ? 'page' : null);
	pages.show(route, how);
});

function focusSearch() {
	const fields = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('input[type=search]'));
	[...fields].filter((f) => f.checkVisibility?.() ?? f.offsetParent !== null).at(-1)?.focus();
}

function addKeys() {
	const { keys } = ctx;
	for (const [i, [name, path]] of Object.entries([['Overview', '/'], ['Containers', '/containers'], ['Sessions', '/sessions'], ['Data', '/data']]))
		keys.add(String(Number(i) + 1), `${name}`, () => router.navigate(path));
	keys.add('a', 'Alerts', () => ctx.alerts?.button?.click());
	keys.add('/', 'Search', focusSearch);
	keys.add('r', 'Refresh', refresh);
	keys.add('?', 'This list', keys.help);
}
addKeys();

const [charts, log, alerts, toasts] = await Promise.all([modules.charts, modules.alertlog, modules.alerts, modules.toasts]);
ctx.alertlog = log && attempt('the log of alerts', () => log.createAlertLog({ now: store.now, storage: local }));
ctx.timeline = charts && attempt('the time axis', () => charts.createTimeline({ now: store.now }));
if (ctx.alertlog) store.on('system_alert', (m) => ctx.alertlog.take(m));
ctx.alerts = alerts && attempt('alerts', () => alerts.createAlerts(ctx));
if (ctx.alerts) {
	$('tools').prepend(ctx.alerts.button);
	$('over').append(ctx.alerts.el);
}
const toastBox = toasts && attempt('toasts', () => toasts.createToasts(ctx));
if (toastBox) $('over').append(toastBox.el);
router.start();

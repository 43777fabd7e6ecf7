// What stands around every page: header, notices, sources, keys, theme, title.
import { createConnection, createSources, stateWord } from './connection.js';
import { h, setAttr, setHidden } from './dom.js';
import { local } from './http.js';

// The theme: system, light or dark. Whoever draws on a canvas listens to 'themechange' on the document and reads the custom properties again.

const THEME = 'kato_live_theme';
const THEMES = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];

export function currentTheme() {
	const kept = local.getItem(THEME);
	return kept === 'light' || kept === 'dark' ? kept : 'system';
}

const changed = () => document.dispatchEvent(new CustomEvent('themechange'));

/** @param {string} theme */
export function setTheme(theme) {
	if (theme === 'light' || theme === 'dark') {
		local.setItem(THEME, theme);
		document.documentElement.dataset.theme = theme;
	} else {
		local.removeItem(THEME);
		delete document.documentElement.dataset.theme;
	}
	changed();
}

/** The switch for the header; also follows the system and the other tabs. */
export function createTheme() {
	const el = h('select', { 'aria-label': 'Theme', title: 'Theme: as the system, light or dark', on: { change: () => setTheme(el.value) } },
		THEMES.map(([value, label]) => h('option', { value }, label)));
	el.value = currentTheme();
	setTheme(el.value);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
	addEventListener('storage', (e) => {
		if (e.key !== THEME && e.key !== null) return;
		el.value = currentTheme();
		setTheme(el.value);
	});
	return { el };
}

// Standing notices above the page: demo data, what the server does not push, what the link is worth. Each drawn only on change.

/** @typedef {{key: string, level: 'info'|'warn'|'bad', text: string, button?: {label: string, run: () => void}}} Notice */

/** What can be switched off: in the server, then the page polls it; for the page, then it leaves it alone. */
const OFF = [
	{ flag: 'container_stats', option: 'containerStats', what: 'Container statistics are', every: 'every 5 s' },
	{ flag: 'session_events', option: 'sessionEvents', what: 'Session counts and events are', every: 'every 10 s' },
	{ flag: 'system_alerts', option: 'alerts', what: 'Alerts are', every: 'every 5 s' },
];

/** @param {any} flags @param {any} config @returns {Notice[]} */
export function flagNotices(flags, config) {
	/** @type {Notice[]} */
	const list = [];
	for (const { flag, option, what, every } of OFF) {
		if (config?.[option] === false) list.push({ key: flag, level: 'info', text: `${what} switched off for this page.` });
		else if (flags?.[flag] === false) list.push({ key: flag, level: 'info', text: `${what} not pushed: polled ${every}.` });
	}
	return list;
}

/** @param {boolean} demo @returns {Notice[]} */
export const demoNotice = (demo) => (demo ? [{ key: 'demo', level: 'warn', text: 'Demo data: a bundled recording, not your system.' }] : []);

/** @param {any} status @param {() => void} ask @returns {Notice[]} */
export function tokenNotice(status, ask) {
	if (status?.state !== 'unauthorized') return [];
	return [{ key: 'token', level: 'bad', text: 'The server asks for a token: nothing is shown without one.', button: { label: 'Give a token', run: ask } }];
}

/** @param {HTMLElement} el where they stand */
export function createNotices(el) {
	let drawn = '';
	/** @param {Notice[]} list */
	return function draw(list) {
		const key = JSON.stringify(list);
		if (key === drawn) return;
		drawn = key;
		el.replaceChildren(...list.map((n) => h('p', { class: `notice ${n.level}`, dataset: { notice: n.key } }, n.text, ' ',
			n.button ? h('button', { class: 'btn', type: 'button', on: { click: n.button.run } }, n.button.label) : null)));
	};
}

const LINKS = [['Overview', '/'], ['Containers', '/containers'], ['Sessions', '/sessions'], ['Data', '/data'], ['Diagnostics', '/diagnostics']];

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The search field in view, the topmost one. */
function focusSearch() {
	const fields = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('input[type=search]')]);
	fields.filter((f) => f.offsetParent !== null || f.getClientRects().length > 0).at(-1)?.focus();
}

const DIAGNOSED = ['overall_health', 'service_health', 'traffic_health', 'dependencies', 'services'];

/** The way to the Diagnostics page is there where it has something to show, or is shown. @param {any} store @param {string} page */
function drawLinks(store, page) {
	const known = page === 'diagnostics' || DIAGNOSED.some((t) => store.states.has(t) || store.topics.includes(t));
	setHidden($('diagnostics-link'), !known);
}

/** Which link is the page's. @param {string} page */
export function markPage(page) {
	const here = page === 'overview' ? '/' : `/${page}`;
	for (const a of document.querySelectorAll('nav a')) setAttr(a, 'aria-current', a.getAttribute('href') === here ? 'page' : null);
}

/** @param {any} ctx @param {() => void} refresh */
function addKeys(ctx, refresh) {
	const { keys } = ctx;
	for (const [i, [name, path]] of LINKS.entries()) keys.add([String(i + 1), `g ${path === '/diagnostics' ? 'i' : name[0].toLowerCase()}`], name, () => ctx.navigate(path));
	keys.add('/', 'Search', focusSearch);
	keys.add('a', 'Alerts', () => ctx.alerts?.button?.click());
	keys.add('r', 'Refresh: ask for everything anew', refresh);
	keys.add('?', 'This list of keys', keys.help);
}

/** `(3) KATO Live`, and what else the tab should tell. @param {any} ctx @param {any} pages */
function titleOf(ctx, pages) {
	const unread = Number(ctx.alertlog?.unread()) || 0;
	const page = pages.title && pages.name !== 'overview' ? ` · ${pages.title}` : '';
	const state = ctx.live.status.state === 'live' ? '' : ` · ${stateWord(ctx.live.status)}`;
	return `${unread > 0 ? `(${unread}) ` : ''}KATO Live${page}${state}`;
}

/** @param {any} ctx @param {any} pages @param {() => void} refresh */
export function createFrame(ctx, pages, refresh) {
	const connection = createConnection(ctx), sources = createSources(ctx), theme = createTheme();
	const notices = createNotices($('notices'));
	const refreshButton = h('button', { class: 'btn', type: 'button', title: 'Ask for everything anew (r)', on: { click: refresh } }, 'Refresh');
	const helpButton = h('button', { class: 'btn', type: 'button', 'aria-label': 'Keys', title: 'Keys (?)', on: { click: ctx.keys.help } }, '?');
	$('status').append(connection.el);
	$('sources').append(sources.el);
	$('tools').append(refreshButton, theme.el, helpButton);
	$('over').append(ctx.keys.el);
	addKeys(ctx, refresh);

	function title() {
		const text = titleOf(ctx, pages);
		if (document.title !== text) document.title = text;
	}
	/** @param {number} now */
	function draw(now) {
		connection.draw();
		drawLinks(ctx.store, pages.name);
		sources.draw(now);
		notices([...tokenNotice(ctx.live.status, ctx.askToken), ...demoNotice(ctx.store.demo), ...flagNotices(ctx.store.flags, ctx.config)]);
		title();
	}
	return { draw, title };
}

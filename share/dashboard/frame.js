// What stands around every page: header, notices, sources, keys, title.
import { createConnection, stateWord } from './connection.js';
import { h, setAttr } from './dom.js';
import { createNotices, demoNotice, flagNotices, tokenNotice } from './notices.js';
import { createSources } from './sources.js';
import { createTheme } from './theme.js';

const LINKS = [['Overview', '/'], ['Containers', '/containers'], ['Sessions', '/sessions'], ['Data', '/data']];

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** The search field in view, the topmost one. */
function focusSearch() {
	const fields = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('input[type=search]')]);
	fields.filter((f) => f.offsetParent !== null || f.getClientRects().length > 0).at(-1)?.focus();
}

/** Which link is the page's. @param {string} page */
export function markPage(page) {
	const here = page === 'overview' ? '/' : `/${page}`;
	for (const a of document.querySelectorAll('nav a')) setAttr(a, 'aria-current', a.getAttribute('href') === here ? 'page' : null);
}

/** @param {any} ctx @param {() => void} refresh */
function addKeys(ctx, refresh) {
	const { keys } = ctx;
	for (const [i, [name, path]] of LINKS.entries()) keys.add([String(i + 1), `g ${name[0].toLowerCase()}`], name, () => ctx.navigate(path));
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
		sources.draw(now);
		notices([...tokenNotice(ctx.live.status, ctx.askToken), ...demoNotice(ctx.store.demo), ...flagNotices(ctx.store.flags, ctx.config)]);
		title();
	}
	return { draw, title };
}

// Which page is shown: by its path, each module loaded when first seen.
import { h, setHidden, setText } from './dom.js';
import { text } from './format.js';

// Real paths, so that a page can be linked to, gone back from and opened in another tab.

/** @typedef {{page: string, params: Record<string, string>}} Route */

const PATHS = /** @type {const} */ (['overview', 'containers', 'sessions', 'data', 'diagnostics']);

/** @param {string} s */
function decoded(s) {
	try {
		return decodeURIComponent(s);
	} catch {
		return s;
	}
}

/** @param {string} path @param {string} [search] @returns {Route} */
export function routeOf(path, search = '') {
	const [first = '', ...rest] = path.split('/').filter(Boolean);
	const params = Object.fromEntries(new URLSearchParams(search));
	const page = PATHS.find((p) => p === first) ?? (first ? 'unknown' : 'overview');
	if (page === 'containers' && rest.length) params.name = decoded(rest.join('/'));
	if (page === 'diagnostics' && rest.length) params.id = decoded(rest.join('/'));
	return { page, params };
}

/** Where one container is shown: by its name in the path, unless a server would take that for a file's. @param {string} name */
export const containerPath = (name) => (/^[\w-]+$/.test(name) ? `/containers/${name}` : `/containers?name=${encodeURIComponent(name)}`);

/** The same for a service, by its id. @param {string} id */
export const servicePath = (id) => (/^[\w-]+$/.test(id) ? `/diagnostics/${id}` : `/diagnostics?id=${encodeURIComponent(id)}`);

/** The address, if a click on it is ours to follow. @param {MouseEvent} e */
function ourLink(e) {
	if (e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return null;
	const a = e.target instanceof Element ? e.target.closest('a[href]') : null;
	if (!(a instanceof HTMLAnchorElement) || a.target || a.hasAttribute('download') || a.origin !== location.origin) return null;
	if (routeOf(a.pathname).page === 'unknown' || (a.hash && a.pathname === location.pathname)) return null;
	return `${a.pathname}${a.search}`;
}

/** @param {(route: Route, how: 'first'|'link'|'history', scroll: number) => void} show scroll: where the page was left, on the way back */
export function createRouter(show) {
	/** @param {'first'|'link'|'history'} how @param {number} scroll */
	const now = (how, scroll) => show(routeOf(location.pathname, location.search), how, scroll);
	/** @param {string} path */
	function navigate(path) {
		history.replaceState({ ...history.state, scroll: scrollY }, '');
		if (path !== `${location.pathname}${location.search}`) history.pushState(null, '', path);
		now('link', 0);
	}
	document.addEventListener('click', (e) => {
		const path = ourLink(e);
		if (path === null) return;
		e.preventDefault();
		navigate(path);
	});
	addEventListener('popstate', (e) => now('history', Number(e.state?.scroll) || 0));
	return { navigate, start: () => now('first', scrollY) };
}

// A page is drawn when something changed. One that is missing or throws shows a card and takes no other with it.

/**
 * @typedef {{el: HTMLElement, title: string, topics: string[], show: (params: Record<string, string>) => void, hide: () => void, draw: (now: number) => void}} View
 * @typedef {{view: View | null, title: string, box: HTMLElement, error: HTMLElement, said: HTMLElement}} Room
 */

/** The parts of the Diagnostics page, fetched side by side, and only when somebody opens it. @param {any} ctx */
async function loadDiagnostics(ctx) {
	const parts = [import('./diagread.js'), import('./diagmodel.js'), import('./diaglayout.js'), import('./diaggraph.js'), import('./diagtable.js'), import('./diagservice.js')];
	const [page] = await Promise.all([import('./diagnostics.js'), ctx.sheet('/diagnostics.css'), ...parts]);
	return page.createDiagnostics;
}

/** @type {Record<string, {title: string, load: (ctx: any) => Promise<(ctx: any) => View>}>} */
const PAGES = {
	overview: { title: 'Overview', load: async () => (await import('./overview.js')).createOverview },
	containers: { title: 'Containers', load: async () => (await import('./containers.js')).createContainers },
	sessions: { title: 'Sessions', load: async () => (await import('./sessions.js')).createSessions },
	data: { title: 'Data', load: async () => (await import('./data.js')).createData },
	diagnostics: { title: 'Diagnostics', load: loadDiagnostics },
};

/** What is asked for before the page's own module can say it. @type {Record<string, string[]>} */
export const FIRST_TOPICS = {
	overview: ['metrics', 'containers', 'sessions'],
	containers: ['containers', 'container_events'],
	sessions: ['sessions', 'session_events'],
	data: [],
	diagnostics: ['service_health', 'overall_health', 'dependencies'],
};

/** @param {unknown} error */
const words = (error) => text(error instanceof Error ? error.message : String(error), 300);

/** @param {string} title @returns {Room} */
function createRoom(title) {
	const said = h('p'), error = h('div', { class: 'card', role: 'alert', hidden: true }, h('h2', null, `${title} cannot be shown`), said);
	return { view: null, title, box: h('div', { class: 'page' }, error), error, said };
}

/** @param {Room} room @param {unknown} error */
function fault(room, error) {
	if (room.error.hidden) console.error(error);
	setText(room.said, `${words(error)}. The other pages go on; this one tries again with the next reading.`);
	setHidden(room.error, false);
}

/** Runs f for a room; what it throws becomes its card. @param {Room} room @param {() => void} f */
function guarded(room, f) {
	try {
		f();
		if (!room.error.hidden) setHidden(room.error, true);
	} catch (error) {
		fault(room, error);
	}
}

/**
 * @param {any} ctx @param {HTMLElement} main @param {() => void} changed called when another view can be drawn
 */
export function createPages(ctx, main, changed) {
	/** @type {Map<string, Room>} */
	const rooms = new Map();
	const heading = h('h1', { class: 'visually-hidden' });
	/** @type {Room | null} */
	let current = null;
	let currentName = '';

	/** @param {string} page @returns {Promise<Room>} */
	async function load(page) {
		const room = rooms.get(page) ?? createRoom(PAGES[page].title);
		rooms.set(page, room);
		if (room.view) return room;
		try {
			const create = await PAGES[page].load(ctx);
			if (page !== 'overview') await ctx.charting;
			room.view ??= create(ctx);
			room.box.append(room.view.el);
			setHidden(room.error, true);
		} catch (error) {
			fault(room, error);
			setText(room.said, `${words(error)}. The other pages go on.`);
		}
		return room;
	}

	function leave() {
		if (!current) return;
		const { view } = current;
		if (view) guarded(current, () => view.hide());
		current = null;
	}

	function unknown() {
		leave();
		currentName = '';
		setText(heading, 'No such page');
		main.replaceChildren(heading, h('div', { class: 'card' }, h('p', null, 'There is no such page. ', h('a', { href: '/' }, 'Back to the overview'))));
	}

	/** @param {Route} route @param {'first'|'link'|'history'} how @param {number} scroll */
	async function show({ page, params }, how, scroll) {
		if (!PAGES[page]) return unknown();
		if (page !== currentName) leave();
		currentName = page;
		const room = await load(page);
		if (currentName !== page) return; // meanwhile elsewhere
		current = room;
		setText(heading, room.title);
		const { view } = room;
		if (view) guarded(room, () => view.show(params));
		main.replaceChildren(heading, room.box);
		draw(ctx.now());
		if (how === 'link') main.focus({ preventScroll: true });
		scrollTo(0, scroll);
		changed();
	}

	/** @param {number} now */
	function draw(now) {
		const room = current;
		if (!room?.view) return;
		const { view } = room;
		guarded(room, () => view.draw(now));
		setText(heading, text(view.title, 120) || room.title);
	}

	return {
		show,
		get name() { return currentName; },
		get title() { return (current?.view && text(current.view.title, 80)) || PAGES[currentName]?.title || ''; },
		/** @returns {string[]} */
		get topics() {
			try {
				return current?.view?.topics?.filter((t) => typeof t === 'string') ?? FIRST_TOPICS[currentName] ?? [];
			} catch {
				return FIRST_TOPICS[currentName] ?? [];
			}
		},
		draw,
	};
}

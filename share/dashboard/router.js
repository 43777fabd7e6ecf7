// Real paths, so that a page can be linked to, gone back from and opened in another tab.

/** @typedef {{page: string, params: Record<string, string>}} Route */

const PAGES = /** @type {const} */ (['overview', 'containers', 'sessions', 'data']);

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
	const page = PAGES.find((p) => p === first) ?? (first ? 'unknown' : 'overview');
	if (page === 'containers' && rest.length) params.name = decoded(rest.join('/'));
	return { page, params };
}

/** Where one container is shown: by its name in the path, unless a server would take that for a file's. @param {string} name */
export const containerPath = (name) => (/^[\w-]+$/.test(name) ? `/containers/${name}` : `/containers?name=${encodeURIComponent(name)}`);

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

// The page of all containers: a table that is sorted and searched as the address says, and behind each row the container's own page.
import { createHistory } from './containerhistory.js';
import { createContainerPage } from './containerpage.js';
import { addressName, cpuReference, firstDown, isColumn, num, part, searchFor, sortRows, totals } from './containerrows.js';
import { createTable } from './containertable.js';
import { h, relTime, setHidden, setRelTime, setText } from './dom.js';
import { count, percent, plural, text } from './format.js';
import { containerPath } from './pages.js';

/** @typedef {import('./containerrows.js').Row} Row */

const TOPICS = ['containers', 'container_events'];
const QUERY_MAX = 200;

/** The search box and what is said about the list. @param {(query: string) => void} onSearch */
function createBar(onSearch) {
	const input = h('input', { type: 'search', id: 'container-search', placeholder: 'Name, image or status', autocomplete: 'off', spellcheck: 'false', maxlength: QUERY_MAX, 'aria-keyshortcuts': '/' });
	const shown = h('span', { class: 'shown', role: 'status' }), age = relTime(null), ageBox = h('span', { class: 'quiet age', hidden: true }, 'Read ', age);
	const reason = h('p', { class: 'reason', hidden: true }), left = h('p', { class: 'quiet left', hidden: true }), failed = h('p', { class: 'reason bad', hidden: true });
	input.addEventListener('input', () => onSearch(input.value));
	return {
		el: h('div', { class: 'list-bar' }, h('h2', null, 'Containers'), h('label', { for: 'container-search' }, 'Search ', input), shown, ageBox, failed, reason, left),
		input, shown, age, ageBox, reason, left, failed,
	};
}

/** The head of the table stays in sight below the page's own, however high that is. */
function followHeader() {
	const top = document.getElementById('top');
	if (top) new ResizeObserver(() => document.documentElement.style.setProperty('--top', `${top.offsetHeight}px`)).observe(top);
}

/** What stands in the place of rows when there are none. @param {() => void} onClear */
function createEmpty(onClear) {
	const said = h('p'), clear = h('button', { type: 'button', class: 'btn', on: { click: onClear } }, 'Clear the search');
	const el = h('div', { class: 'empty', hidden: true }, said, clear);
	/** @param {string} words @param {boolean} searching */
	function draw(words, searching) {
		setHidden(el, !words);
		setText(said, words);
		setHidden(clear, !searching);
	}
	return { el, draw };
}

/** The whole of the host, when the record has fewer than there are. @param {any} data */
function leftOut(data) {
	const n = num(data?.truncated), all = part(data?.aggregated);
	if (!n || n < 0) return '';
	const cpu = num(all.total_cpu_percent);
	return `${plural(n, 'container')} more ${n === 1 ? 'does' : 'do'} not fit into a record: these are the busiest.${cpu === null ? '' : ` The CPU of all together is ${percent(cpu, 1)}.`}`;
}

/** @param {any} ctx */
export function createContainers(ctx) {
	const { store, now, navigate } = ctx;
	const history = createHistory(ctx);
	const bar = createBar((query) => search(query)), empty = createEmpty(() => search(''));
	const table = createTable({ onSort, onOpen: (row) => navigate(containerPath(addressName(row.key))), rings: history.rings, now });
	const box = h('div', { class: 'wide table-box' }, table.el);
	const card = h('section', { class: 'card containers-list' }, bar.el, box, empty.el);
	const page = createContainerPage(ctx, history);
	followHeader();
	const el = h('div', { class: 'containers-page' }, card, page.el);

	let sorting = { by: /** @type {import('./containerrows.js').Column} */ ('name'), down: false };
	let query = '', one = /** @type {string | null} */ (null), force = true, drawn = -1, visible = false, was = { scroll: 0, name: '' };

	/** The address says what is seen, so that a reload and a link show it again. */
	function address() {
		if (one !== null) return;
		const params = new URLSearchParams();
		if (query) params.set('q', query);
		if (sorting.by !== 'name' || sorting.down) params.set('sort', sorting.by);
		if (sorting.down !== firstDown(sorting.by)) params.set('order', sorting.down ? 'desc' : 'asc');
		const path = `/containers${params.size ? `?${params}` : ''}`;
		if (path !== `${location.pathname}${location.search}`) window.history.replaceState(window.history.state, '', path);
	}

	/** @param {string} words */
	function search(words) {
		query = words.slice(0, QUERY_MAX);
		if (bar.input.value !== words) bar.input.value = query;
		change();
	}

	/** @param {import('./containerrows.js').Column} by */
	function onSort(by) {
		sorting = { by, down: by === sorting.by ? !sorting.down : firstDown(by) };
		change();
	}

	function change() {
		force = true;
		address();
		draw(now());
	}

	/** @param {Record<string, string>} params */
	function readAddress({ q, sort, order }) {
		if (q === undefined && sort === undefined && order === undefined) return address(); // by the navigation: as it was left
		query = (q ?? '').slice(0, QUERY_MAX);
		bar.input.value = query;
		const by = isColumn(sort) ? sort : 'name';
		sorting = { by, down: order === 'desc' ? true : order === 'asc' ? false : firstDown(by) };
	}

	/** @param {Row[]} all @param {Row[]} shown */
	function drawWords(all, shown) {
		const health = store.health('containers'), data = store.containers?.data, error = text(part(data).error, 500);
		const grey = health.state === 'stale' || health.state === 'down' || Boolean(error);
		table.el.classList.toggle('stale', grey);
		setText(bar.shown, all.length ? `${count(shown.length)} of ${count(all.length)} shown` : '');
		setHidden(bar.ageBox, !history.at);
		setRelTime(bar.age, history.at || null);
		setText(bar.reason, health.state === 'unknown' ? '' : health.reason);
		setHidden(bar.reason, !bar.reason.textContent);
		setText(bar.failed, error ? `The container statistics could not be read: ${error}` : '');
		setHidden(bar.failed, !error);
		const left = leftOut(data);
		setText(bar.left, left);
		setHidden(bar.left, !left);
		setHidden(box, !shown.length);
		empty.draw(emptyWords(all, shown, health, error), Boolean(all.length && query));
	}

	/** @param {Row[]} all @param {Row[]} shown @param {import('./health.js').Health} health @param {string} error */
	function emptyWords(all, shown, health, error) {
		if (shown.length) return '';
		if (all.length) return `No container has “${text(query, 60)}” in its name, image or status.`;
		if (error) return 'No container is known.';
		return store.containers ? 'There are no containers.' : health.reason || 'No reading yet.';
	}

	/** @param {Row[]} all @param {Row[]} shown */
	function drawTotal(all, shown) {
		const sum = totals(shown), whole = part(history.data?.aggregated);
		const what = shown.length === all.length ? `of all ${count(all.length)}` : `of ${count(shown.length)} shown`;
		table.total(sum, what, cpuReference(sum.cpu, whole.online_cpus));
	}

	function drawList() {
		const all = history.rows, fits = searchFor(query), shown = query ? all.filter(fits) : [...all];
		drawWords(all, shown);
		if (drawn === history.version && !force) return;
		drawn = history.version;
		sortRows(shown, sorting);
		history.load(shown.map((r) => r.key));
		table.sorted(sorting);
		table.draw(shown, history.version, force);
		drawTotal(all, shown);
		force = false;
	}

	/** Back from a container's page, once the list stands in the document: where we were. */
	function restore() {
		if (!was.name || one !== null || !visible) return;
		const { scroll, name } = was, row = history.rows.find((r) => addressName(r.key) === name);
		was = { scroll: 0, name: '' };
		scrollTo(0, scroll);
		if (row) table.focus(row.key);
	}

	/** @param {number} t */
	function draw(t) {
		if (!visible) return;
		history.take();
		if (one !== null) return page.draw();
		drawList();
	}

	return {
		el,
		get title() { return one === null ? 'Containers' : text(one, 80); },
		get topics() { return TOPICS; },
		/** @param {Record<string, string>} [params] */
		show(params = {}) {
			const name = params.name || null;
			if (visible && name !== null && one === null) was = { scroll: scrollY, name };
			visible = true;
			one = name;
			setHidden(card, one !== null);
			setHidden(page.el, one === null);
			if (one === null) {
				page.hide();
				readAddress(params);
				force = true;
				table.release();
			} else page.show(one);
			draw(now());
		},
		hide() {
			visible = false;
			page.hide();
		},
		/** @param {number} t */
		draw(t) {
			draw(t);
			restore();
		},
	};
}

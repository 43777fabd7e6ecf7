// Tables and lists of the Diagnostics page: rows are kept by key, written in place where something changed, and moved only when the order did.
import { toMove } from './containerrows.js';
import { LOOKS, deviationText, flowText, metricLabel, metricText } from './diagread.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText } from './dom.js';
import { NONE, count, ms, percent, plural, rate } from './format.js';
import { servicePath } from './pages.js';

/** @typedef {import('./diagread.js').Service} Service @typedef {import('./diagread.js').Edge} Edge @typedef {import('./diagread.js').Anomaly} Anomaly */
/** @typedef {import('./diagread.js').Failing} Failing @typedef {import('./diagmodel.js').Change} Change @typedef {import('./diagread.js').Column} Column */

const NAME_SHOWN = 80;
const SHOWN = 25; // rows, and more at each asking
const MANY = 120; // rows: from there on those out of sight are not laid out

/** @param {string} s */
const cut = (s) => (s.length > NAME_SHOWN ? `${s.slice(0, NAME_SHOWN - 1)}…` : s);

/** The way to a service's own page. @param {string} id @param {string} [name] */
export const serviceLink = (id, name = id) => h('a', { href: servicePath(id), title: name.length > NAME_SHOWN || name !== id ? id : false, dir: 'auto' }, cut(name));

/** A mark of shape and colour with its word. @param {string} [className] */
export function createStatus(className = '') {
	const mark = h('span', { class: 'mark quiet', 'aria-hidden': 'true' }), word = h('span', { class: 'status-word' });
	/** @param {import('./containerrows.js').Look} look @param {string} s */
	function draw(look, s) {
		setAttr(mark, 'class', `mark ${look}`);
		setAttr(word, 'class', `status-word ${look === 'gone' ? 'bad' : look}`);
		setText(word, s);
	}
	return { el: h('span', { class: `diag-status ${className}`.trim() }, mark, word), draw };
}

/** 0 to 100 as a bar; the figure stands beside it. */
export function createScore() {
	const figure = h('b', { class: 'num' }), fill = h('span'), bar = h('span', { class: 'diag-bar', 'aria-hidden': 'true' }, fill);
	let drawn = '';
	/** @param {number | null} score @param {import('./containerrows.js').Look} look */
	function draw(score, look) {
		const key = `${score} ${look}`;
		if (key === drawn) return;
		drawn = key;
		setText(figure, score === null ? NONE : count(score));
		setHidden(bar, score === null);
		fill.style.width = `${score ?? 0}%`;
		setAttr(fill, 'class', look === 'gone' ? 'bad' : look);
	}
	return { el: h('span', { class: 'diag-score' }, figure, bar), draw };
}

/**
 * Things in order, the first of many; a button asks for more.
 * @template T @param {{el: HTMLElement, key: (t: T) => string, make: (t: T) => {el: HTMLElement, draw: (t: T) => void}, what: string, shown?: number}} o
 */
function createRows({ el: box, key, make, what, shown = SHOWN }) {
	/** @type {Map<string, {el: HTMLElement, draw: (t: T) => void}>} */
	const rows = new Map();
	let most = shown, things = /** @type {T[]} */ ([]), building = 0;
	const said = h('span', { class: 'quiet' }), more = h('button', { type: 'button', class: 'btn', on: { click: () => ((most *= 4), draw(things)) } }, 'Show more');
	const foot = h('p', { class: 'diag-more', hidden: true }, said, ' ', more);

	/** @param {T[]} all */
	function draw(all) {
		things = all;
		const until = performance.now() + 8, keys = new Set();
		/** @type {HTMLElement[]} */
		const els = [];
		let late = false;
		for (const t of all.slice(0, most)) {
			const k = key(t);
			if (keys.has(k)) continue;
			let row = rows.get(k);
			if (!row && performance.now() > until) {
				late = true;
				break;
			}
			keys.add(k);
			if (!row) rows.set(k, (row = make(t)));
			row.draw(t);
			els.push(row.el);
		}
		for (const [k, row] of rows) if (!keys.has(k)) {
			row.el.remove();
			rows.delete(k);
		}
		place(els);
		box.parentElement?.classList.toggle('many', els.length > MANY);
		setText(said, `${count(els.length)} of ${plural(all.length, what)}`);
		setHidden(foot, all.length <= most);
		if (late) building ||= requestAnimationFrame(() => ((building = 0), draw(things)));
	}
	/** @param {HTMLElement[]} els */
	function place(els) {
		const there = /** @type {HTMLElement[]} */ ([...box.children]), known = new Set(there), active = document.activeElement;
		const held = active && box.contains(active) ? (there.find((e) => e.contains(active)) ?? null) : null;
		const moving = toMove(there, els.filter((e) => known.has(e)), held);
		let at = box.firstElementChild;
		for (const el of els) {
			while (at && at !== el && moving.has(/** @type {HTMLElement} */ (at))) at = at.nextElementSibling;
			if (at === el) at = at.nextElementSibling;
			else box.insertBefore(el, at);
		}
	}
	return { foot, draw };
}

/** @param {string} label @param {...(Node | string)} children */
const td = (label, ...children) => h('td', { role: 'cell', class: `d-${label.toLowerCase().split(' ')[0]}`, dataset: { label } }, children);

/** Metrics with their names, written only where they changed. */
function createMetrics() {
	const el = h('span', { class: 'diag-metrics' });
	/** @param {[string, number][]} metrics */
	function draw(metrics) {
		while (el.children.length > metrics.length) el.lastElementChild?.remove();
		metrics.forEach(([name, v], i) => {
			if (i >= el.children.length) el.append(h('span', null, h('span', { class: 'quiet' }), ' ', h('span', { class: 'num' })), ' ');
			const one = el.children[i];
			setText(one.children[0], metricLabel(name));
			setText(one.children[1], metricText(name, v));
		});
	}
	return { el, draw };
}

// --- services ---

/** @type {[Column, string, string][]} */
const HEADS = [['name', 'Service', ''], ['health', 'Health', 'Worst first'], ['anomalies', 'Anomalies', 'Most first']];

/** @param {(s: Service) => boolean} isOld @param {Service} first */
function serviceRow(isOld, first) {
	const status = createStatus(), score = createScore(), words = h('span'), metrics = createMetrics(), seen = relTime(null), type = h('span', { class: 'quiet diag-sub' });
	const link = serviceLink(first.id, first.name);
	const el = h('tr', { role: 'row', dataset: { id: first.id } }, h('th', { scope: 'row', role: 'rowheader', class: 'd-service' }, link, type), td('Health', status.el, score.el), td('Anomalies', words), td('Metrics', metrics.el), td('Last seen', seen));
	let drawn = /** @type {Service | null} */ (null);
	/** @param {Service} s */
	function draw(s) {
		el.classList.toggle('stale', isOld(s));
		if (s === drawn) return;
		drawn = s;
		setText(link, cut(s.name));
		setText(type, s.name === s.id ? s.type : `${s.type ? `${s.type} · ` : ''}${cut(s.id)}`);
		status.draw(LOOKS[s.status], s.judged ? s.status : 'not judged');
		score.draw(s.score, LOOKS[s.status]);
		setText(words, s.anomalies.join(', ') || (s.judged ? 'none' : NONE));
		setAttr(words, 'class', s.anomalies.length ? '' : 'quiet');
		metrics.draw(s.metrics);
		setRelTime(seen, s.at);
		setAttr(el, 'data-status', s.status);
	}
	return { el, draw };
}

/** @param {{onSort: (by: Column) => void, onOpen: (id: string) => void, isOld: (s: Service) => boolean}} o isOld: not seen while others were */
export function createServices({ onSort, onOpen, isOld }) {
	const heads = HEADS.map(([by, label, title]) => {
		const arrow = h('span', { class: 'arrow', 'aria-hidden': 'true' });
		return { by, arrow, el: h('th', { scope: 'col', role: 'columnheader', class: `d-${label.toLowerCase()}` }, h('button', { type: 'button', title: title || false, on: { click: () => onSort(by) } }, label, arrow)) };
	});
	const seenArrow = h('span', { class: 'arrow', 'aria-hidden': 'true' }), seenHead = { by: /** @type {Column} */ ('seen'), arrow: seenArrow, el: h('th', { scope: 'col', role: 'columnheader', class: 'd-last' }, h('button', { type: 'button', on: { click: () => onSort('seen') } }, 'Last seen', seenArrow)) };
	const body = h('tbody', { role: 'rowgroup' });
	const table = h('table', { role: 'table', 'aria-label': 'Services', class: 'diag-table diag-services' },
		h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map((x) => x.el), h('th', { scope: 'col', role: 'columnheader', class: 'd-metrics' }, h('span', null, 'Metrics')), seenHead.el)), body);
	const rows = createRows({ el: body, key: (/** @type {Service} */ s) => s.id, make: (s) => serviceRow(isOld, s), what: 'service' });
	body.addEventListener('click', (e) => {
		const tr = e.target instanceof Element ? e.target.closest('tr') : null;
		if (!tr || e.defaultPrevented || (e.target instanceof Element && e.target.closest('a')) || String(getSelection() ?? '')) return;
		if (tr.dataset.id) onOpen(tr.dataset.id);
	});
	return {
		el: h('div', null, h('div', { class: 'wide' }, table), rows.foot), table,
		/** @param {Service[]} list in order @param {import('./diagread.js').Sorting} sorting */
		draw(list, sorting) {
			for (const x of [...heads, seenHead]) {
				const mine = x.by === sorting.by;
				setAttr(x.el, 'aria-sort', mine ? (sorting.down ? 'descending' : 'ascending') : null);
				setText(x.arrow, mine ? (sorting.down ? '▼' : '▲') : '');
			}
			rows.draw(list);
		},
	};
}

// --- edges: also what the drawing says, for who does not see it ---

/** @param {(id: string) => string} nameOf @param {Edge} first */
function edgeRow(nameOf, first) {
	const status = createStatus(), n = { rate: h('span'), errors: h('span'), p95: h('span'), trend: h('span', { class: 'quiet' }), score: h('span') };
	const source = serviceLink(first.source, nameOf(first.source)), target = serviceLink(first.target, nameOf(first.target));
	const el = h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader', class: 'd-edge' }, source, h('span', { class: 'quiet' }, ' → '), target), td('State', status.el),
		td('Requests', n.rate, ' ', n.trend), td('Errors', n.errors), td('p95', n.p95), td('Score', n.score));
	/** @param {Edge} e */
	function draw(e) {
		setText(source, cut(nameOf(e.source)));
		setText(target, cut(nameOf(e.target)));
		if (e.failing) status.draw(LOOKS[e.failing.status], `target ${e.failing.status}${e.abnormal ? ', abnormal traffic' : ''}`);
		else if (e.abnormal) status.draw('warn', 'abnormal traffic');
		else status.draw(e.measured ? 'good' : 'quiet', e.measured ? 'well' : 'not measured');
		setText(n.rate, e.rate === null ? NONE : `${rate(e.rate)}/s`);
		setText(n.trend, e.trend === 'increasing' ? '↗ increasing' : e.trend === 'decreasing' ? '↘ decreasing' : e.trend);
		setText(n.errors, e.errors === null ? NONE : percent(e.errors * 100));
		setText(n.p95, e.p95 === null ? NONE : ms(e.p95));
		setText(n.score, e.score === null ? NONE : percent(e.score * 100, 0));
	}
	return { el, draw };
}

/** @param {(id: string) => string} nameOf */
export function createEdges(nameOf) {
	const body = h('tbody', { role: 'rowgroup' });
	const table = h('table', { role: 'table', 'aria-label': 'Dependencies and traffic', class: 'diag-table diag-edges' },
		h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ['Who needs whom', 'State', 'Requests', 'Errors', 'p95', 'Score'].map((l) => h('th', { scope: 'col', role: 'columnheader', class: `d-${l === 'Who needs whom' ? 'edge' : l.toLowerCase().split(' ')[0]}`, title: l === 'Score' ? 'How abnormal the traffic is' : false }, l)))), body);
	const rows = createRows({ el: body, key: (/** @type {Edge} */ e) => e.key, make: (e) => edgeRow(nameOf, e), what: 'edge' });
	return { el: h('div', null, h('div', { class: 'wide' }, table), rows.foot), table, draw: rows.draw };
}

// --- anomalies, failing dependencies, changes ---

/** A list with what is said when it is empty. @template T @param {string} label @param {string} what @param {(t: T) => string} key @param {(t: T) => {el: HTMLElement, draw: (t: T) => void}} make */
function createList(label, what, key, make) {
	const list = h('ul', { class: 'diag-list', 'aria-label': label }), none = h('p', { class: 'quiet' });
	const rows = createRows({ el: list, key, make, what, shown: 2 * SHOWN });
	return {
		el: h('div', null, none, list, rows.foot),
		/** @param {T[]} all @param {string} empty */
		draw(all, empty) {
			setText(none, all.length ? '' : empty);
			setHidden(none, Boolean(all.length));
			setHidden(list, !all.length);
			rows.draw(all);
		},
	};
}

/** @param {string} label */
function named(label) {
	const value = h('b', { class: 'num' }), el = h('span', null, h('span', { class: 'quiet' }, label), ' ', value);
	return { el, set: (/** @type {string} */ s) => (setText(value, s), setHidden(el, s === NONE)) };
}

/** @param {Anomaly} first @param {boolean} own on its service's page */
function anomalyItem(first, own) {
	const status = createStatus(), message = h('span', { class: 'diag-message' }), since = relTime(null), causes = h('p', { class: 'quiet', hidden: true });
	const metric = h('code'), now = named('now'), expected = named('expected'), off = named('off by');
	const link = own ? null : serviceLink(first.id, first.name);
	const el = h('li', null, h('p', { class: 'diag-head' }, status.el, link ? h('strong', null, link) : null, metric, h('span', { class: 'times quiet' }, 'since ', since)), h('p', null, message), h('p', { class: 'diag-figures' }, now.el, expected.el, off.el), causes);
	/** @param {Anomaly} a */
	function draw(a) {
		status.draw(a.look, a.severity);
		if (link) setText(link, cut(a.name));
		setText(metric, a.metric);
		setText(message, a.message);
		setHidden(message, !a.message);
		now.set(metricText(a.metric, a.value));
		expected.set(metricText(a.metric, a.expected));
		off.set(deviationText(a.deviation));
		setRelTime(since, a.since);
		setText(causes, a.causes.length ? `Possible causes: ${a.causes.join('; ')}` : '');
		setHidden(causes, !a.causes.length);
	}
	return { el, draw };
}
/** @param {boolean} [own] */
export const createAnomalies = (own = false) => createList('Anomalies', 'anomaly', (/** @type {Anomaly} */ a) => a.key, (a) => anomalyItem(a, own));

/** @param {Failing} first */
function failingItem(first) {
	const status = createStatus(), words = h('span'), target = serviceLink(first.target, first.targetName), source = serviceLink(first.source, first.sourceName);
	const score = createScore(), el = h('li', null, h('p', { class: 'diag-head' }, h('strong', null, source, h('span', { class: 'quiet' }, ' needs '), target), status.el, score.el), h('p', { class: 'quiet' }, words));
	/** @param {Failing} f */
	function draw(f) {
		setText(source, cut(f.sourceName));
		setText(target, cut(f.targetName));
		status.draw(LOOKS[f.status], f.status);
		score.draw(f.score, LOOKS[f.status]);
		setText(words, f.error || f.anomalies.join(', '));
	}
	return { el, draw };
}
export const createFailing = () => createList('Failing dependencies', 'dependency', (/** @type {Failing} */ f) => f.key, failingItem);

/** @param {(id: string) => string} nameOf @param {Change} c */
function changeItem(nameOf, c) {
	const status = createStatus(), who = c.ids.flatMap((id, i) => [i ? h('span', { class: 'quiet' }, ' → ') : null, serviceLink(id, nameOf(id))]);
	const at = relTime(c.at);
	status.draw(c.look, c.what);
	return { el: h('li', null, h('p', { class: 'diag-head' }, status.el, h('strong', null, who), h('span', { class: 'times quiet' }, at)), h('p', null, c.words)), draw() {} };
}
/** @param {(id: string) => string} nameOf */
export const createFeed = (nameOf) => createList('What changed', 'change', (/** @type {Change} */ c) => c.id, (c) => changeItem(nameOf, c));

// --- who is shown in the drawing ---

/** Beside the drawing: the service under the pointer or the focus. */
export function createGlance() {
	const name = h('h3'), status = createStatus(), score = createScore(), metrics = createMetrics(), words = h('p'), needs = h('p', { class: 'quiet' }), open = h('p');
	const hint = h('p', { class: 'quiet' }, 'Point at a service, or walk from one to the next with the arrow keys; Enter opens it.');
	const what = h('div', { hidden: true }, name, h('p', null, status.el, ' ', score.el), words, metrics.el, needs, open);
	let linked = '';
	/** @param {string} id @param {import('./diagmodel.js').Picture} picture @param {(id: string) => string} nameOf */
	function draw(id, picture, nameOf) {
		setHidden(what, !id);
		setHidden(hint, Boolean(id));
		if (!id) return;
		const s = picture.byId.get(id);
		setText(name, cut(nameOf(id)));
		status.draw(LOOKS[s?.status ?? 'unknown'], s ? (s.judged ? s.status : 'not judged') : 'not measured');
		score.draw(s?.score ?? null, LOOKS[s?.status ?? 'unknown']);
		setHidden(score.el, !s || s.score === null);
		setText(words, s ? s.anomalies.join(', ') : 'Only named as a dependency: nothing is known of it.');
		setHidden(words, !words.textContent);
		metrics.draw(s?.metrics ?? []);
		const out = picture.edges.filter((e) => e.source === id), into = picture.edges.filter((e) => e.target === id);
		const list = (/** @type {Edge[]} */ es, /** @type {(e: Edge) => string} */ end) => es.slice(0, 4).map((e) => `${cut(nameOf(end(e)))}${e.measured ? ` (${flowText(e)})` : ''}`).join('; ') + (es.length > 4 ? `; and ${count(es.length - 4)} more` : '');
		setText(needs, [out.length ? `Needs ${list(out, (e) => e.target)}.` : '', into.length ? `Needed by ${list(into, (e) => e.source)}.` : ''].filter(Boolean).join(' '));
		if (linked !== id) open.replaceChildren(serviceLink(id, 'All of it'));
		linked = id;
	}
	return { el: h('aside', { class: 'diag-glance', 'aria-label': 'The service pointed at' }, hint, what), draw };
}

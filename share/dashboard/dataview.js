// The description of a value (datashape.js) as elements: figures as cards, lines, sortable tables, lists, sections. Updated in place, so
// that what a person has opened, sorted, focused or selected stays while new values come.
import { cellText, sortRows, timeMember } from './datashape.js';
import { isState, lookOf, stateText } from './datalook.js';
import { lineView } from './dataline.js';
import { count, dateTime, isNumber, percent, plural, utc } from './format.js';
import { h, setAttr, setHidden, setText, timeEl } from './dom.js';

export const ROWS_MAX = 100; // on screen
export const ITEMS_MAX = 100;

/**
 * @typedef {import('./datashape.js').Block} Block @typedef {import('./datashape.js').Section} Section
 * @typedef {import('./datashape.js').Table} Table @typedef {import('./datashape.js').List} List
 * @typedef {{el: HTMLElement, update: (b: any) => void}} BlockView
 */

/** @param {number} left @param {string} [what] */
const andMore = (left, what = 'more') => (left > 0 ? `and ${count(left)} ${what}` : '');

/** Keeps as many children as there are things: makes the missing ones, drops the rest. @template T @param {Element} parent @param {T[]} things
 * @param {(thing: T) => Element} make @param {(el: Element, thing: T) => void} fill */
function fit(parent, things, make, fill) {
	while (parent.children.length > things.length) parent.lastElementChild?.remove();
	things.forEach((thing, i) => {
		if (i >= parent.children.length) parent.append(make(thing));
		fill(parent.children[i], thing);
	});
}

// --- single values ---

/** A word for a state, in its colour. @param {Element} el @param {string} word */
function fillBadge(el, word) {
	let badge = el.firstElementChild;
	if (!badge?.classList.contains('data-badge') || el.childNodes.length > 1) el.replaceChildren((badge = h('span')));
	setAttr(badge, 'class', `data-badge ${lookOf(word)}`);
	setText(badge, stateText(word));
}

/** A share of a hundred with its bar. @param {Element} el @param {string} name @param {number} v */
function fillShare(el, name, v) {
	if (!el.lastElementChild?.classList.contains('data-bar')) el.replaceChildren(h('span'), h('span', { class: 'data-bar', 'aria-hidden': 'true' }, h('span')));
	setText(el.children[0], shareText(name, v));
	setBar(el.children[1], v);
}
/** @param {Element} bar @param {number} v 0 to 100 */
const setBar = (bar, v) => void (/** @type {HTMLElement} */ (bar.firstElementChild).style.width = `${v}%`);
/** A progress is said in percent; what is called a rate may be of anything. @param {string} name @param {number} v */
const shareText = (name, v) => (/(progress|completion|percentage)$/i.test(name) ? percent(v, Number.isInteger(v) ? 0 : 1) : cellText(name, v));

// --- tables ---

/** @param {Table} first @returns {BlockView} */
function tableView(first) {
	let table = first;
	/** @type {{key: string, down: boolean} | null} */
	let order = null;
	const title = h('h3'), note = h('p', { class: 'quiet' });
	const head = h('tr'), body = h('tbody');
	const wide = h('div', { class: 'data-wide', tabindex: '0', role: 'region' }, h('table', null, h('thead', null, head), body));
	const el = h('section', { class: 'data-block card' }, title, wide, note);

	const header = (/** @type {import('./datashape.js').Column} */ c) => {
		const button = h('button', { type: 'button', class: 'data-sort', on: { click: () => {
			order = order?.key === c.key ? { key: c.key, down: !order.down } : { key: c.key, down: c.numeric };
			draw();
		} } }, c.label);
		return h('th', { scope: 'col', class: c.numeric ? 'num' : undefined, title: c.key.length <= 80 ? c.key : false, dataset: { key: c.key } }, button);
	};
	const fillRow = (/** @type {Element} */ tr, /** @type {Record<string, unknown>} */ row) => fit(tr, table.columns, () => h('td'), (td, c) => {
		const v = row[c.key], time = timeMember(c.key, v), state = typeof v === 'string' && v.length <= 40 && v.trim() !== '' && isState(c.key);
		if (state) fillBadge(td, v);
		else if (c.share && isNumber(v)) fillShare(td, c.key, v);
		else setText(td, time === null ? cellText(c.key, v) : dateTime(time));
		setAttr(td, 'title', time === null ? null : utc(time));
		setAttr(td, 'class', [c.numeric ? 'num' : '', time === null ? '' : 'data-time', c.share ? 'data-shared' : ''].filter(Boolean).join(' ') || null);
	});
	const draw = () => {
		setText(title, table.label);
		setAttr(wide, 'aria-label', table.label);
		const keys = table.columns.map((c) => `${c.numeric ? 'n' : 't'}${c.key}`).join('\n');
		if (head.dataset.keys !== keys) {
			head.dataset.keys = keys;
			head.replaceChildren(...table.columns.map(header));
		}
		for (const th of head.children) setAttr(th, 'aria-sort', /** @type {HTMLElement} */ (th).dataset.key !== order?.key ? null : order?.down ? 'descending' : 'ascending');
		const rows = (order ? sortRows(table.rows, order.key, order.down) : table.rows).slice(0, ROWS_MAX);
		fit(body, rows, () => h('tr'), fillRow);
		setText(note, [andMore(table.rows.length - rows.length + table.cut), andMore(table.more, table.more === 1 ? 'more column' : 'more columns')].filter(Boolean).join(', '));
	};
	draw();
	return { el, update: (next) => ((table = next), draw()) };
}

// --- lists ---

/** @param {List} first @returns {BlockView} */
function listView(first) {
	const title = h('h3'), list = h('ul', { class: 'data-items' }), note = h('p', { class: 'quiet' });
	const el = h('section', { class: 'data-block card' }, title, list, note);
	const update = (/** @type {List} */ b) => {
		setText(title, b.label);
		fit(list, b.items.slice(0, ITEMS_MAX), () => h('li'), setText);
		setText(note, b.items.length ? andMore(b.items.length - ITEMS_MAX + b.cut) : 'Nothing in it.');
	};
	update(first);
	return { el, update };
}

// --- how many of each ---

/** @param {import('./datashape.js').Bars} first @returns {BlockView} */
function barsView(first) {
	const title = h('h3'), list = h('dl', { class: 'data-bars' });
	const el = h('section', { class: 'data-block data-half card' }, title, list);
	const update = (/** @type {import('./datashape.js').Bars} */ b) => {
		const all = b.items.reduce((s, i) => s + i.value, 0), most = Math.max(1, ...b.items.map((i) => i.value));
		setText(title, b.label);
		fit(list, b.items, () => h('div', null, h('dt'), h('dd', { class: 'num' }, h('b'), ' ', h('span', { class: 'quiet' })), h('dd', { class: 'data-bar', 'aria-hidden': 'true' }, h('span'))), (row, i) => {
			setText(row.children[0], i.label);
			setText(row.children[1].children[0], cellText('', i.value));
			setText(row.children[1].children[1], all ? percent((100 * i.value) / all, 0) : '');
			setBar(row.children[2], (100 * i.value) / most);
			setAttr(row.children[2], 'class', `data-bar ${lookOf(i.name)}`);
		});
	};
	update(first);
	return { el, update };
}

// --- sections ---

/** @param {Element} el @param {import('./datashape.js').Figure} f */
function fillFigure(el, f) {
	setText(el.children[0], f.label);
	setText(el.children[1], f.share ? shareText(f.name, f.value) : f.text);
	setAttr(el.children[1], 'title', Number.isFinite(f.value) ? String(f.value) : null);
	if (f.share && !el.children[2]) el.append(h('dd', { class: 'data-bar', 'aria-hidden': 'true' }, h('span')));
	if (!f.share) el.children[2]?.remove();
	else setBar(el.children[2], f.value);
}

/** @param {Element} el @param {import('./datashape.js').Fact} f */
function fillFact(el, f) {
	setText(el.children[0], f.label);
	if (f.time === null && isState(f.name) && f.text.length <= 40) fillBadge(el.children[1], f.text);
	else if (f.time === null) setText(el.children[1], f.text);
	else if (/** @type {HTMLElement} */ (el).dataset.at !== String(f.time)) el.children[1].replaceChildren(timeEl(f.time));
	/** @type {HTMLElement} */ (el).dataset.at = f.time === null ? '' : String(f.time);
}

const pair = (/** @type {string} */ name, /** @type {string} */ value) => () => h('div', { class: name }, h('dt'), h('dd', { class: value }));

/** The views of the blocks of one place, kept by kind and name. @param {Element} parent */
function blockViews(parent) {
	/** @type {Map<string, BlockView>} */
	let views = new Map();
	return (/** @type {Block[]} */ blocks) => {
		/** @type {Map<string, BlockView>} */
		const next = new Map();
		for (const b of blocks) {
			let key = `${b.kind} ${b.name}`;
			while (next.has(key)) key += "'";
			const old = views.get(key);
			old?.update(b);
			next.set(key, old ?? viewOf(b));
		}
		views = next;
		const els = [...next.values()].map((v) => v.el);
		if (els.length !== parent.children.length || els.some((e, i) => e !== parent.children[i])) parent.replaceChildren(...els);
	};
}

/** A section; without its title it is the whole value. @param {Section} first @param {{titled?: boolean}} [how] @returns {BlockView} */
export function sectionView(first, { titled = true } = {}) {
	const title = h('h3'), figures = h('dl', { class: 'data-figures' }), facts = h('dl', { class: 'data-facts' });
	const blocks = h('div', { class: 'data-blocks' }), note = h('p', { class: 'quiet' });
	const el = h('section', { class: titled ? 'data-section' : 'data-whole' }, titled ? title : null, figures, facts, blocks, note);
	const drawBlocks = blockViews(blocks);
	const update = (/** @type {Section} */ s) => {
		setText(title, s.label);
		fit(figures, s.figures, pair('card data-figure', 'num'), fillFigure);
		fit(facts, s.facts, pair('data-fact', ''), fillFact);
		setHidden(figures, !s.figures.length);
		setHidden(facts, !s.facts.length);
		drawBlocks(s.blocks);
		setText(note, [s.note, s.cut ? `and ${plural(s.cut, 'more member')}` : ''].filter(Boolean).join(' '));
		setHidden(note, !note.textContent);
	};
	update(first);
	return { el, update };
}

/** @param {Block} b @returns {BlockView} */
function viewOf(b) {
	if (b.kind === 'line') return lineView(b);
	if (b.kind === 'table') return tableView(b);
	if (b.kind === 'bars') return barsView(b);
	return b.kind === 'list' ? listView(b) : sectionView(b);
}

// The description of a value (datashape.js) as elements: figures as cards, lines, sortable tables, lists, sections. Updated in place, so
// that what a person has opened, sorted, focused or selected stays while new values come.
import { cellText, sortRows, timeMember } from './datashape.js';
import { lineView } from './dataline.js';
import { count, dateTime, plural, utc } from './format.js';
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
		const time = timeMember(c.key, row[c.key]);
		setText(td, time === null ? cellText(c.key, row[c.key]) : dateTime(time));
		setAttr(td, 'title', time === null ? null : utc(time));
		setAttr(td, 'class', c.numeric ? 'num' : null);
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

// --- sections ---

/** @param {Element} el @param {import('./datashape.js').Figure} f */
function fillFigure(el, f) {
	setText(el.children[0], f.label);
	setText(el.children[1], f.text);
	setAttr(el.children[1], 'title', Number.isFinite(f.value) ? String(f.value) : null);
}

/** @param {Element} el @param {import('./datashape.js').Fact} f */
function fillFact(el, f) {
	setText(el.children[0], f.label);
	if (f.time === null) setText(el.children[1], f.text);
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
	return b.kind === 'list' ? listView(b) : sectionView(b);
}

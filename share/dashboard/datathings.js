// What is known of one topic of the Data page: one entry is shown whole, several as a list whose rows open; and all of it as JSON.
import { cellText, filterShape, json, shapeOf } from './datashape.js';
import { sectionView } from './dataview.js';
import { count, plural } from './format.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText } from './dom.js';

export const THINGS_MAX = 50; // on screen; the search finds the others
export const RAW_MAX = 200000; // characters on screen; Copy takes all
const RAW_EVERY_MS = 1000;
export const SECTIONS = ['metrics', 'containers', 'sessions'];

/**
 * @typedef {{id: string, data: unknown, at: number | null, source: string}} Thing
 * @typedef {{things: Thing[], topic: string, words: string, open: Set<string>, again: () => void}} Seen words: of the search, lower case; again: draw anew
 */

/** @type {WeakMap<object, object>} */
const statuses = new WeakMap();

/** A source's status as its record says it. @param {import('./store.js').Source} s */
function statusOf(s) {
	let d = statuses.get(s);
	if (!d) statuses.set(s, (d = { status: s.status, ...(s.error ? { error: s.error } : {}), ...(s.since ? { since: s.since } : {}), ...(s.lastSuccess ? { last_success: s.lastSuccess } : {}), interval_ms: s.interval }));
	return d;
}

const inOrder = new Intl.Collator('en', { numeric: true });
/** @type {WeakMap<object, string[]>} */
const orders = new WeakMap();

/** The ids of a topic, sorted again only when there are others. @param {Map<string, unknown>} known */
function sortedIds(known) {
	let ids = orders.get(known);
	if (!ids || ids.length !== known.size || !ids.every((id) => known.has(id))) orders.set(known, (ids = [...known.keys()].sort(inOrder.compare)));
	return ids;
}

/** What is known of one topic, in the order of the ids. @param {any} store @param {string} topic @returns {Thing[]} */
export function thingsOf(store, topic) {
	if (topic === 'source_status') return sortedIds(store.sources).map((id) => store.sources.get(id)).map((s) => ({ id: s.source, data: statusOf(s), at: s.at, source: s.source }));
	if (SECTIONS.includes(topic)) return store[topic] ? [{ id: '', data: store[topic].data, at: store[topic].at, source: '' }] : [];
	const known = store.states.get(topic);
	return known ? sortedIds(known).map((id) => ({ id, data: known.get(id).data, at: known.get(id).at ?? null, source: known.get(id).source ?? '' })) : [];
}

/** @param {any} store @param {string} topic */
export const sizeOf = (store, topic) => (topic === 'source_status' ? store.sources.size : SECTIONS.includes(topic) ? Number(!!store[topic]) : (store.states.get(topic)?.size ?? 0));

/** @type {WeakMap<object, string>} */
const searchTexts = new WeakMap();

/** @param {Thing} t */
function searchText(t) {
	if (typeof t.data !== 'object' || t.data === null) return `${t.id} ${cellText('', t.data)}`.toLowerCase();
	let text = searchTexts.get(t.data);
	if (text === undefined) searchTexts.set(t.data, (text = json(t.data).toLowerCase()));
	return `${t.id.toLowerCase()} ${text}`;
}

/** @type {WeakMap<object, import('./datashape.js').Section>} */
const shapes = new WeakMap();

/** @param {Thing} t @param {string} topic */
function shapeOfThing(t, topic) {
	if (typeof t.data !== 'object' || t.data === null) return shapeOf(t.data, topic);
	let s = shapes.get(t.data);
	if (!s) shapes.set(t.data, (s = shapeOf(t.data, topic)));
	return s;
}

/** Its first figures and words, for one line. @param {Thing} t @param {string} topic */
function summary(t, topic) {
	const s = shapeOfThing(t, topic);
	const words = [...s.facts.filter((f) => f.time === null).slice(0, 2), ...s.figures.slice(0, 3)].map((f) => `${f.label} ${f.text.slice(0, 40)}`);
	return words.join(' · ') || plural(s.blocks.length, 'part');
}

/** @param {boolean} alone */
function thingView(alone) {
	const age = relTime(null), name = h('span', { class: 'data-id' }), few = h('span', { class: 'quiet data-few' }), inside = h('div');
	const el = alone ? h('div', { class: 'data-alone' }, name, inside) : h('details', { class: 'data-thing card' }, h('summary', null, name, ' ', few, ' ', age), inside);
	/** @type {ReturnType<typeof sectionView> | null} */
	let view = null;
	const update = (/** @type {Thing} */ t, /** @type {string} */ topic, /** @type {string} */ words) => {
		setText(name, t.id || '(no id)');
		setHidden(name, alone && !t.id);
		setRelTime(age, t.at);
		if (!alone) setText(few, summary(t, topic));
		if (!alone && !(/** @type {HTMLDetailsElement} */ (el).open)) return;
		const whole = shapeOfThing(t, topic);
		const part = t.id.toLowerCase().includes(words) ? whole : filterShape(whole, words);
		if (view) view.update(part);
		else inside.append((view = sectionView(part, { titled: false })).el);
	};
	return { el, update };
}

/** Those on screen: the first of what the search found, and before them those that are open. @param {Seen} seen */
function chosen({ things, words, open }) {
	const found = things.length < 2 || !words ? things : things.filter((t) => searchText(t).includes(words));
	const beyond = open.size ? found.slice(THINGS_MAX).filter((t) => open.has(t.id)) : [];
	return { found, shown: [...beyond, ...found.slice(0, THINGS_MAX)].slice(0, THINGS_MAX) };
}

/** The entries of one topic. */
export function thingsView() {
	const list = h('div', { class: 'data-things' }), note = h('p', { class: 'quiet' });
	/** @type {Map<string, ReturnType<typeof thingView>>} */
	let views = new Map();
	let alone = false, topic = '';
	const make = (/** @type {string} */ id, /** @type {Seen} */ seen) => {
		const v = thingView(alone), el = v.el;
		if (!(el instanceof HTMLDetailsElement)) return v;
		el.open = seen.open.has(id);
		el.addEventListener('toggle', () => {
			if (el.open) seen.open.add(id);
			else seen.open.delete(id);
			seen.again();
		});
		return v;
	};
	const update = (/** @type {Seen} */ seen) => {
		if (seen.topic !== topic || alone !== seen.things.length < 2) views = new Map();
		topic = seen.topic;
		alone = seen.things.length < 2;
		const { found, shown } = chosen(seen);
		/** @type {typeof views} */
		const next = new Map();
		for (const t of shown) {
			const v = views.get(t.id) ?? make(t.id, seen);
			v.update(t, topic, seen.words);
			next.set(t.id, v);
		}
		views = next;
		const els = [...next.values()].map((v) => v.el);
		if (els.length !== list.children.length || els.some((e, i) => e !== list.children[i])) list.replaceChildren(...els);
		const left = found.length - shown.length;
		setText(note, left ? `and ${count(left)} more` : seen.things.length && !found.length ? 'Nothing holds these words.' : '');
		setHidden(note, !note.textContent);
	};
	return { el: h('div', null, list, note), update };
}

// --- raw JSON ---

/** Also where the page did not come over https and the clipboard is closed to it. @param {string} text */
async function copyText(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = h('textarea', { class: 'visually-hidden', value: text });
		document.body.append(area);
		area.select();
		const done = document.execCommand('copy');
		area.remove();
		return done;
	}
}

/** As a file, with the time in its name. @param {string} text @param {string} name */
function saveText(text, name) {
	const url = URL.createObjectURL(new Blob([text], { type: 'application/json' })), file = `${name || 'data'}-${new Date().toISOString().replace(/[:.]/g, '-')}.json`;
	h('a', { href: url, download: file }).click();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** @param {() => string} text what is to be shown, copied and saved @param {() => string} name of the file */
export function rawView(text, name) {
	const pre = h('pre', { class: 'data-raw', tabindex: '0', role: 'region', 'aria-label': 'Raw JSON', hidden: true });
	const said = h('span', { class: 'quiet', role: 'status' });
	let behind = true, drawn = -Infinity;
	const toggle = h('button', { type: 'button', class: 'btn', 'aria-expanded': 'false', on: { click: () => {
		pre.hidden = !pre.hidden;
		setAttr(toggle, 'aria-expanded', String(!pre.hidden));
		drawn = -Infinity;
		draw(true);
	} } }, 'Raw JSON');
	const copyIt = h('button', { type: 'button', class: 'btn', on: { click: async () => {
		setText(said, (await copyText(text())) ? 'Copied' : 'The browser did not allow it');
		setTimeout(() => setText(said, ''), 3000);
	} } }, 'Copy');
	/** Not while a part of it is selected, and not more often than it can be read. @param {boolean} changed */
	const draw = (changed) => {
		behind ||= changed;
		const at = document.getSelection();
		if (!behind || pre.hidden || performance.now() - drawn < RAW_EVERY_MS || (at && !at.isCollapsed && pre.contains(at.anchorNode))) return;
		behind = false;
		drawn = performance.now();
		const all = text();
		setText(pre, all.length > RAW_MAX ? `${all.slice(0, RAW_MAX)}\n… and ${count(all.length - RAW_MAX)} more characters: Copy takes them all` : all);
	};
	const save = h('button', { type: 'button', class: 'btn', title: 'Save as a file', on: { click: () => saveText(text(), name()) } }, 'Export');
	return { tools: [toggle, copyIt, save, said], el: pre, draw };
}

// The Data page: any state topic the server knows, by its name, whatever it holds. The address keeps the choice: /data?topic=weather&id=w1.
import { filterShape, json, shapeOf, cellText } from './datashape.js';
import { sectionView } from './dataview.js';
import { count, plural } from './format.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText } from './dom.js';

export const THINGS_MAX = 50; // of one topic, on screen; the search finds the others
export const TOPICS_MAX = 200; // in the list
export const EVENTS_MAX = 200; // of a topic that is no state
export const RAW_MAX = 200000; // characters on screen; Copy takes all

const OTHER_PAGES = ['metrics', 'containers', 'sessions', 'source_status'];
const EVENTS = new Set(['session_event', 'system_alert', 'container_event', 'session_events', 'system_alerts', 'container_events']);
const TOPIC = /^[a-z][a-z0-9_]*$/;

/**
 * @typedef {{id: string, data: unknown, at: number | null}} Thing
 * @typedef {{el: HTMLElement, title: string, topics: string[], show: (params?: Record<string, string>) => void, hide: () => void, draw: (now: number) => void}} View
 */

/** @param {string} topic @param {string} [id] */
const pathOf = (topic, id) => `/data?topic=${encodeURIComponent(topic)}${id ? `&id=${encodeURIComponent(id)}` : ''}`;

/** @type {WeakMap<object, object>} */
const statuses = new WeakMap();

/** A source's status as its record says it. @param {import('./store.js').Source} s */
function statusOf(s) {
	let d = statuses.get(s);
	if (!d) statuses.set(s, (d = { status: s.status, ...(s.error ? { error: s.error } : {}), ...(s.since ? { since: s.since } : {}), ...(s.lastSuccess ? { last_success: s.lastSuccess } : {}), interval_ms: s.interval }));
	return d;
}

/** What is known of one topic, in the order of the ids. @param {any} store @param {string} topic @returns {Thing[]} */
export function thingsOf(store, topic) {
	if (topic === 'source_status') return [...store.sources.values()].map((s) => ({ id: s.source, data: statusOf(s), at: s.at }));
	if (OTHER_PAGES.includes(topic)) return store[topic] ? [{ id: '', data: store[topic].data, at: store[topic].at }] : [];
	const known = store.states.get(topic);
	if (!known) return [];
	/** @type {Thing[]} */
	const things = [...known].map(([id, s]) => ({ id, data: s.data, at: s.at ?? null }));
	return things.sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
}

/** Names of topics to choose from: first those with no page of their own. @param {Iterable<unknown>} names @returns {{own: string[], shown: string[]}} */
export function sortTopics(names) {
	const all = [...new Set(names)].filter((n) => typeof n === 'string' && n.length <= 128 && TOPIC.test(n) && !EVENTS.has(n));
	const own = /** @type {string[]} */ (all).filter((n) => !OTHER_PAGES.includes(n)).sort();
	return { own, shown: OTHER_PAGES.filter((n) => all.includes(n)) };
}

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

// --- one thing, many things ---

/** One thing's age and value. @param {boolean} alone */
function thingView(alone) {
	const age = relTime(null), name = h('span', { class: 'data-id' }), few = h('span', { class: 'quiet data-few' });
	const inside = h('div');
	const el = alone ? h('div', { class: 'data-alone' }, h('p', { class: 'data-head' }, name, ' ', age), inside)
		: h('details', { class: 'data-thing card' }, h('summary', null, name, ' ', few, ' ', age), inside);
	/** @type {ReturnType<typeof sectionView> | null} */
	let view = null;
	const update = (/** @type {Thing} */ t, /** @type {string} */ topic, /** @type {string} */ words) => {
		setText(name, t.id);
		setHidden(name, !t.id);
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

/** The things of one topic: one is shown whole, several as a list that opens. @param {(id: string, open: boolean) => void} onToggle */
function thingsView(onToggle) {
	const list = h('div', { class: 'data-things' }), note = h('p', { class: 'quiet' });
	/** @type {Map<string, ReturnType<typeof thingView>>} */
	let views = new Map();
	let alone = false, topic = '';
	const viewFor = (/** @type {string} */ id, /** @type {boolean} */ open, /** @type {() => void} */ again) => {
		const v = thingView(alone);
		if (v.el instanceof HTMLDetailsElement) {
			v.el.open = open;
			v.el.addEventListener('toggle', () => {
				onToggle(id, /** @type {HTMLDetailsElement} */ (v.el).open);
				again();
			});
		}
		return v;
	};
	const update = (/** @type {Thing[]} */ things, /** @type {string} */ of, /** @type {string} */ words, /** @type {Set<string>} */ open, /** @type {() => void} */ again) => {
		if (of !== topic || alone !== things.length < 2) views = new Map();
		topic = of;
		alone = things.length < 2;
		const found = alone || !words ? things : things.filter((t) => searchText(t).includes(words));
		const first = found.slice(0, THINGS_MAX), beyond = found.slice(THINGS_MAX).filter((t) => open.has(t.id));
		const shown = [...beyond, ...first].slice(0, THINGS_MAX);
		/** @type {typeof views} */
		const next = new Map();
		for (const t of shown) {
			const v = views.get(t.id) ?? viewFor(t.id, open.has(t.id), again);
			v.update(t, topic, words);
			next.set(t.id, v);
		}
		views = next;
		const els = [...next.values()].map((v) => v.el);
		if (els.length !== list.children.length || els.some((e, i) => e !== list.children[i])) list.replaceChildren(...els);
		const left = found.length - shown.length;
		setText(note, left ? `and ${count(left)} more` : things.length && !found.length ? 'Nothing holds these words.' : '');
		setHidden(note, !note.textContent);
	};
	return { el: h('div', null, list, note), update };
}

// --- raw JSON ---

/** @param {() => string} text what is to be copied */
function rawView(text) {
	const pre = h('pre', { class: 'data-raw', tabindex: '0', 'aria-label': 'Raw JSON', hidden: true });
	const said = h('span', { class: 'quiet', role: 'status' });
	const toggle = h('button', { type: 'button', class: 'btn', 'aria-expanded': 'false', on: { click: () => {
		pre.hidden = !pre.hidden;
		setAttr(toggle, 'aria-expanded', String(!pre.hidden));
		draw();
	} } }, 'Raw JSON');
	const copyIt = h('button', { type: 'button', class: 'btn', on: { click: async () => {
		setText(said, (await copyText(text())) ? 'Copied' : 'The browser did not allow it');
		setTimeout(() => setText(said, ''), 3000);
	} } }, 'Copy');
	const draw = () => {
		const at = document.getSelection();
		if (pre.hidden || (at && !at.isCollapsed && pre.contains(at.anchorNode))) return;
		const all = text();
		setText(pre, all.length > RAW_MAX ? `${all.slice(0, RAW_MAX)}\n… and ${count(all.length - RAW_MAX)} more characters: Copy takes them all` : all);
	};
	return { tools: [toggle, copyIt, said], el: pre, draw };
}

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

// --- the page ---

/** An event as the row of a table: its own members, then those of its data. @param {any} e */
function rowOf({ type, data, ...own }) {
	return { ...own, ...(typeof data === 'object' && data !== null && !Array.isArray(data) ? data : data === undefined ? {} : { data }) };
}

/** @param {any} ctx @returns {View} */
export function createData(ctx) {
	const { store } = ctx;
	/** @type {Set<string>} */
	const known = new Set();
	/** @type {Set<string>} */
	const open = new Set();
	/** @type {any[]} */
	let events = [];
	let topic = '', words = '', shown = false, dirty = true;

	const search = h('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search in the data', autocomplete: 'off', on: { input: () => {
		words = search.value.trim().toLowerCase();
		redraw();
	} } });
	const list = h('ul'), listNote = h('p', { class: 'quiet' });
	const again = h('button', { type: 'button', class: 'btn', title: 'Ask the server which topics it knows', on: { click: () => ask() } }, 'Look again');
	const title = h('h2'), state = h('span', { class: 'quiet' }), hint = h('p', { class: 'quiet data-hint' });
	const things = thingsView((id, isOpen) => (isOpen ? open.add(id) : open.delete(id)));
	const eventTable = sectionView(shapeOf({}, ''), { titled: false });
	const raw = rawView(() => rawText());
	const head = h('div', { class: 'data-title' }, title, state, h('span', { class: 'data-tools' }, search, ...raw.tools));
	const el = h('div', { class: 'data-page' }, h('nav', { class: 'data-topics', 'aria-label': 'Topics' }, h('h2', null, 'Topics'), list, listNote, again),
		h('div', { class: 'data-main' }, head, hint, raw.el, things.el, eventTable.el));

	const rawText = () => {
		const all = thingsOf(store, topic);
		if (!all.length) return json(events, 2);
		return all.length === 1 && !all[0].id ? json(all[0].data, 2) : json(all.map((t) => ({ type: topic, id: t.id || undefined, timestamp: t.at === null ? undefined : new Date(t.at).toISOString(), data: t.data })), 2);
	};
	const redraw = () => {
		dirty = true;
		draw();
	};

	const choices = () => sortTopics([...known, ...store.topics, ...store.states.keys(), ...OTHER_PAGES.filter((n) => (n === 'source_status' ? store.sources.size : store[n])), ...(TOPIC.test(topic) ? [topic] : [])]);
	const link = (/** @type {string} */ name) => {
		const many = thingsOf(store, name).length;
		return h('li', null, h('a', { href: pathOf(name), 'aria-current': name === topic ? 'page' : false }, name), many > 1 ? h('span', { class: 'quiet num' }, ` ${count(many)}`) : null);
	};
	let listed = '';
	const drawTopics = () => {
		const { own, shown: others } = choices();
		const key = JSON.stringify([topic, [...own.slice(0, TOPICS_MAX), ...others].map((n) => [n, thingsOf(store, n).length])]);
		if (key === listed) return;
		listed = key;
		list.replaceChildren(...own.slice(0, TOPICS_MAX).map(link), ...(others.length ? [h('li', { class: 'quiet data-group' }, 'On other pages, too')] : []), ...others.map(link));
		setText(listNote, own.length > TOPICS_MAX ? `and ${count(own.length - TOPICS_MAX)} more` : own.length ? '' : 'No other topics are known yet.');
	};
	const hintText = (/** @type {Thing[]} */ all) => {
		if (!topic) return choices().own.length ? 'Choose a topic.' : 'Records of any other type appear here as soon as the broadcaster takes them as state: broadcaster --state TYPE.';
		return all.length || events.length ? '' : 'Nothing has come of this topic yet.';
	};
	const drawTopic = () => {
		const all = topic ? thingsOf(store, topic) : [];
		setText(title, topic || 'Data');
		setText(state, all.length > 1 ? plural(all.length, 'thing') : !all.length && events.length ? `the last ${plural(events.length, 'event')}` : '');
		setText(hint, hintText(all));
		setHidden(hint, !hint.textContent);
		things.update(all, topic, words, open, redraw);
		setHidden(eventTable.el, all.length > 0 || !events.length);
		if (!eventTable.el.hidden) eventTable.update(filterShape(shapeOf({ events: events.map(rowOf) }, topic), words));
		raw.draw();
	};
	const draw = () => {
		if (!shown || !dirty) return;
		dirty = false;
		const { own } = choices();
		if (!topic && own.length === 1) {
			topic = own[0]; // there is nothing to choose
			history.replaceState(history.state, '', pathOf(topic));
		}
		drawTopics();
		drawTopic();
	};
	/** Asks which topics there are; a server without that route has named them in its greeting. */
	const ask = async () => {
		const answer = await ctx.getJson('/api/v1/state?topics=source_status').catch(() => null);
		for (const n of Array.isArray(answer?.topics) ? answer.topics : []) if (typeof n === 'string' && known.size < 10000) known.add(n);
		redraw();
	};
	store.on('any', (/** @type {any} */ m) => {
		dirty = true;
		if (topic && m?.type === topic && typeof m.offset === 'number') events = [m, ...events].slice(0, EVENTS_MAX);
	});
	document.addEventListener('tokenchange', () => shown && ask());
	return {
		el,
		get title() {
			return topic ? `Data: ${topic}` : 'Data';
		},
		get topics() {
			return TOPIC.test(topic) ? [topic] : [];
		},
		show(params) {
			const next = (params?.topic ?? '').slice(0, 128), id = params?.id;
			if (next !== topic) {
				open.clear();
				events = [];
			}
			topic = next;
			if (id) open.add(id);
			shown = true;
			ask();
			redraw();
		},
		hide() {
			shown = false;
		},
		draw,
	};
}

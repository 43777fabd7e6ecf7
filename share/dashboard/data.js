// The Data page: any state topic the server knows, by its name, whatever it holds. The address keeps the choice: /data?topic=weather&id=w1.
import { filterShape, json, shapeOf } from './datashape.js';
import { SECTIONS, rawView, sizeOf, thingsOf, thingsView } from './datathings.js';
import { sectionView } from './dataview.js';
import { clock, count, duration, plural } from './format.js';
import { describeSource } from './health.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText } from './dom.js';

export const TOPICS_MAX = 200; // in the list
export const EVENTS_MAX = 200; // of a topic that is no state
const NAMES_MAX = 10000;
const SEARCH_MS = 150;

const OTHER_PAGES = [...SECTIONS, 'source_status'];
const EVENTS = new Set(['session_event', 'system_alert', 'container_event', 'session_events', 'system_alerts', 'container_events']);
const TOPIC = /^[a-z][a-z0-9_]{0,127}$/;
const LINK_WORKS = new Set(['live', 'polling', 'connecting']);

/**
 * @typedef {import('./datathings.js').Thing} Thing
 * @typedef {{el: HTMLElement, title: string, topics: string[], show: (params?: Record<string, string>) => void, hide: () => void, draw: (now: number) => void}} View
 */

/** @param {string} topic */
const pathOf = (topic) => `/data?topic=${encodeURIComponent(topic)}`;

/**
 * Names of topics to choose from: states without a page of their own, events, what other pages show.
 * @param {Iterable<unknown>} states those known to be state @param {Iterable<unknown>} [others] state or events
 * @returns {{own: string[], events: string[], shown: string[]}}
 */
export function sortTopics(states, others = []) {
	const good = (/** @type {Iterable<unknown>} */ list) => /** @type {string[]} */ ([...new Set(list)].filter((n) => typeof n === 'string' && TOPIC.test(n) && !EVENTS.has(n)));
	const all = good(states), known = new Set(all);
	return { own: all.filter((n) => !OTHER_PAGES.includes(n)).sort(), events: good(others).filter((n) => !known.has(n) && !OTHER_PAGES.includes(n)).sort(), shown: OTHER_PAGES.filter((n) => known.has(n)) };
}

/** Why what is shown is not of now; empty when it is. @param {any} ctx @param {string} topic @param {Thing[]} things @param {number} now */
export function staleReason(ctx, topic, things, now) {
	const { live, store } = ctx, link = live.status;
	if (!things.length) return '';
	if (!LINK_WORKS.has(link.state)) return link.reason || 'No connection';
	if (SECTIONS.includes(topic)) return store.health(topic).reason;
	const source = store.sources.get(things[0].source);
	if (!source || topic === 'source_status' || things.some((t) => t.source !== source.source)) return '';
	if (source.status === 'down') return describeSource(source, now);
	const newest = Math.max(...things.slice(0, 1000).map((t) => t.at ?? 0));
	return source.interval && newest && now - newest > 3 * source.interval + 1000 ? `${source.source} is silent: last reading ${clock(newest)}, ${duration(now - newest)} ago` : '';
}

/** An event as the row of a table: its own members, then those of its data. @param {any} e */
function rowOf({ type, offset, data, ...own }) {
	return { ...own, ...(typeof data === 'object' && data !== null && !Array.isArray(data) ? data : data === undefined ? {} : { data }) };
}

/** @param {Thing[]} all @param {string} topic */
function rawJson(all, topic) {
	if (all.length === 1 && !all[0].id) return json(all[0].data, 2);
	return json(all.map((t) => ({ type: topic, id: t.id || undefined, timestamp: t.at === null ? undefined : new Date(t.at).toISOString(), data: t.data })), 2);
}

/** The list of topics. @param {any} store @param {() => void} ask */
function topicList(store, ask) {
	const list = h('ul'), note = h('p', { class: 'quiet' });
	const again = h('button', { type: 'button', class: 'btn', title: 'Ask the server which topics it knows', on: { click: ask } }, 'Look again');
	const group = (/** @type {string} */ title, /** @type {Node[]} */ items) => (items.length ? [h('li', { class: 'quiet data-group' }, title), ...items] : []);
	let listed = '';
	/** @param {ReturnType<typeof sortTopics>} topics @param {string} topic the one chosen */
	const draw = ({ own, events, shown }, topic) => {
		const first = own.slice(0, TOPICS_MAX), second = events.slice(0, TOPICS_MAX);
		const key = JSON.stringify([topic, first.map((n) => [n, sizeOf(store, n)]), second, shown]);
		if (key === listed) return;
		listed = key;
		const link = (/** @type {string} */ name) => {
			const many = sizeOf(store, name);
			return h('li', null, h('a', { href: pathOf(name), 'aria-current': name === topic ? 'page' : false }, name), many > 1 ? h('span', { class: 'quiet num' }, ` ${count(many)}`) : null);
		};
		list.replaceChildren(...first.map(link), ...group('Events', second.map(link)), ...group('On other pages, too', shown.map(link)));
		setText(note, own.length > first.length ? `and ${count(own.length - first.length)} more` : own.length ? '' : 'No other topics are known yet.');
		setHidden(note, !note.textContent);
	};
	return { el: h('nav', { class: 'data-topics', 'aria-label': 'Topics' }, h('h2', null, 'Topics'), list, note, again), draw };
}

/** @param {any} ctx @returns {View} */
export function createData(ctx) {
	const { store } = ctx;
	/** @type {Set<string>} */
	let known = new Set();
	let asked = false; // whether the server itself named its state topics
	/** @type {Set<string>} */
	const open = new Set();
	/** @type {any[]} */
	let events = [];
	let topic = '', words = '', shown = false, dirty = true, searching = 0;

	const search = h('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search in the data', autocomplete: 'off', on: { input: () => {
		clearTimeout(searching);
		searching = window.setTimeout(() => {
			words = search.value.trim().toLowerCase();
			redraw();
		}, SEARCH_MS);
	} } });
	const title = h('h2'), age = relTime(null), state = h('span', { class: 'quiet' }), hint = h('p', { class: 'quiet data-hint' }), why = h('p', { class: 'warn data-why' });
	const list = topicList(store, () => ask());
	const things = thingsView(), eventTable = sectionView(shapeOf({}, ''), { titled: false });
	const raw = rawView(() => {
		const all = thingsOf(store, topic);
		return all.length ? rawJson(all, topic) : json(events, 2);
	}, () => topic);
	const tools = h('span', { class: 'data-tools' }, search, ...raw.tools), body = h('div', null, things.el, eventTable.el);
	const el = h('div', { class: 'data-page' }, list.el, h('div', { class: 'data-main' }, h('div', { class: 'data-title' }, title, age, state, tools), why, hint, raw.el, body));

	const choices = () => {
		const mine = TOPIC.test(topic) && !events.length ? [topic] : [], seen = OTHER_PAGES.filter((n) => sizeOf(store, n));
		return asked ? sortTopics([...known, ...store.states.keys(), ...seen, ...(store.topics.includes(topic) ? [] : mine)], store.topics) : sortTopics([...store.topics, ...store.states.keys(), ...seen, ...mine]);
	};
	const hintText = (/** @type {Thing[]} */ all, /** @type {string[]} */ own) => {
		if (!topic) return own.length ? 'Choose a topic.' : 'Records of any other type appear here as soon as the broadcaster takes them as state: broadcaster --state TYPE.';
		return all.length || events.length ? '' : 'Nothing has come of this topic yet.';
	};
	const drawTopic = (/** @type {Thing[]} */ all, /** @type {string[]} */ own) => {
		setText(title, topic || 'Data');
		setRelTime(age, all.length === 1 ? all[0].at : null);
		setHidden(age, all.length !== 1);
		setText(state, all.length > 1 ? plural(all.length, 'entry', 'entries') : !all.length && events.length ? `the last ${plural(events.length, 'event')}` : '');
		setText(hint, hintText(all, own));
		setHidden(hint, !hint.textContent);
		setHidden(tools, !all.length && !events.length);
		things.update({ things: all, topic, words, open, again: redraw });
		setHidden(eventTable.el, all.length > 0 || !events.length);
		if (!eventTable.el.hidden) eventTable.update(filterShape(shapeOf({ events: events.map(rowOf) }, topic), words));
	};
	const drawAge = (/** @type {Thing[]} */ all, /** @type {number} */ now) => {
		const reason = staleReason(ctx, topic, all, now);
		setText(why, reason);
		setHidden(why, !reason);
		setAttr(body, 'class', reason ? 'stale' : null);
	};
	const draw = () => {
		if (!shown) return;
		const all = topic ? thingsOf(store, topic) : [];
		drawAge(all, store.now());
		raw.draw(dirty);
		if (!dirty) return;
		dirty = false;
		const topics = choices();
		if (!topic && topics.own.length === 1) {
			topic = topics.own[0]; // there is nothing to choose
			history.replaceState(history.state, '', pathOf(topic));
			fillEvents();
			return redraw();
		}
		list.draw(topics, topic);
		drawTopic(all, topics.own);
	};
	const redraw = () => {
		dirty = true;
		draw();
	};
	/** Asks which state topics there are; a server without that route has named all its topics in its greeting. */
	const ask = async () => {
		const answer = await ctx.getJson('/api/v1/state?topics=source_status').catch(() => null);
		asked = Array.isArray(answer?.topics);
		known = new Set(asked ? answer.topics.filter((/** @type {unknown} */ n) => typeof n === 'string').slice(0, NAMES_MAX) : []);
		redraw();
	};
	/** Of a topic that is no state: its last events. */
	const fillEvents = async () => {
		const mine = topic;
		if (!TOPIC.test(mine) || sizeOf(store, mine) || OTHER_PAGES.includes(mine)) return;
		const answer = await ctx.getJson(`/api/v1/events?type=${mine}&limit=${EVENTS_MAX}`).catch(() => null);
		if (topic !== mine || !Array.isArray(answer?.events)) return;
		const have = new Set(events.map((e) => e.offset));
		events = [...events, ...answer.events.filter((/** @type {any} */ e) => e?.type === mine && !have.has(e.offset))].slice(0, EVENTS_MAX);
		redraw();
	};
	store.on('any', (/** @type {any} */ m) => {
		dirty = true;
		if (topic && m?.type === topic && typeof m.offset === 'number') events = [m, ...events.filter((e) => e.offset !== m.offset)].slice(0, EVENTS_MAX);
	});
	document.addEventListener('tokenchange', () => shown && (ask(), fillEvents()));
	return {
		el,
		get title() {
			return topic ? `Data: ${topic}` : 'Data';
		},
		get topics() {
			return TOPIC.test(topic) ? [topic] : topic ? [] : ['*']; // none chosen yet: whatever comes is offered
		},
		show(params) {
			const next = (params?.topic ?? '').slice(0, 128);
			if (next !== topic) {
				open.clear();
				events = [];
			}
			topic = next;
			if (params?.id) open.add(params.id);
			shown = true;
			ask();
			fillEvents();
			redraw();
		},
		hide() {
			shown = false;
		},
		draw,
	};
}

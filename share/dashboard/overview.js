// The overview: is it up, how busy is it, and how was it lately.
import { h, relTime, setAttr, setRelTime, setText } from './dom.js';
import { count, duration, isNumber, mb, ms, percent, plural, rate } from './format.js';
import { figureOf } from './readings.js';

// The cards of the overview: a figure, what it is of, and how old it is.

/**
 * @typedef {'metrics'|'containers'|'sessions'} Section
 * @typedef {import('./store.js').Store} Store
 * @typedef {{title: string, section: (store: Store) => Section, value: (store: Store) => string, about?: (store: Store) => string, href?: string, wide?: boolean}} Card
 */

const NONE = '–';
const metrics = () => /** @type {const} */ ('metrics');
const hundred = (/** @type {number | null} */ v) => (v === null ? null : v * 100);

/** "3 of 100" @param {string} part @param {string} whole */
const of = (part, whole) => (part === NONE || whole === NONE ? part : `${part} of ${whole}`);

/** @param {Store} store */
function totalSessions(store) {
	const total = store.number('sessions', 'total_count');
	return total === null ? '' : `${count(total)} seen in total`;
}

/** @param {Store} store */
function errors(store) {
	const n = store.number('metrics', 'performance.total_errors');
	return n === null ? '' : `${plural(n, 'error')} in total`;
}

/** @param {Store} store */
function eviction(store) {
	const s = store.number('metrics', 'processor_manager.eviction_ttl_seconds');
	return s === null || s <= 0 ? '' : `let go when unused for ${duration(s * 1000)}`;
}

/** @param {Store} store */
function totalRequests(store) {
	return store.number('metrics', 'requests.total') ?? store.number('metrics', 'performance.total_requests');
}

/** @type {Card[]} */
const CARDS = [
	{ title: 'Active sessions', section: (s) => figureOf(s, 'kato_active_sessions').section, value: (s) => count(figureOf(s, 'kato_active_sessions').value), about: totalSessions },
	{ title: 'Total requests', section: metrics, value: (s) => count(totalRequests(s)), about: () => 'since KATO started' },
	{ title: 'Requests/s', section: metrics, value: (s) => rate(figureOf(s, 'kato_requests_per_second').value), about: () => 'over the last minute' },
	{ title: 'Error rate', section: metrics, value: (s) => percent(hundred(figureOf(s, 'kato_error_rate').value), 2), about: errors },
	{ title: 'Mean response time', section: metrics, value: (s) => ms(figureOf(s, 'kato_average_response_time').value), about: () => 'over the last minute' },
	{
		title: 'Processors', section: metrics, about: eviction,
		value: (s) => of(count(s.number('metrics', 'processor_manager.total_processors')), count(s.number('metrics', 'processor_manager.max_processors'))),
	},
];

/** @param {Card} card */
function createCard(card) {
	const value = h('p', { class: 'figure' }, NONE), about = h('p', { class: 'quiet about' }), time = relTime(null), reason = h('span');
	const age = h('p', { class: 'age quiet' }, time, reason);
	const el = h('section', { class: 'card figure-card' }, h('h2', null, card.title), value, about, age);
	return {
		el,
		/** @param {Store} store */
		draw(store) {
			const which = card.section(store), health = store.health(which), known = store[which];
			setText(value, card.value(store));
			setText(about, known ? card.about?.(store) ?? '' : '');
			drawAge({ el, value, time, reason }, health, known?.at ?? null);
		},
	};
}

/**
 * @param {{el: HTMLElement, value: HTMLElement, time: HTMLTimeElement, reason: HTMLElement}} parts
 * @param {import('./health.js').Health} health @param {number | null} at
 */
function drawAge({ el, value, time, reason }, health, at) {
	const stale = health.state !== 'fresh';
	value.classList.toggle('stale', stale);
	setAttr(el, 'data-state', health.state);
	time.hidden = at === null;
	if (isNumber(at)) setRelTime(time, at);
	setText(reason, stale && health.reason ? `${at === null ? '' : ' · '}${health.reason}` : '');
}

/** What all containers use together; the whole is said with each figure. */
function createContainersCard() {
	const cpu = h('p', { class: 'figure' }, NONE), host = h('p', { class: 'quiet about' }), memory = h('p', { class: 'figure' }, NONE), limit = h('p', { class: 'quiet about' });
	const number = h('p', { class: 'figure' }, NONE), states = h('p', { class: 'quiet about' });
	const time = relTime(null), reason = h('span');
	const part = (/** @type {string} */ title, /** @type {HTMLElement[]} */ ...rest) => h('div', { class: 'part' }, h('h3', null, title), rest);
	const el = h('section', { class: 'card containers-card', 'aria-labelledby': 'overview-containers' },
		h('div', { class: 'containers-head' }, h('h2', { id: 'overview-containers' }, 'Containers'), h('a', { href: '/containers' }, 'All containers'), h('p', { class: 'age quiet' }, time, reason)),
		part('CPU', cpu, host), part('Memory', memory, limit), part('Running', number, states));

	/** @param {Store} store */
	function drawNumbers(store) {
		const n = (/** @type {string} */ path) => store.number('containers', `aggregated.${path}`);
		const cpus = n('online_cpus'), total = n('total_cpu_percent'), hostShare = n('host_cpu_percent');
		setText(cpu, of(percent(total, 1), cpus ? percent(cpus * 100, 0) : NONE));
		setText(host, [hostShare === null ? '' : `${percent(hostShare, 1)} of the host`, cpus ? plural(cpus, 'core') : ''].filter(Boolean).join(', '));
		setText(memory, of(mb(n('total_memory_mb')), n('total_memory_limit_mb') ? mb(n('total_memory_limit_mb')) : NONE));
		setText(limit, n('total_memory_percent') === null ? '' : `${percent(n('total_memory_percent'), 1)} of the limits`);
	}
	/** @param {Store} store */
	function drawStates(store) {
		const list = store.list('containers');
		const running = list.filter((c) => c.status === 'running').length, sick = list.filter((c) => c.health === 'unhealthy').length, missing = list.filter((c) => c.status === 'missing').length;
		setText(number, store.containers ? `${count(running)} of ${count(list.length)}` : NONE);
		setText(states, [sick ? `${count(sick)} unhealthy` : '', missing ? `${count(missing)} missing` : ''].filter(Boolean).join(', '));
	}
	return {
		el,
		/** @param {Store} store */
		draw(store) {
			const health = store.health('containers'), stale = health.state !== 'fresh';
			drawNumbers(store);
			drawStates(store);
			drawAge({ el, value: cpu, time, reason }, health, store.containers?.at ?? null);
			for (const f of [memory, number]) f.classList.toggle('stale', stale);
		},
	};
}

/** @param {Store} store */
export function createCards(store) {
	const cards = CARDS.map(createCard), containers = createContainersCard();
	const el = h('div', { class: 'cards' }, cards.map((c) => c.el), containers.el);
	return {
		el,
		draw() {
			for (const c of cards) c.draw(store);
			containers.draw(store);
		},
	};
}

/** @type {import('./chart.js').ChartWish[]} */
const CHARTS = [
	{ title: 'CPU', note: 'of the host', floor: 10, series: [{ name: 'kato_cpu_usage_percent', label: 'CPU', unit: '%' }] },
	{
		title: 'Memory', min: 0, max: 100,
		series: [{ name: 'kato_memory_usage_percent', label: 'Host', unit: '%' }, { name: 'containers_memory_percent', label: 'Containers', unit: '%' }],
	},
	{ title: 'Requests/s', floor: 1, series: [{ name: 'kato_requests_per_second', label: 'Requests/s', unit: '/s' }] },
	{ title: 'Error rate', floor: 1, series: [{ name: 'kato_error_rate', label: 'Error rate', unit: '%', scale: 100 }] },
	{ title: 'Active sessions', floor: 5, series: [{ name: 'kato_active_sessions', label: 'Active sessions', unit: 'count', colour: '--accent' }] },
	{ title: 'Containers CPU', note: '100 % is one core', floor: 10, series: [{ name: 'containers_cpu_percent', label: 'Containers CPU', unit: '%' }] },
];

const LATE_MS = 300;

/** @param {any} ctx */
export function createOverview(ctx) {
	const { store } = ctx, cards = createCards(store);
	const charts = h('div', { class: 'charts' }), head = h('div', { class: 'charts-head' }, h('h2', null, 'History'));
	const el = h('div', { class: 'overview' }, cards.el, head, charts);
	let filled = false;

	/** After the first figures are on screen, so that nothing stands in their way; without any, soon. */
	async function fill() {
		if (filled) return;
		filled = true;
		await ctx.charting;
		const { timeline } = ctx;
		if (!timeline) return head.append(h('p', { class: 'quiet' }, 'The charts could not be loaded.'));
		head.append(timeline.bar().el);
		charts.append(...CHARTS.map((c) => timeline.chart(c).el));
	}

	return {
		el,
		title: 'Overview',
		topics: ['metrics', 'containers', 'sessions'],
		show() {
			if (!filled) setTimeout(fill, LATE_MS);
		},
		hide() {},
		draw() {
			cards.draw();
			if (!filled && store.metrics) requestAnimationFrame(() => setTimeout(fill));
		},
	};
}

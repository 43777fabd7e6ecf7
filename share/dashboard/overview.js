// The overview: is it up, how busy is it, and how was it lately.
import { h } from './dom.js';
import { createCards } from './overviewcards.js';

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

// Which figure of a message belongs to which series of the server's history (/api/v1/system/stats). No DOM.
import { isObject, member } from './store.js';

/** @typedef {{metrics: any, containers: any, sessions: any, number(which: any, path: string): number | null, list(which: 'containers'): Record<string, any>[]}} Known */

/** Of several places the first that has a number, as the server reads them. @type {Record<string, {of: 'metrics'|'containers'|'sessions', path: string}[]>} */
const NAMED = {
	kato_cpu_usage_percent: [{ of: 'metrics', path: 'resources.cpu_percent' }],
	kato_memory_usage_percent: [{ of: 'metrics', path: 'resources.memory_percent' }],
	kato_requests_per_second: [{ of: 'metrics', path: 'requests.per_second' }, { of: 'metrics', path: 'rates.requests_per_second' }],
	kato_error_rate: [{ of: 'metrics', path: 'performance.error_rate' }],
	kato_average_response_time: [{ of: 'metrics', path: 'performance.average_response_time' }],
	kato_active_sessions: [{ of: 'sessions', path: 'active_count' }, { of: 'metrics', path: 'sessions.active' }],
	containers_cpu_percent: [{ of: 'containers', path: 'aggregated.total_cpu_percent' }],
	containers_memory_percent: [{ of: 'containers', path: 'aggregated.total_memory_percent' }],
};
export const NAMES = Object.keys(NAMED);

/** @type {Record<string, string>} */
const OF_CONTAINER = { cpu_percent: 'cpu', memory_mb: 'memory.usage_mb' };

/** The section a figure of the overview is read from now, and the figure. @param {Known} known @param {string} name */
export function figureOf(known, name) {
	const places = NAMED[name] ?? [];
	for (const p of places) {
		const value = known.number(p.of, p.path);
		if (value !== null) return { section: p.of, value };
	}
	return { section: places[0]?.of ?? 'metrics', value: null };
}

/** @param {string} name as container.NAME.cpu_percent; NAME may hold dots @returns {{container: string, path: string} | null} */
export function containerSeries(name) {
	const dot = name.lastIndexOf('.');
	const path = OF_CONTAINER[name.slice(dot + 1)];
	return name.startsWith('container.') && dot > 10 && path ? { container: name.slice(10, dot), path } : null;
}

/**
 * Tells take(name, value) each series that a section feeds.
 * @param {Known} known @param {'metrics'|'containers'|'sessions'} section @param {Iterable<string>} names those that are wanted
 * @param {(name: string, value: number) => void} take
 */
export function readSection(known, section, names, take) {
	/** @type {Map<string, any> | null} */
	let byName = null;
	for (const name of names) {
		if (NAMED[name]) {
			const figure = figureOf(known, name);
			if (figure.section === section && figure.value !== null) take(name, figure.value);
			continue;
		}
		const one = section === 'containers' ? containerSeries(name) : null;
		if (!one) continue;
		byName ??= new Map(known.list('containers').map((c) => [c.name, c]));
		const value = isObject(byName.get(one.container)) ? member(byName.get(one.container), one.path) : null;
		if (typeof value === 'number') take(name, value);
	}
}

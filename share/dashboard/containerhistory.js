// What is remembered of each container besides its last reading: the rings of its sparklines and its disk rates. No DOM.
import { addressName, createDiskRates, num, part, readContainer } from './containerrows.js';
import { createRing } from './ring.js';

/** @typedef {{cpu: import('./ring.js').Ring, memory: import('./ring.js').Ring}} Rings */

export const RINGS_MAX = 2000;
const ALL = 60; // containers: with more, the answer with the series of all would hold up the page
const ADDRESS_MAX = 2500;
const AWAY_MS = 60000;

/** Where the last ten minutes are: of all containers, or of the first of them when they are many. @param {string[]} names as they stand in the table */
export function historyPath(names) {
	const path = '/api/v1/system/stats?minutes=10';
	if (names.length <= ALL) return path;
	let series = '';
	for (const name of names) {
		const two = ['cpu_percent', 'memory_mb'].map((what) => encodeURIComponent(`container.${addressName(name)}.${what}`)).join(',');
		if (name.includes(',') || two.length > ADDRESS_MAX / 4) continue;
		if (series.length + two.length > ADDRESS_MAX) break;
		series += `${series ? ',' : ''}${two}`;
	}
	return `${path}&series=${series}`;
}

/** @param {any} ctx */
export function createHistory({ store, live, now, getJson }) {
	/** @type {Map<string, Rings>} */
	const rings = new Map();
	const rates = createDiskRates(RINGS_MAX);
	let rows = /** @type {import('./containerrows.js').Row[]} */ ([]), data = /** @type {any} */ (null), at = 0, version = 0, asked = -Infinity, away = true;

	/** @param {string} key */
	function ringsOf(key) {
		let r = rings.get(key);
		if (!r && rings.size < RINGS_MAX) rings.set(key, (r = { cpu: createRing(), memory: createRing() }));
		return r;
	}

	/** Who is gone leaves nothing behind; a record that had no room for all says nothing of who is gone. */
	function forget() {
		const there = new Set(rows.map((r) => r.key));
		const partly = num(data.truncated) && rings.size + rows.length <= RINGS_MAX;
		for (const key of rings.keys())
			if (!there.has(key) && !partly) {
				rings.delete(key);
				rates.drop(key);
			}
	}

	/** A reading: once for each. */
	function take() {
		const section = store.containers;
		if (!section || (section.data === data && section.at === at)) return;
		if (section.at - at > AWAY_MS) away = true;
		data = section.data;
		at = section.at;
		if (!Array.isArray(data.containers)) return; // an error: who was there is still the last we know
		rows = store.list('containers').map((/** @type {any} */ c) => readContainer(c, c.name, rates.take(c.name, c, at)));
		forget();
		for (const r of rows) {
			const ring = ringsOf(r.key), t = (r.at ?? at) / 1000;
			ring?.cpu.add(t, r.cpu);
			ring?.memory.add(t, r.memory);
		}
		version++;
	}

	/** @param {unknown} series @param {import('./ring.js').Ring} ring */
	function fill(series, ring) {
		if (!Array.isArray(series)) return;
		for (const p of series) ring.add(num(part(p).timestamp) ?? NaN, num(part(p).value));
	}

	/** The last minutes from the server, once, and again after we were away. Never while nothing was missed. @param {string[]} names in the order of the table */
	async function load(names) {
		if (!away || !names.length || now() - asked < AWAY_MS) return;
		away = false;
		asked = now();
		const answer = await getJson(historyPath(names)).catch(() => null);
		const series = part(part(answer).time_series);
		for (const [key, r] of rings) {
			fill(series[`container.${key}.cpu_percent`], r.cpu);
			fill(series[`container.${key}.memory_mb`], r.memory);
		}
		version++;
	}

	store.on('containers', take);
	live.on?.('status', (/** @type {any} */ s) => {
		if (s?.state !== 'live') away = true;
	});
	return {
		take, load,
		/** @param {string} key */
		rings: (key) => rings.get(key),
		get rows() { return rows; },
		get data() { return data; },
		get at() { return at; },
		/** Rises with each change of any ring. */
		get version() { return version; },
		get size() { return rings.size; },
	};
}

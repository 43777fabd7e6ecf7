// What is asked by HTTP while the live connection does not bring it: only what somebody wants, in the live messages' own shapes.
import { isObject, isOf } from './livewire.js';

const FAST_MS = 5000;
const COUNT_MS = 10000;
const SECTIONS = ['metrics', 'containers', 'sessions'];
/** The events that are not pushed when a flag is off. @type {Record<string, string>} */
const EVENTS = { sessionEvents: 'session_event', alerts: 'system_alert' };

/**
 * @typedef {{name: string, every: number, run: () => Promise<any>}} Task
 * @typedef {{topics: string[], every: number, all: boolean, off: string[]}} Plan all: nothing comes live; off: options' names of what the server does not push
 */

/**
 * @param {{get: (path: string) => Promise<import('./liveparts.js').Answer>, later: import('./livelink.js').Later, now: () => number, serverNow: () => number,
 *   past: ReturnType<typeof import('./livepast.js').createPast>, deliver: (message: any) => void}} of
 */
export function createPoller({ get, later, now, serverNow, past, deliver }) {
	/** @type {Plan} */
	let plan = { topics: [], every: 0, all: false, off: [] };
	/** @type {Map<string, number>} when it was asked for last */
	const asked = new Map();
	/** @type {Set<string>} */
	const busy = new Set();
	/** @type {Map<string, import('./livepast.js').Place | null>} where each event type stands that is not pushed */
	const places = new Map();
	/** @type {import('./livelink.js').Timer | null} */
	let timer = null;
	let stateKnown = true; // whether this server has /api/v1/state

	/** @param {string} name */
	const wants = (name) => plan.topics.some((t) => t === '*' || t === name || t.startsWith(`${name}.`));
	const stamp = (/** @type {number | null} */ ms) => new Date(ms ?? serverNow()).toISOString();

	/** @param {string} section @param {any} data @param {number | null} at */
	function give(section, data, at) {
		if (isObject(data)) deliver({ type: 'realtime_update', timestamp: stamp(at), times: { [section]: stamp(at) }, data: { [section]: data } });
	}
	/** @param {string} section @param {string} path */
	const section = (section, path) => async () => {
		const { status, body, modified } = await get(path);
		if (status === 200) give(section, body, modified);
	};
	async function count() {
		const { status, body, modified } = await get('/api/v1/sessions/count');
		const active = body?.active_session_count ?? body?.active_sessions;
		if (status !== 200 || typeof active !== 'number') return;
		const read = Date.parse(body.timestamp);
		give('sessions', { active_count: active, ...(typeof body.total_sessions === 'number' ? { total_count: body.total_sessions } : {}) }, Number.isFinite(read) ? read : modified);
	}
	/** @param {string[]} names */
	const states = (names) => async () => {
		const { status, body } = await get(`/api/v1/state${names.includes('*') ? '' : `?topics=${names.map(encodeURIComponent).join(',')}`}`);
		if (status === 404) stateKnown = false;
		if (status !== 200 || !Array.isArray(body?.records)) return;
		for (const r of body.records) if (isObject(r) && typeof r.type === 'string' && !SECTIONS.includes(r.type)) deliver(r);
	};
	/** Whether it is polled by itself, as a flag is off. @param {string} option @param {string} type */
	const isOff = (option, type) => !plan.all && plan.off.includes(option) && isOf(plan.topics, { type });
	/** @param {string} option @param {string} type */
	const eventsOf = (option, type) => async () => {
		const now = await past.poll(type, places.get(type) ?? past.place);
		// pushed again: that was the last time, for what lay between
		if (isOff(option, type)) places.set(type, now);
		else places.delete(type);
	};

	/** @returns {Task[]} what is to be asked now and then */
	function tasks() {
		const out = /** @type {Task[]} */ ([]), { all, off } = plan;
		const add = (/** @type {string} */ name, /** @type {number} */ every, /** @type {() => Promise<any>} */ run) => out.push({ name, every: Math.max(every, plan.every * 1000), run });
		if (all && wants('metrics')) add('metrics', FAST_MS, section('metrics', '/api/v1/system/metrics'));
		if ((all || off.includes('containerStats')) && wants('containers')) add('containers', FAST_MS, section('containers', '/api/v1/system/container-stats'));
		if ((all || off.includes('sessionEvents')) && wants('sessions')) add('sessions', COUNT_MS, count);
		for (const [option, type] of Object.entries(EVENTS)) if (places.has(type)) add(type, FAST_MS, eventsOf(option, type));
		if (all) add('events', FAST_MS, () => past.poll());
		const others = plan.topics.filter((t) => !/^(metrics|containers|sessions|session_events?|system_alerts?|container_events?)(\.|$)/.test(t));
		if (all && stateKnown && others.length) add('state', FAST_MS, states(others));
		return out;
	}

	/** @param {Task} task */
	async function run(task) {
		if (busy.has(task.name)) return;
		busy.add(task.name);
		asked.set(task.name, now());
		try {
			await task.run();
		} catch {
			// get() has said so
		}
		busy.delete(task.name);
	}

	function go() {
		timer?.cancel();
		timer = null;
		const list = tasks();
		if (!list.length) return;
		const at = now();
		const due = (/** @type {Task} */ t) => {
			const last = asked.get(t.name);
			return last === undefined || last > at ? 0 : Math.max(0, last + t.every - at);
		};
		for (const t of list) if (due(t) === 0) run(t);
		timer = later(Math.max(50, Math.min(...list.map(due))), go);
	}

	return {
		/** @param {Plan} next */
		follow(next) {
			const before = plan;
			plan = next;
			for (const [option, type] of Object.entries(EVENTS)) {
				const off = isOff(option, type);
				if (off && !places.has(type)) places.set(type, past.place);
				if (places.has(type) && off !== before.off.includes(option)) asked.delete(type);
			}
			if (next.all && !before.all) stateKnown = true;
			if (JSON.stringify(next) !== JSON.stringify(before)) go();
		},
		/** Everything wanted, once, now; and by the plan from then on. */
		refresh() {
			const kept = plan;
			if (!tasks().length) plan = { ...plan, all: true };
			for (const t of tasks()) run(t);
			plan = kept;
			go();
		},
		/** Whether it asks for anything by itself. */
		get running() {
			return timer !== null;
		},
		stop() {
			timer?.cancel();
			timer = null;
			plan = { topics: [], every: 0, all: false, off: [] };
		},
	};
}

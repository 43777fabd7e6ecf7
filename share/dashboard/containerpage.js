// One container: what it is, how it does, its charts, and what happened to it.
import { addressName, cpuText, memoryText, part } from './containerrows.js';
import { CPU_SCALE, MEMORY_SCALE, createMark } from './containertable.js';
import { h, relTime, setHidden, setText, timeEl } from './dom.js';
import { NONE, bytesPerSecond, count, duration, parseTime, text, when } from './format.js';
import { createSparkline } from './sparkline.js';

/** @typedef {{id: string, at: number | null, offset: number | null, data: Record<string, any>}} Happening */

const EVENTS_ASKED = 500;
const EVENTS_SHOWN = 100;

/** @type {Record<string, string>} */
const ACTIONS = {
	start: 'started', die: 'ended', stop: 'was stopped', kill: 'was sent a signal', oom: 'ran out of memory', restart: 'was restarted', pause: 'was paused', unpause: 'goes on after a pause',
	create: 'was created', destroy: 'was removed', rename: 'was renamed', update: 'has other limits',
};
/** @type {Record<string, string>} */
const LOOKS = { start: 'good', unpause: 'good', die: 'bad', oom: 'bad', destroy: 'bad', stop: 'warn', kill: 'warn', pause: 'warn' };

/** "ended with exit code 137" @param {Record<string, any>} d data of a container_event */
export function eventWords(d) {
	const action = text(d.action, 60), health = text(d.health, 40), code = Number.isFinite(d.exit_code) ? d.exit_code : null;
	if (action === 'health_status' || action.startsWith('health_status')) return `health: ${health || action.split(': ')[1] || 'changed'}`;
	const was = text(d.old_name, 120);
	return `${ACTIONS[action] ?? (action || 'something happened')}${code === null ? '' : ` with exit code ${code}`}${was ? ` (was ${was})` : ''}`;
}

/** @param {Record<string, any>} d */
const eventLook = (d) => (/^health_status/.test(text(d.action, 60)) ? (/unhealthy/.test(`${d.health} ${d.action}`) ? 'bad' : 'good') : d.action === 'die' && d.exit_code === 0 ? 'warn' : (LOOKS[d.action] ?? 'quiet'));

/** @param {any} e an event as it came, or as the store keeps it @returns {Happening} */
const happening = (e) => ({ id: text(e.id, 200) || `offset ${Number(e.offset)}`, at: typeof e.at === 'number' ? e.at : parseTime(e.timestamp), offset: Number.isFinite(e.offset) ? e.offset : null, data: part(e.data) });

/** When the present status began, as far as its events say. @param {Happening[]} list newest first @param {string} status */
export function sinceOf(list, status) {
	const began = status === 'running' ? ['start', 'unpause', 'restart'] : ['die', 'stop', 'pause', 'create', 'destroy', 'kill'];
	return list.find((e) => began.includes(e.data.action))?.at ?? null;
}

/** A figure with its name. @param {string} label @param {...Node} more */
function figure(label, ...more) {
	const value = h('dd');
	const set = (/** @type {string} */ s) => setText(value, s);
	return { el: h('div', null, h('dt', null, label), value, more.length ? h('dd', { class: 'spark-box' }, more) : null), set };
}

/** @param {any} ctx @param {ReturnType<typeof import('./containerhistory.js').createHistory>} history */
export function createContainerPage(ctx, history) {
	const { store, now, getJson } = ctx;
	const title = h('h2', { class: 'container-name', dir: 'auto', tabindex: -1 }), mark = createMark(), status = h('p', { class: 'container-status' }, mark.els), gone = h('p', { class: 'reason', hidden: true });
	const reason = h('p', { class: 'reason', hidden: true }), since = h('span', { class: 'quiet since' });
	const cpuSpark = createSparkline('cpu'), memorySpark = createSparkline('memory');
	const big = { cpu: figure('CPU', cpuSpark.el), memory: figure('Memory', memorySpark.el), network: figure('Network'), disk: figure('Disk'), restarts: figure('Restarts'), pids: figure('PIDs') };
	const facts = { image: figure('Image'), id: figure('ID') };
	const figures = h('dl', { class: 'figures' }, Object.values(big).map((f) => f.el));
	const range = h('div', { class: 'range' }), charts = h('div', { class: 'charts' }), list = h('ol', { class: 'happenings' }), none = h('p', { class: 'quiet' });
	status.append(since);
	const el = h('article', { class: 'container-page', hidden: true },
		h('p', null, h('a', { href: '/containers', class: 'back' }, '← All containers')),
		h('section', { class: 'card' }, h('div', { class: 'container-head' }, title, status), gone, reason, figures, h('dl', { class: 'facts' }, Object.values(facts).map((f) => f.el))),
		range, charts, h('section', { class: 'card' }, h('h3', null, 'Events'), none, list));

	let name = '', known = /** @type {Map<string, Happening>} */ (new Map()), old = /** @type {any[]} */ ([]), drawnEvents = '', asking = 0, failed = '', made = /** @type {any[]} */ ([]), begun = /** @type {number | null} */ (null);

	/** Charts of this container on the common time axis, where there is one; else its figures have larger lines. */
	function makeCharts() {
		endCharts();
		const chart = ctx.timeline?.chart;
		if (typeof chart !== 'function') return;
		const of = (/** @type {string} */ what, /** @type {string} */ label, /** @type {string} */ unit, /** @type {string} */ colour) =>
			chart.call(ctx.timeline, { title: label, series: [{ name: `container.${name}.${what}`, label, unit, colour }], min: 0 });
		const bar = ctx.timeline.bar?.();
		for (const spark of [cpuSpark, memorySpark]) spark.el.classList.add('instead');
		made = [of('cpu_percent', 'CPU', '%', '--accent'), of('memory_mb', 'Memory', 'MB', '--good')];
		charts.replaceChildren(...made.map((c) => c.el));
		if (bar) {
			range.replaceChildren(bar.el);
			made.push(bar);
		}
	}

	function endCharts() {
		for (const c of made) c.destroy?.();
		made = [];
		charts.replaceChildren();
		range.replaceChildren();
	}

	/** The history of events, once when the page is opened. */
	async function ask() {
		const mine = ++asking;
		let answer = null;
		try {
			answer = await getJson(`/api/v1/events?type=container_event&limit=${EVENTS_ASKED}`);
			failed = '';
		} catch (error) {
			failed = text(/** @type {any} */ (error)?.message, 200) || 'the history could not be read';
		}
		if (mine !== asking) return;
		old = Array.isArray(part(answer).events) ? answer.events : [];
		drawnEvents = '';
		drawEvents();
	}

	/** Those of this container, newest first, none twice. @returns {Happening[]} */
	function happenings() {
		known = new Map();
		for (const e of [...store.containerEvents, ...old]) {
			if (addressName(part(part(e).data).name) !== name && addressName(part(part(e).data).old_name) !== name) continue;
			const x = happening(e);
			if (!known.has(x.id)) known.set(x.id, x);
		}
		return [...known.values()].sort((a, b) => (b.at ?? 0) - (a.at ?? 0) || (b.offset ?? 0) - (a.offset ?? 0)).slice(0, EVENTS_SHOWN);
	}

	function drawEvents() {
		const all = happenings(), key = all.map((e) => e.id).join('\n');
		setText(none, all.length ? '' : failed ? `No event is known: ${failed}.` : 'No event of this container is known.');
		setHidden(none, Boolean(all.length));
		begun = sinceOf(all, history.rows.find((r) => addressName(r.key) === name)?.status ?? '');
		if (key === drawnEvents) return;
		drawnEvents = key;
		list.replaceChildren(...all.map((e) => h('li', null, h('span', { class: `mark ${eventLook(e.data)}`, 'aria-hidden': 'true' }), h('span', { class: 'what', dir: 'auto' }, eventWords(e.data)), relTime(e.at), h('span', { class: 'quiet' }, timeEl(e.at, { short: true })))));
	}

	/** @param {import('./containerrows.js').Row} r */
	function drawRow(r) {
		mark.draw(r);
		big.cpu.set(cpuText(r.cpu));
		big.memory.set(memoryText(r).replace(' of ', '\nof '));
		big.network.set(`in ${bytesPerSecond(r.rx)}\nout ${bytesPerSecond(r.tx)}`);
		big.disk.set(`read ${bytesPerSecond(r.read)}\nwrite ${bytesPerSecond(r.write)}`);
		big.restarts.set(count(r.restarts));
		big.pids.set(count(r.pids));
		facts.image.set(r.image || NONE);
		facts.id.set(r.id || NONE);
		const rings = history.rings(r.key), t = now() / 1000;
		if (!rings || made.length) return;
		cpuSpark.draw(rings.cpu, t, CPU_SCALE);
		memorySpark.draw(rings.memory, t, MEMORY_SCALE);
	}

	function draw() {
		const row = history.rows.find((r) => addressName(r.key) === name), health = store.health('containers');
		const grey = !row || health.state === 'stale' || health.state === 'down';
		if (row) drawRow(row);
		figures.classList.toggle('stale', grey);
		setHidden(status, !row);
		setHidden(gone, Boolean(row));
		setText(gone, store.containers ? 'There is no container of this name now.' : 'No reading yet.');
		setText(reason, health.state === 'unknown' ? '' : health.reason);
		setHidden(reason, !reason.textContent);
		drawEvents();
		setText(since, row && begun !== null ? `since ${when(begun, now())}, for ${duration(Math.max(0, now() - begun))}` : '');
	}

	return {
		el,
		/** @param {string} which */
		show(which) {
			if (which === name) return;
			name = which;
			setText(title, text(name, 300));
			for (const f of [...Object.values(big), ...Object.values(facts)]) f.set(NONE);
			old = [];
			drawnEvents = '';
			list.replaceChildren();
			makeCharts();
			ask();
		},
		hide() {
			asking++;
			name = '';
			old = [];
			endCharts();
		},
		draw,
	};
}

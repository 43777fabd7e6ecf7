// What charts draw, apart from drawing it: windows, axes, marks, and the history they are filled from.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createHistory } from '../../share/dashboard/charthistory.js';
import { MARKS_MOST, marksAt, marksIn, marksInWords, wordsOf } from '../../share/dashboard/chartmarks.js';
import { axisFormat, formatOf, linePaths, timeLabels, timeSplits, timeStep, valueRange } from '../../share/dashboard/chartscale.js';
import { NAMES, containerSeries, figureOf, readSection } from '../../share/dashboard/readings.js';
import { MOST, createColumns, createSeries, gapOf } from '../../share/dashboard/series.js';
import { createStore } from '../../share/dashboard/store.js';
import { container, containers, metrics, sessions } from './harness.mjs';

const T = 1_800_000_000;
/** The rows of some series between two times, as arrays. */
function rows(s, from, to, names, scale) {
	const c = createColumns(names.length, s.rows);
	s.columns(from, to, names, c, scale);
	return { c, x: [...c.x.subarray(0, c.n)], y: c.y.map((y) => [...y.subarray(0, c.n)]) };
}
const tenMinutes = () => createSeries({ seconds: 600, max: 600 });

test('a reading stands at its own time', () => {
	const s = tenMinutes();
	s.add('a', T + 0.25, 5);
	s.add('a', T + 3.75, 7);
	assert.deepEqual(rows(s, T - 10, T + 10, ['a']).x, [T + 0.25, T + 3.75]);
	assert.equal(s.newest('a'), T + 3.75);
	assert.equal(s.newest('b'), null);
});

test('readings of one step become their mean', () => {
	const s = createSeries({ seconds: 86400, max: 720 });
	for (const [t, v] of [[0, 1], [30, 2], [60, 6]]) s.add('a', T + t, v);
	const { x, y } = rows(s, T - 600, T + 600, ['a']);
	assert.deepEqual([x, y], [[T + 30], [[3]]]);
});

test('a second holds its newest reading as it was', () => {
	const s = tenMinutes();
	for (const [t, v] of [[0.1, 1], [0.9, 5], [0.5, 3]]) s.add('a', T + t, v);
	assert.deepEqual(rows(s, T - 10, T + 10, ['a']).y, [[5]]);
	assert.equal(s.newest('a'), T + 0.9);
});

test('series read at other moments share their rows', () => {
	const s = tenMinutes();
	s.add('a', T + 0.1, 1);
	s.add('b', T + 0.6, 2);
	s.add('b', T + 1.6, 3);
	const { x, y } = rows(s, T - 10, T + 10, ['a', 'b'], [10, 1]);
	assert.deepEqual(x, [T + 0.1, T + 1.6]);
	assert.deepEqual(y, [[10, NaN], [2, 3]]);
});

test('what is no number is no reading, and neither is an absurd one', () => {
	const s = tenMinutes();
	for (const v of [null, undefined, NaN, Infinity, -Infinity, '5', {}, [], true, MOST * 2, 1e308]) s.add('a', T, /** @type {any} */ (v));
	for (const t of [NaN, Infinity, null, '5', -1, 0]) s.add('a', /** @type {any} */ (t), 5);
	for (const p of [null, 5, 'x', {}, [null, 5, {}, { timestamp: T }, { timestamp: 'x', value: 3 }, { timestamp: T, value: 'x' }]]) s.fill('a', p);
	assert.equal(rows(s, T - 300, T + 300, ['a']).c.n, 0);
});

test('a window keeps its size over eight hours, and the newest of them', () => {
	const s = tenMinutes();
	for (let i = 0; i < 28800; i++) s.add('a', T + i, i);
	const { c, y } = rows(s, T, T + 28800, ['a']);
	assert.ok(c.n <= s.rows && c.n >= 600 && s.rows < 700);
	assert.equal(y[0].at(-1), 28799);
	assert.equal(rows(s, T, T + 1000, ['a']).c.n, 0);
});

test('a reading that comes late takes its place, one from before the window none', () => {
	const s = tenMinutes();
	for (const t of [10, 5, -2000]) s.add('a', T + t, t);
	assert.deepEqual(rows(s, T - 3000, T + 20, ['a']).y[0], [5, 10]);
});

test('history stands where nothing was heard, and twice the same is once', () => {
	const s = tenMinutes();
	s.add('a', T + 2, 20);
	const told = [0, 1, 2, 3].map((t) => ({ timestamp: T + t, value: t }));
	s.fill('a', told);
	s.fill('a', told.map((p) => ({ ...p, value: p.value + 100 })));
	assert.deepEqual(rows(s, T - 10, T + 10, ['a']).y[0], [100, 101, 20, 103]);
	s.add('a', T + 3, 30);
	assert.deepEqual(rows(s, T - 10, T + 10, ['a']).y[0], [100, 101, 20, 30]);
});

test('each change is known by its version', () => {
	const s = tenMinutes(), before = s.version('a');
	s.add('a', T, 1);
	const first = s.version('a');
	s.fill('a', [{ timestamp: T - 5, value: 1 }]);
	assert.ok(before < first && first < s.version('a'));
	s.drop('a');
	assert.equal(rows(s, T - 10, T + 10, ['a']).c.n, 0);
});

test('a clock that is set back begins anew from there', () => {
	const s = tenMinutes();
	for (let i = 0; i < 100; i++) s.add('a', T + i, i);
	s.cut(T + 49.5);
	s.add('a', T + 50, 500);
	assert.deepEqual(rows(s, T + 47, T + 100, ['a']).y[0].slice(-2), [49, 500]);
});

test('a line joins readings up to three of their intervals apart', () => {
	for (const [every, times, joined, apart] of [[1, 200, 3, 5], [3, 150, 9, 12]]) {
		const s = tenMinutes();
		for (let i = 0; i < times; i++) s.add('a', T + i * every, 1);
		const gap = gapOf(rows(s, T, T + 600, ['a']).c, 0, s.step);
		assert.ok(gap >= joined && gap < apart, `${every}: ${gap}`);
	}
	const day = createSeries({ seconds: 86400, max: 720 });
	day.fill('a', Array.from({ length: 600 }, (_, i) => ({ timestamp: T + i * 144, value: 1 })));
	const gap = gapOf(rows(day, T, T + 86400, ['a']).c, 0, day.step);
	assert.ok(gap >= 144 * 2 && gap < 144 * 6, `${gap}`);
	assert.ok(gapOf(createColumns(1, 10), 0, 1) > 0);
});

test('labels of the time axis are 24-hour, whole and never on top of one another', () => {
	for (const width of [150, 250, 390, 700, 1400]) {
		for (const span of [10, 45, 600, 3600, 20000, 86400]) {
			const splits = timeSplits(T, T + span, width), labels = timeLabels(splits);
			for (let i = 1; i < splits.length; i++) {
				const px = ((splits[i] - splits[i - 1]) / span) * width;
				assert.ok(px >= labels[i].length * 7, `${labels[i]} has ${px} px`);
			}
			for (const l of labels) assert.match(l, /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$|^\d\d-\d\d$/);
			assert.ok(width < 250 || splits.length >= 1, `${width} ${span}: no label`);
		}
	}
	assert.equal(timeStep(600, 400), 120);
	assert.deepEqual(timeSplits(T, T, 400), []);
	assert.deepEqual(timeSplits(NaN, T, 400), []);
});

test('the value axis begins at zero and is finite whatever came', () => {
	assert.deepEqual(valueRange(40, 62), [0, 100]);
	assert.deepEqual(valueRange(Infinity, -Infinity), [0, 1]);
	assert.deepEqual(valueRange(NaN, NaN, { floor: 5 }), [0, 5]);
	assert.deepEqual(valueRange(0, 0), [0, 1]);
	assert.deepEqual(valueRange(3, 4, { min: 0, max: 100 }), [0, 100]);
	assert.ok(valueRange(-3, 4)[0] <= -3);
	for (const [low, high] of [[0, 1e308], [-1e308, 0], [0, 1e-300], [Infinity, Infinity]]) assert.ok(valueRange(low, high).every(Number.isFinite), `${low} ${high}`);
});

test('values and axes have their units', () => {
	assert.equal(formatOf('%')(0.2), '0.20 %');
	assert.equal(formatOf('/s')(12.5), '12.5/s');
	assert.equal(formatOf('s')(0.012), '12.0 ms');
	assert.equal(formatOf('count')(15234), '15,234');
	assert.equal(formatOf('apples')(3), '3 apples');
	assert.equal(formatOf('toString')(3), '3 toString');
	assert.equal(axisFormat('%')(40), '40 %');
	assert.equal(axisFormat('%')(2.5), '2.5 %');
	assert.equal(axisFormat('MB')(100), '100 MB');
	assert.equal(axisFormat('count')(100), '100');
});

test('a line breaks where readings lack, and one alone is still seen', () => {
	const drawn = [];
	globalThis.Path2D = /** @type {any} */ (class {
		moveTo(x) { drawn.push(`M${x}`); }
		lineTo(x) { drawn.push(`L${x}`); }
	});
	const u = /** @type {any} */ ({ data: [[0, 1, 2, 10, 20, 21], [1, NaN, 1, 1, 1, 1]], series: [{}, { scale: 'y' }], scales: { y: { min: 0 } }, valToPos: (v, s) => (s === 'x' ? v : -v) });
	linePaths(() => 3, false)(u, 1);
	assert.deepEqual(drawn, ['M0', 'L2', 'M10', 'M9', 'L11', 'M20', 'L21']);
});

const episode = (o) => ({ key: 'high_cpu', level: 'warning', since: T * 1000, raisedAt: T * 1000, lastAt: T * 1000, resolvedAt: null, fired: true, once: false, state: 'firing', raised: { message: 'High CPU usage: 85.0%' }, ...o });

test('alerts lie on the axis from firing to resolved', () => {
	const past = episode({ resolvedAt: (T + 60) * 1000, state: 'resolved' }), open = episode({ since: (T + 100) * 1000, raisedAt: (T + 103) * 1000, level: 'error' });
	const [a, b] = marksIn([open, past], T - 10, T + 200);
	assert.deepEqual([a.from, a.to, a.open, a.level], [T, T + 60, false, 'warning']);
	assert.deepEqual([b.from, b.to, b.open, b.level], [T + 100, Infinity, true, 'error']);
	assert.equal(marksIn([past], T + 61, T + 200).length, 0);
	assert.equal(marksIn([open], T - 10, T + 50).length, 0);
	assert.equal(marksIn([episode({ fired: false })], T - 10, T + 50).length, 0);
	assert.match(wordsOf(a), /^Warning: High CPU usage: 85.0% \(\d\d:\d\d:\d\d to \d\d:\d\d:\d\d, resolved\)$/);
	assert.match(wordsOf(b), /^Error: .*firing since/);
	assert.equal(marksInWords([a, b]), '1 alert firing, 1 over');
	assert.deepEqual(marksAt([a, b], T + 30, 1), [a]);
});

test('of very many alerts the worst are drawn', () => {
	const all = Array.from({ length: 10000 }, (_, i) => episode({ since: (T + i) * 1000, raisedAt: (T + i) * 1000, once: true, level: i === 5 ? 'error' : 'info' }));
	const list = marksIn(all, T, T + 10000);
	assert.equal(list.length, MARKS_MOST);
	assert.equal(list[0].level, 'error');
});

/** A store that took these records as one update. */
function known(...records) {
	const store = createStore({ now: () => T * 1000 });
	store.take({ type: 'realtime_update', timestamp: new Date(T * 1000).toISOString(), data: Object.fromEntries(records.map((r) => [r.type, r.data])) });
	return store;
}
function fed(store, section, names) {
	const got = {};
	readSection(store, section, names, (name, v) => (got[name] = v));
	return got;
}

test('each series of the history has its live figure', () => {
	const store = known(metrics({ active: 9 }), containers([container('a.b', { cpu: 2, mb: 30 })]), sessions(7));
	assert.deepEqual(fed(store, 'metrics', NAMES), { kato_cpu_usage_percent: 45.2, kato_memory_usage_percent: 62.1, kato_requests_per_second: 12.5, kato_error_rate: 0.002, kato_average_response_time: 0.012 });
	assert.deepEqual(fed(store, 'sessions', NAMES), { kato_active_sessions: 7 });
	assert.deepEqual(fed(store, 'containers', [...NAMES, 'container.a.b.cpu_percent', 'container.a.b.memory_mb', 'container.gone.cpu_percent', 'container.a.b.none', 'other']), {
		containers_cpu_percent: 2, containers_memory_percent: store.number('containers', 'aggregated.total_memory_percent'), 'container.a.b.cpu_percent': 2, 'container.a.b.memory_mb': 30,
	});
	assert.deepEqual(containerSeries('container.a.b.cpu_percent'), { container: 'a.b', path: 'cpu' });
	assert.equal(containerSeries('container.cpu_percent'), null);
});

test('sessions are counted by KATO when no session-watch counts them', () => {
	assert.deepEqual(figureOf(known(metrics({ active: 9 })), 'kato_active_sessions'), { section: 'metrics', value: 9 });
	assert.deepEqual(figureOf(known(), 'kato_error_rate'), { section: 'metrics', value: null });
});

/** A history over a server that answers what `answer` gives. */
function history(answer, names = ['a', 'b']) {
	const clock = { now: T * 1000 }, asked = [];
	const levels = [{ minutes: 10, series: createSeries({ seconds: 600, max: 600 }) }, { minutes: 60, series: createSeries({ seconds: 3600, max: 720 }) }];
	const getJson = async (path) => (asked.push(path), answer(path));
	return { clock, asked, levels, h: createHistory({ getJson, levels, names: () => names, now: () => clock.now, changed() {} }) };
}
const settled = () => new Promise((r) => setTimeout(r, 5));
const told = { time_series: { a: [{ timestamp: T, value: 5 }], b: 'nonsense', __proto__: null } };

test('the history is asked once for a range, for the series that are drawn', async () => {
	const { h, asked, levels } = history(() => told);
	h.need(levels[0]);
	h.need(levels[0]);
	await settled();
	h.need(levels[0]);
	await settled();
	assert.deepEqual(asked, ['/api/v1/system/stats?minutes=10&series=a,b']);
	assert.equal(levels[0].series.newest('a'), T);
	h.need(levels[1]);
	await settled();
	assert.equal(asked.length, 2);
	assert.equal(h.outcome.state, 'ok');
});

test('a history that fails says why, and is asked again on connection', async () => {
	let fail = true;
	const { h, asked, levels } = history(() => {
		if (fail) throw new Error('500 out of order');
		return told;
	});
	h.need(levels[0]);
	await settled();
	assert.deepEqual(h.outcome, { state: 'failed', reason: '500 out of order' });
	h.need(levels[0]);
	await settled();
	assert.equal(asked.length, 1);
	fail = false;
	h.link('live');
	await settled();
	assert.equal(h.outcome.state, 'ok');
	assert.equal(asked.length, 2);
});

test('a server without history is no failure', async () => {
	for (const answer of [null, {}, { time_series: 5 }, 'x', { time_series: null }]) {
		const { h, levels } = history(() => answer);
		h.need(levels[0]);
		await settled();
		assert.equal(h.outcome.state, 'ok');
	}
});

test('after a lost connection the history is asked once more, without loss not', async () => {
	const { h, asked, levels } = history(() => told);
	h.link('connecting');
	h.need(levels[0]);
	await settled();
	h.link('live');
	await settled();
	assert.equal(asked.length, 1);
	h.link('reconnecting');
	h.link('connecting');
	h.link('live');
	await settled();
	h.link('live');
	await settled();
	assert.equal(asked.length, 2);
});

test('what was missed while nobody looked is asked for, not again and again', async () => {
	const { h, asked, levels, clock } = history(() => told);
	h.need(levels[0]);
	await settled();
	h.missed(['a']);
	await settled();
	h.missed(['a']);
	await settled();
	assert.deepEqual(asked.slice(1), ['/api/v1/system/stats?minutes=10&series=a']);
	clock.now += 60000;
	h.missed(['b']);
	await settled();
	assert.equal(asked.length, 3);
});

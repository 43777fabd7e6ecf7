// What an unknown value looks like, without a browser.
import assert from 'node:assert/strict';
import { test } from './harness.mjs';
import { BLOCKS_ALL, COLUMNS_MAX, DEPTH_MAX, FIGURES_MAX, cellText, columnsOf, figureText, filterShape, label, lineOf, shapeOf, sortRows, tableOf } from '../../share/dashboard/datashape.js';
import { sortTopics } from '../../share/dashboard/data.js';
import { thingsOf } from '../../share/dashboard/datathings.js';

/** @param {any} s */
const kinds = (s) => s.blocks.map((b) => `${b.kind} ${b.name}`);
/** @param {any} s */
const block = (s, i) => s.blocks[i];

test('numbers are figures, text is facts, objects are sections, arrays are lines, tables or lists', () => {
	const s = shapeOf({
		t: 21.5, windSpeed: 3, sky: 'clear', wet: false, none: null, wind: { speed: 3, from: { deg: 270 } }, hours: [{ timestamp: '2026-11-20T10:00:00Z', value: 1 }, { timestamp: '2026-11-20T11:00:00Z', value: 2 }],
		stations: [{ name: 'a', t: 1 }, { name: 'b', t: 2 }], tags: ['x', 'y'],
	}, 'weather');
	assert.deepEqual(s.figures.map((f) => [f.label, f.text]), [['T', '21.5'], ['Wind speed', '3']]);
	assert.deepEqual(s.facts.map((f) => [f.label, f.text]), [['Sky', 'clear'], ['Wet', 'no'], ['None', 'none']]);
	assert.deepEqual(kinds(s), ['section wind', 'line hours', 'table stations', 'list tags']);
	assert.equal(block(block(s, 0), 0).figures[0].value, 270);
});

test('a value that is no object is shown, too', () => {
	assert.equal(shapeOf(7, 'n').figures[0].text, '7');
	assert.equal(shapeOf('word', 'n').facts[0].text, 'word');
	assert.equal(shapeOf(undefined, 'n').facts[0].text, '–');
	assert.deepEqual(kinds(shapeOf([{ a: 1 }], 'rows')), ['table rows']);
	assert.equal(shapeOf({}, 'n').note, 'Nothing in it.');
});

test('points: objects with timestamp, time or t, pairs, days, numbers alone', () => {
	const iso = (h) => `2026-11-20T1${h}:00:00Z`;
	for (const [points, axis] of /** @type {[any[], string][]} */ ([
		[[0, 1, 2].map((h) => ({ timestamp: iso(h), value: h })), 'time'],
		[[0, 1, 2].map((h) => ({ time: 1762000000 + h, value: h })), 'time'],
		[[0, 1, 2].map((h) => ({ t: 1762000000000 + h, v: h })), 'time'],
		[[0, 1, 2].map((h) => [1762000000 + h, h]), 'time'],
		[[0, 1, 2].map((h) => ({ date: `2026-11-1${h}`, score: h })), 'time'],
		[[1, 2, 3].map((h) => ({ t: h, value: h })), 'number'],
		[[4, 5, 6], 'place'],
	])) {
		const line = lineOf('p', points);
		assert.equal(line?.axis, axis, JSON.stringify(points));
		assert.equal(line.x.length, 3);
		assert.equal(line.series.length, 1);
	}
	const many = lineOf('risk_trends', [{ date: '2026-11-10', score: 3, count: 1 }, { date: '2026-11-11', score: 4, count: null }]);
	assert.deepEqual(many.series.map((s) => [s.name, s.values]), [['score', [3, 4]], ['count', [1, null]]]);
	const late = lineOf('p', [{ t: 1762000002, v: 2 }, { t: 1762000001, v: 1, labels: {} }]);
	assert.deepEqual(late.series[0].values, [1, 2], 'in the order of time');
});

test('what only looks like points is a table', () => {
	for (const a of [[{ timestamp: 'soon', value: 1 }, { timestamp: 'later', value: 2 }], [{ t: 1762000000, v: '1' }, { t: 1762000001, v: '2' }], [{ timestamp: '2026-11-20T10:00:00Z', value: 1, name: 'x' }, { timestamp: '2026-11-20T11:00:00Z', value: 1 }], [{ t: 1762000000, v: 1 }]])
		assert.deepEqual(kinds(shapeOf({ a }, 'x')), ['table a'], JSON.stringify(a));
});

test('columns are the union of all rows, the rarest left out and counted', () => {
	const rows = Array.from({ length: 20 }, (_, i) => ({ name: `n${i}`, n: i, [`only${i}`]: 1 }));
	const t = tableOf('rows', [...rows, 'loose', null]);
	assert.equal(t.columns.length, COLUMNS_MAX);
	assert.deepEqual(t.columns.slice(0, 2).map((c) => [c.key, c.numeric]), [['name', false], ['n', true]]);
	assert.equal(t.more, 23 - COLUMNS_MAX);
	assert.equal(t.rows.length, 22);
	assert.deepEqual(columnsOf([]), { columns: [], more: 0 });
});

test('rows sort by size, by the alphabet with numbers in it, the missing last either way', () => {
	const rows = [{ n: 10, s: 'c10' }, { n: null, s: 'c9' }, { n: 2 }, { n: 'x', s: '' }];
	assert.deepEqual(sortRows(rows, 'n', false).map((r) => r.n), [2, 10, 'x', null]);
	assert.deepEqual(sortRows(rows, 'n', true).map((r) => r.n), ['x', 10, 2, null]);
	assert.deepEqual(sortRows(rows, 's', false).map((r) => r.s), ['c9', 'c10', undefined, '']);
});

test('units that a name tells', () => {
	for (const [name, n, text] of /** @type {[string, number, string][]} */ ([['cpu_percent', 45.2, '45.2 %'], ['rx_bytes', 2048, '2.0 KB'], ['rx_bytes_per_second', 2048, '2.0 KB/s'], ['usage_mb', 120.5, '120.5 MB'], ['latency_ms', 12, '12 ms'], ['ttl_seconds', 3600, '1h'], ['average_seconds', 0.012, '12.0 ms'], ['requests_per_second', 12.5, '12.5'], ['n', NaN, '–']]))
		assert.equal(figureText(name, n), text, name);
	assert.equal(label('average_riskScore'), 'Average risk score');
	assert.equal(label(''), '(no name)');
	assert.equal(shapeOf({ created_at: 1762000000, last_seen_at: '2026-11-20T10:00:00Z' }, 'x').facts[0].time, 1762000000000);
});

test('nothing is ever said as undefined, NaN, null or [object Object]', () => {
	for (const v of [undefined, null, NaN, Infinity, {}, [], '', [null], [undefined], { a: { b: null } }, { a: [{ b: { c: { d: [NaN] } } }] }])
		assert.doesNotMatch(cellText('x', v), /undefined|NaN|null|Infinity|\[object/);
	assert.equal(cellText('x', { a: { b: null, c: [1, 'x'] } }), 'a (b –, c (1, x))');
});

test('everything that can grow has a ceiling, what it cut is counted', () => {
	const members = shapeOf(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i])), 'x');
	assert.equal(members.figures.length, FIGURES_MAX);
	assert.equal(members.cut, 1000 - FIGURES_MAX);
	const wide = (/** @type {number} */ depth) => (depth ? Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, wide(depth - 1)])) : 1);
	let blocks = 0;
	const countBlocks = (s) => s.blocks.forEach((b) => (blocks++, b.blocks && countBlocks(b)));
	countBlocks(shapeOf(wide(3), 'x'));
	assert.equal(blocks, BLOCKS_ALL);
	let deep = /** @type {any} */ (1), level = 0;
	for (let i = 0; i < 100000; i++) deep = { d: deep };
	for (let s = /** @type {any} */ (shapeOf(deep, 'x')); s.blocks?.[0]; s = s.blocks[0]) level++;
	assert.equal(level, DEPTH_MAX + 1);
	assert.ok(cellText('x', 'y'.repeat(1e6)).length <= 600);
	assert.equal(tableOf('x', Array.from({ length: 25000 }, () => ({ a: 1 }))).cut, 5000);
});

test('a search keeps the rows, items, figures and facts that hold the words', () => {
	const s = shapeOf({ speed: 3, sky: 'clear', rows: [{ a: 'north' }, { a: 'south' }], tags: ['north', 'x'], part: { deep: 'north' }, other: { x: 1 } }, 'north');
	const found = filterShape(s, 'north');
	assert.deepEqual([found.figures.length, found.facts.length, kinds(found)], [0, 0, ['table rows', 'list tags', 'section part']]);
	assert.equal(block(found, 0).rows.length, 1);
	assert.equal(filterShape(s, 'speed').figures.length, 1);
	assert.equal(filterShape(s, ''), s);
});

test('topics: those without a page first, no events, nothing that is no name', () => {
	assert.deepEqual(sortTopics(['weather', 'metrics', 'dashboard', 'system_alert', 'weather', '<img>', 5, 'x'.repeat(200), 'source_status']), { own: ['dashboard', 'weather'], events: [], shown: ['metrics', 'source_status'] });
	assert.deepEqual(sortTopics(['weather', 'metrics'], ['weather', 'deploy', 'metrics', 'system_alert']), { own: ['weather'], events: ['deploy'], shown: ['metrics'] });
	const states = new Map([['w', new Map([['w10', { data: 1, at: 1 }], ['w9', { data: 2, at: 2 }]])]]);
	assert.deepEqual(thingsOf({ states, sources: new Map() }, 'w').map((t) => t.id), ['w9', 'w10']);
});

test('an object of whole numbers is bars; one with units, sums, fractions or fewer than two is not', () => {
	assert.deepEqual(kinds(shapeOf({ s: { critical: 4, low: 0 } }, 'd')), ['bars s']);
	for (const o of [{ a: 1 }, { a: 1, b: 1.5 }, { a: 1, b: -2 }, { rx_bytes: 1, tx_bytes: 2 }, { total: 3, open: 2 }, { a: 1, b: 'x' }, { a: 1, at: 1762000000 }]) assert.deepEqual(kinds(shapeOf({ s: o }, 'd')), ['section s'], JSON.stringify(o));
	assert.equal(shapeOf({ critical: 4, low: 2 }, 'd').figures.length, 2, 'the whole value is figures');
});

test('a share of a hundred is one by its name and by all of its values', () => {
	const share = (name, ...values) => columnsOf(values.map((v) => ({ [name]: v }))).columns[0].share;
	assert.deepEqual([share('progress', 0, 60, 100), share('cpu_percent', 3), share('sla_compliance_rate', 76.5), share('progress', 10, null)], [true, true, true, true]);
	assert.deepEqual([share('trend_percent', 12, -3), share('cpu_percent', 3, 250), share('request_rate', 40), share('error_rate', 0.02), share('pass_rate', 0.5, 1), share('score', 50)], [false, false, false, false, false, false]);
});

// What records of services say, and where the drawing puts them, without a browser.
import assert from 'node:assert/strict';
import { dice, tiers } from './fleet.mjs';
import { test } from './harness.mjs';
import { layOut, pathOf } from '../../share/dashboard/diaglayout.js';
import { createChanges, createModel, createPast } from '../../share/dashboard/diagmodel.js';
import { filterFor, metricText, readService, readTraffic, sortServices } from '../../share/dashboard/diagread.js';
import { routeOf, servicePath } from '../../share/dashboard/pages.js';
import { createStore } from '../../share/dashboard/store.js';
import { chosen } from '../../share/dashboard/diaggraph.js';

const boxes = (ids) => ids.map((id) => ({ id, width: 120 }));
const asEdges = (list) => list.map(([source, target]) => ({ source, target }));
const at = (s = 0) => new Date(1795000000000 + s * 1000).toISOString();
const health = (id, more = {}, s = 0) => ({ type: 'service_health', id, timestamp: at(s), source: 'healthd', data: { resource_id: id, resource_name: id, status: 'healthy', health_score: 100, anomalies: [], metrics: {}, last_updated: at(s), ...more } });

test('who needs stands left of whom it needs', () => {
	const l = layOut(boxes(['c', 'a', 'b']), asEdges([['a', 'b'], ['b', 'c'], ['a', 'c']]));
	const x = (id) => /** @type {any} */ (l.places.get(id)).x;
	assert.ok(x('a') < x('b') && x('b') < x('c'));
	assert.ok(l.routes.every((r) => r && pathOf(r).startsWith('M')));
});

test('the drawing is the same whatever order its parts came in', () => {
	const { ids, edges } = tiers(60, 110), roll = dice(5), shuffle = (list) => list.map((v) => [roll(), v]).sort((a, b) => a[0] - b[0]).map((p) => p[1]);
	const places = (l) => [...l.places].sort((a, b) => (a[0] < b[0] ? -1 : 1));
	const first = places(layOut(boxes(ids), asEdges(edges)));
	for (let i = 0; i < 5; i++) assert.deepEqual(places(layOut(boxes(shuffle(ids)), asEdges(shuffle(edges)))), first);
});

for (const [n, m] of [[5, 6], [50, 90], [200, 400], [200, 0]])
	test(`${n} services and ${m} edges: none on another, all within, no wider than can be gone through`, () => {
		const { ids, edges } = tiers(n, m), l = layOut(boxes(ids), asEdges(edges)), all = [...l.places.values()];
		assert.equal(all.length, n);
		for (const p of all) assert.ok(p.x >= 0 && p.x + p.width <= l.width + 0.01 && p.y >= 14 && p.y <= l.height - 14, JSON.stringify(p));
		for (const a of all) for (const b of all) if (a !== b) assert.ok(Math.abs(a.y - b.y) >= 28 || a.x + a.width <= b.x || b.x + b.width <= a.x, `${JSON.stringify(a)} on ${JSON.stringify(b)}`);
		assert.ok(l.width < 4000 && l.height < 2600, `${l.width} x ${l.height}`);
		assert.equal(l.routes.filter(Boolean).length, edges.length);
	});

test('circles, loops, edges to nowhere and random knots are drawn, and in time', () => {
	const l = layOut(boxes(['a', 'b', 'c', 'alone']), asEdges([['a', 'b'], ['b', 'c'], ['c', 'a'], ['b', 'a'], ['a', 'a'], ['a', 'nobody']]));
	assert.deepEqual(l.routes.map((r) => r !== null), [true, true, true, true, true, false]);
	assert.notEqual(pathOf(/** @type {any} */ (l.routes[0])), pathOf(/** @type {any} */ (l.routes[3])), 'there and back are two lines');
	const roll = dice(9), ids = Array.from({ length: 200 }, (_, i) => `s${i}`), knot = Array.from({ length: 400 }, () => /** @type {[string, string]} */ ([ids[Math.floor(roll() * 200)], ids[Math.floor(roll() * 200)]]));
	const all = layOut(boxes(ids), asEdges(knot));
	assert.ok(all.width < 6000, `${all.width} wide`);
	assert.ok(all.routes.every((r) => r && !/NaN|Infinity|undefined/.test(pathOf(r))));
	assert.deepEqual(layOut([], []).places.size, 0);
});

test('what is missing or no number is unknown, and no text is longer than can be shown', () => {
	const bad = readService('x', { data: { resource_id: 5, status: 'odd', health_score: null, anomalies: 'no', metrics: { a: null, b: 'x', c: 3, d: NaN } }, at: 7 }, true);
	assert.deepEqual([bad?.id, bad?.status, bad?.score, bad?.anomalies, bad?.metrics, bad?.at], ['5', 'unknown', null, [], [['c', 3]], 7]);
	assert.equal(readService('', { data: null }, true), null);
	assert.equal(readService('x', undefined, true)?.name, 'x');
	assert.equal(/** @type {any} */ (readService('i'.repeat(9000), { data: { resource_name: 'n'.repeat(9000) } }, true)).name.length, 200);
	assert.deepEqual(readTraffic('a>b', { data: { request_rate: -1, error_rate: 'x' } }), { key: 'a\nb', source: 'a', target: 'b', needed: false, rate: null, errors: null, p95: null, abnormal: false, score: null, trend: '', measured: true, at: null, failing: null });
	assert.equal(readTraffic('nothing', { data: {} }), null);
});

test('worst first, and found by words, status and type', () => {
	const of = (id, status, score, type = 'service', anomalies = []) => /** @type {any} */ (readService(id, { data: { status, health_score: score, resource_type: type, anomalies } }, true));
	const list = [of('a', 'healthy', 100), of('b', 'failed', 20, 'service', ['high errors', 'CPU']), of('c', 'degraded', 60), of('d', 'failed', 5, 'database', ['high latency']), of('e', 'unknown', null)];
	assert.deepEqual(sortServices([...list], { by: 'health', down: false }).map((s) => s.id), ['d', 'b', 'c', 'e', 'a']);
	const found = (o) => list.filter(filterFor({ query: '', status: '', type: '', ...o })).map((s) => s.id);
	assert.deepEqual([found({ query: 'LATENCY high' }), found({ status: 'failed' }), found({ type: 'database' }), found({ status: 'failed', type: 'service' })], [['d'], ['b', 'd'], ['d'], ['b']]);
});

test('metrics are said with the unit that their name tells', () => {
	const said = Object.entries({ error_rate: 0.02, cpu_usage: 0.5, latency_p95: 0.12, memory_usage: 2 ** 30, request_rate: 12.5, connections: 40, disk_percent: 7.5 }).map(([k, v]) => metricText(k, v));
	assert.deepEqual(said, ['2.00 %', '50.0 %', '120 ms', '1.0 GB', '12.5/s', '40', '7.50 %']);
});

test('an edge is told once, from dependencies, traffic and what fails on it; ends nobody measures are kept', () => {
	const store = createStore({ now: () => 1795000000000 }), model = createModel(store);
	store.take(health('a'));
	store.take({ type: 'dependencies', timestamp: at(), data: { edges: [{ source_id: 'a', target_id: 'b' }, { source_id: 'a', target_id: 'b' }, { source_id: 'a' }, null, 7] } });
	store.take({ type: 'traffic_health', id: 'a>b', timestamp: at(), data: { source_id: 'a', target_id: 'b', request_rate: 3, is_abnormal: true } });
	store.take({ type: 'failing_dependency', id: 'a>b', timestamp: at(), data: { source_id: 'a', target_id: 'b', status: 'failed', health_score: 3 } });
	const { edges, abnormal, flows, failing } = model.picture;
	assert.deepEqual(edges.map((e) => [e.source, e.target, e.needed, e.rate, e.abnormal, e.failing?.status]), [['a', 'b', true, 3, true, 'failed']]);
	assert.deepEqual([abnormal, flows, failing.length], [1, 1, 1]);
	store.take({ type: 'failing_dependency', id: 'a>b', timestamp: at(), data: null });
	assert.equal(model.picture.edges[0].failing, null);
});

test('what is gone from the whole answer is gone, save what came since it was asked for', () => {
	const store = createStore({ now: () => 1795000000000 }), anomaly = (id) => ({ type: 'anomaly', id, timestamp: at(), data: { resource_id: id, severity: 'high' } });
	for (const id of ['old', 'kept', 'new']) store.take(anomaly(id));
	const model = createModel(store);
	store.takeWhole({ records: [anomaly('kept'), anomaly('came')] }, ['anomaly'], new Set(['anomaly new']));
	assert.deepEqual(model.picture.anomalies.map((a) => a.id).sort(), ['came', 'kept', 'new']);
	store.takeWhole(null, ['anomaly'], new Set());
	assert.equal(model.picture.anomalies.length, 3, 'no answer takes nothing away');
});

test('changes are told once, newest first, whatever they hold', () => {
	const changes = createChanges(), change = (s, more = {}) => ({ type: 'health_change', id: `h${s}`, timestamp: at(s), offset: s, data: { resource_id: 'a', old_status: 'healthy', new_status: 'failed', health_score: 12 }, ...more });
	for (const e of [change(1), change(3), change(2), change(3), { type: 'health_change' }, { type: 'traffic_anomaly', data: { source_id: 'a' } }, null, 'x', change(4, { data: null }), { type: 'constructor', data: {} }]) changes.take(e);
	assert.deepEqual(changes.list.map((c) => [c.offset, c.what, c.words]), [[3, 'Worse', 'healthy → failed, score 12'], [2, 'Worse', 'healthy → failed, score 12'], [1, 'Worse', 'healthy → failed, score 12']]);
	for (let i = 0; i < 3000; i++) changes.take(change(100 + i));
	assert.equal(changes.list.length, 1000);
});

test('metrics over the time seen keep their ceiling and their newest', () => {
	const past = createPast();
	for (let i = 0; i < 2000; i++) past.take(/** @type {any} */ (readService('a', { data: { health_score: 90, metrics: { m: i }, last_updated: at(i) } }, true)));
	const p = /** @type {any} */ (past.of('a'));
	assert.ok(p.at.length <= 360 && p.at.length > 100, `${p.at.length} points`);
	assert.equal(p.metrics.get('m').at(-1), 1999);
	assert.ok([...p.metrics.values()].every((v) => v.length === p.at.length));
});

test('of too many, those that are not well are drawn with their neighbours, and stay drawn', () => {
	const { ids, edges } = tiers(900, 1800), store = createStore({ now: () => 1795000000000 }), model = createModel(store);
	for (const id of ids) store.take(health(id, id === ids[700] ? { status: 'failed', health_score: 3 } : {}));
	store.take({ type: 'dependencies', timestamp: at(), data: { edges: edges.map(([source_id, target_id]) => ({ source_id, target_id })) } });
	const first = chosen(model.picture, new Set());
	assert.equal(first.size, 300);
	assert.ok(first.has(ids[700]) && edges.filter((e) => e[1] === ids[700]).every((e) => first.has(e[0])));
	assert.deepEqual([...chosen(model.picture, first)], [...first]);
});

test('a service has an address of its own, whatever its id', () => {
	for (const id of ['api', 'a.b', 'a/b', 'ä "quoted"', '<b>', '%', '..']) {
		const u = new URL(servicePath(id), 'http://x');
		assert.deepEqual(routeOf(u.pathname, u.search), { page: 'diagnostics', params: { id } }, id);
	}
});

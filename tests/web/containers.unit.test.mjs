// What the tables are made of, without a browser: rows, order, rates, rings, the feed.
import assert from 'node:assert/strict';
import test from 'node:test';
import { addressName, cpuReference, createDiskRates, firstDown, memoryText, readContainer, searchFor, sortRows, toMove, totals } from '../../share/dashboard/containerrows.js';
import { RINGS_MAX, createHistory, historyPath } from '../../share/dashboard/containerhistory.js';
import { POINTS, createRing, sparkPath } from '../../share/dashboard/ring.js';
import { FEED_MAX, createFeed, readChange } from '../../share/dashboard/sessionfeed.js';

const row = (name, more = {}) => readContainer({ name, status: 'running', ...more }, name);
const names = (rows) => rows.map((r) => r.name).join(' ');

test('numbers are sorted as numbers, names with numbers in their order, the unknown last either way', () => {
	const rows = () => [row('w10', { cpu: 9 }), row('w2', { cpu: 100 }), row('w1', { cpu: 20 }), row('x', { cpu: 'much' })];
	assert.equal(names(sortRows(rows(), { by: 'cpu', down: false })), 'w10 w1 w2 x');
	assert.equal(names(sortRows(rows(), { by: 'cpu', down: true })), 'w2 w1 w10 x');
	assert.equal(names(sortRows(rows(), { by: 'name', down: false })), 'w1 w2 w10 x');
	assert.equal(names(sortRows(rows(), { by: 'name', down: true })), 'x w10 w2 w1');
});

test('rows of equal value keep their order by name, whichever way and however they came', () => {
	for (const down of [true, false])
		for (const all of [['b', 'a', 'c'], ['c', 'b', 'a']]) assert.equal(names(sortRows(all.map((n) => row(n, { cpu: 1 })), { by: 'cpu', down })), 'a b c');
});

test('sorted by status, what is worst stands first', () => {
	const rows = [row('ok'), row('ill', { health: 'unhealthy' }), row('out', { status: 'exited' }), row('gone', { status: 'missing' }), row('held', { status: 'paused' }), row('odd', { status: 'weird' })];
	assert.equal(names(sortRows(rows, { by: 'status', down: false })), 'gone out held odd ill ok');
	assert.equal(firstDown('status'), false);
	assert.equal(firstDown('memory'), true);
});

test('a search finds each of its words in name, image, status or health', () => {
	const r = row('kato-redis', { image: 'redis:7-alpine', health: 'unhealthy' });
	for (const q of ['', 'REDIS', 'alpine run', 'unhealthy kato', '  kato ']) assert.ok(searchFor(q)(r), q);
	for (const q of ['exited', 'redis mongo', '.*', 'undefined']) assert.ok(!searchFor(q)(r), q);
});

test('nothing that came makes a row fail or say what is not a number', () => {
	for (const odd of [null, undefined, 'x', [], {}, NaN, Infinity, -1, { usage_mb: 'a' }, true]) {
		const r = readContainer({ name: 'a', status: odd, image: odd, health: odd, id: odd, cpu: odd, memory: odd, network: odd, block_io: odd, pids: odd, restart_count: odd, timestamp: odd }, 'a');
		assert.doesNotMatch(`${memoryText(r)} ${r.words} ${r.status} ${r.image} ${r.health}`, /undefined|NaN|null|Infinity|object/);
		for (const v of [r.cpu, r.memory, r.limit, r.share, r.rx, r.pids, r.restarts]) assert.ok(v === null || (Number.isFinite(v) && v >= 0));
		for (const by of ['status', 'cpu', 'memory', 'network', 'disk', 'restarts', 'pids', 'name']) sortRows([r, row('b')], /** @type {any} */ ({ by, down: true }));
	}
	for (const status of ['constructor', '__proto__', 'toString']) assert.equal(row('a', { status }).look, 'quiet');
});

test('memory is said with its limit and its share, without them when they are not known', () => {
	assert.equal(memoryText({ memory: 120.5, limit: 1024, share: 11.77 }), '120.5 MB of 1024 MB (11.8 %)');
	assert.equal(memoryText({ memory: 120.5, limit: null, share: null }), '120.5 MB');
	assert.equal(memoryText({ memory: null, limit: 1024, share: null }), '–');
	assert.equal(memoryText(row('a', { memory: { usage_bytes: 104857600, limit_bytes: 209715200 } })), '100 MB of 200 MB (50.0 %)');
});

test('totals add up what is known and say what the CPU is a part of', () => {
	const sum = totals([row('a', { cpu: 50, memory: { usage_mb: 100, limit_mb: 400 }, pids: 3 }), row('b', { cpu: 64.35, memory: { usage_mb: 100, limit_mb: 400 } }), row('c')]);
	assert.deepEqual([sum.cpu, sum.memory, sum.limit, sum.share, sum.pids, sum.rx], [114.35, 200, 800, 25, 3, null]);
	assert.equal(cpuReference(114.35, 4), 'of 400 % (4 cores), 28.6 % of the host');
	for (const cores of [undefined, null, 0, -4, 'x', NaN, 1e9]) assert.equal(cpuReference(114.35, cores), '100 % is one core');
});

test('disk rates come of successive counters; none after a reset, none twice for one reading', () => {
	const rates = createDiskRates(), at = 1e12;
	const take = (s, read, write) => rates.take('a', { block_io: { read_bytes: read, write_bytes: write } }, at + s * 1000);
	assert.deepEqual(take(0, 1000, 0), { read: null, write: null });
	assert.deepEqual(take(2, 3000, 500), { read: 1000, write: 250 });
	assert.deepEqual(take(2, 3000, 500), { read: 1000, write: 250 }, 'the same reading again');
	assert.deepEqual(take(3, 10, 0), { read: null, write: null }, 'a counter that fell');
	assert.deepEqual(take(4, 110, 0), { read: 100, write: 0 });
	assert.deepEqual(take(3.5, 200, 0), { read: null, write: null }, 'a clock set back');
	assert.deepEqual(take(100000, 1e9, 0), { read: null, write: null }, 'too long ago');
	assert.deepEqual(rates.take('a', { block_io: 'x' }, at), { read: null, write: null });
});

test('disk rates remember no more than they may', () => {
	const rates = createDiskRates(3);
	for (let i = 0; i < 10; i++) rates.take(`c${i}`, { block_io: { read_bytes: 1, write_bytes: 1 } }, 1e12);
	assert.equal(rates.size, 3);
	rates.drop('c0');
	assert.equal(rates.size, 2);
});

test('a ring holds the means of ten minutes and forgets what is older', () => {
	const ring = createRing(), t = 1.7e9;
	ring.add(t, 1);
	ring.add(t + 5, 3);
	assert.equal(ring.value(t, 0), 2);
	for (let i = 1; i < POINTS; i++) ring.add(t + i * 10, i);
	assert.equal(ring.value(t + 590, POINTS - 1), 2);
	ring.add(t + 600, 7);
	assert.equal(ring.value(t + 600, 0), 7);
	assert.equal(ring.value(t + 600, POINTS - 1), 1);
	ring.add(t, 99);
	assert.equal(ring.value(t + 600, POINTS - 1), 1, 'too old to be taken');
	ring.add(t + 1e6, 5);
	assert.equal(ring.value(t + 1e6, 1), null, 'all between is empty');
	for (const odd of [NaN, Infinity, null]) ring.add(t + 1e6, odd);
	assert.equal(ring.value(t + 1e6, 0), 5);
});

test('history may come after the values of now', () => {
	const ring = createRing(), t = 1.7e9;
	ring.add(t + 300, 3);
	ring.add(t, 1);
	assert.equal(ring.value(t + 300, 30), 1);
	assert.equal(ring.value(t + 300, 0), 3);
});

test('a sparkline breaks where readings are missing, and is empty where there are none', () => {
	const ring = createRing(), t = 1.7e9, scale = { floor: 5 };
	assert.equal(sparkPath(ring, t, scale).d, '');
	for (const s of [0, 10, 20, 200, 210]) ring.add(t + s, 50);
	const { d, low, high } = sparkPath(ring, t + 210, scale);
	assert.equal(d.match(/M/g).length, 2);
	assert.deepEqual([low, high], [50, 50]);
	assert.doesNotMatch(d, /NaN|Infinity/);
});

test('the fewest rows are moved, and never the one that has the focus', () => {
	assert.deepEqual([...toMove([1, 2, 3, 4, 5], [5, 1, 2, 3, 4])], [5]);
	assert.deepEqual([...toMove([1, 2, 3, 4, 5], [2, 3, 4, 5, 1])], [1]);
	assert.equal(toMove([1, 2, 3], [1, 2, 3]).size, 0);
	assert.deepEqual([...toMove([1, 2, 3, 4, 5], [5, 1, 2, 3, 4], 5)].sort(), [1, 2, 3, 4], 'the pinned one stays');
	for (let k = 0; k < 200; k++) {
		const now = Array.from({ length: 12 }, (_, i) => i), then = [...now].sort(() => Math.random() - 0.5), pinned = k % 12;
		const move = toMove(now, then, pinned);
		assert.ok(!move.has(pinned));
		const stay = now.filter((e) => !move.has(e));
		assert.deepEqual(stay, then.filter((e) => !move.has(e)));
	}
});

test('an address holds no half characters and is not too long', () => {
	assert.equal(addressName('a\ud800b'), 'a\ufffdb');
	assert.equal(addressName('🐳'), '🐳');
	assert.ok(encodeURIComponent(addressName('🐳'.repeat(5000))).length < 3200);
	assert.equal(addressName(null), '');
});

/** A store as far as the history of containers needs it. */
function pretend() {
	const f = {}, asked = [];
	let section = null;
	const store = { get containers() { return section; }, list: () => section.data.containers, on: (kind, g) => (f[kind] = g) };
	const live = { on: (kind, g) => (f[kind] = g) };
	const series = {};
	const history = createHistory({ store, live, now: () => section?.at ?? 0, getJson: async (path) => (asked.push(path), { time_series: series }) });
	return { history, asked, series, status: (state) => f.status({ state }), read: (list, at, more = {}) => ((section = { at, data: { containers: list, ...more } }), f.containers()) };
}
const one = (name, cpu = 5) => ({ name, status: 'running', cpu, memory: { usage_mb: 10 } });

test('a container that is gone leaves nothing behind', () => {
	const p = pretend();
	for (let i = 0; i < 500; i++) p.read([one('stays'), one(`brief-${i}`)], 1.7e12 + i * 1000);
	assert.equal(p.history.size, 2);
	p.read([one('stays')], 1.7e12 + 600000);
	assert.equal(p.history.size, 1);
	assert.ok(p.history.rings('stays'));
});

test('there are never more rings than 2,000; a cut list does not forget who is not in it', () => {
	const p = pretend();
	for (let k = 0; k < 4; k++) p.read(Array.from({ length: 900 }, (_, i) => one(`c${k}-${i}`)), 1.7e12 + k * 1000, { truncated: 5 });
	assert.ok(p.history.size <= RINGS_MAX && p.history.size >= 900);
	p.read([], 1.7e12 + 9000);
	assert.equal(p.history.size, 0);
});

test('the sparklines are filled from the server once, and again after a lost link, not while live', async () => {
	const p = pretend(), t = 1.7e12;
	p.series['container.a.b.cpu_percent'] = [{ timestamp: t / 1000 - 300, value: 42 }, { timestamp: 'x', value: null }, null];
	p.read([one('a.b')], t);
	await p.history.load(['a.b']);
	assert.equal(p.history.rings('a.b').cpu.value(t / 1000, 30), 42);
	for (let i = 1; i < 500; i++) {
		p.read([one('a.b')], t + i * 3000);
		p.status('live');
		await p.history.load(['a.b']);
	}
	assert.deepEqual(p.asked, ['/api/v1/system/stats?minutes=10']);
	p.status('reconnecting');
	p.status('live');
	await p.history.load(['a.b']);
	assert.equal(p.asked.length, 2);
});

test('so many containers that their history would hold up the page: that of the first, in an address no server refuses', () => {
	const names = (n) => Array.from({ length: n }, (_, i) => `service.${i}`);
	assert.equal(historyPath(names(60)), '/api/v1/system/stats?minutes=10');
	const path = historyPath([...names(10), 'a,b', '🐳'.repeat(500), ...names(1500)]);
	assert.match(path, /&series=container\.service\.0\.cpu_percent,container\.service\.0\.memory_mb,container\.service\.1\./);
	assert.ok(path.length < 3000 && path.split(',').length >= 50, path);
});

test('an error in the place of the list leaves the last rows known', () => {
	const p = pretend();
	p.read([one('a')], 1.7e12);
	p.read(undefined, 1.7e12 + 1000, { error: 'refused' });
	assert.equal(p.history.rows.length, 1);
	p.read([], 1.7e12 + 2000);
	assert.equal(p.history.rows.length, 0);
});

const at = 1.7e12;
const change = (id, delta, s, more = {}) => ({ type: 'session_event', id, event_type: delta > 0 ? 'session_created' : 'session_destroyed', timestamp: new Date(at + s * 1000).toISOString(), data: { current_count: 5, previous_count: 5 - delta, delta }, ...more });

test('the feed takes each event once, newest first, however they come', () => {
	const feed = createFeed();
	for (const e of [change('a', 1, 0), change('c', 3, 20), change('b', -1, 10), change('a', 1, 0)]) feed.take(e);
	assert.deepEqual(feed.list().map((c) => c.id), ['c', 'b', 'a']);
	assert.deepEqual(feed.list('destroyed').map((c) => c.id), ['b']);
	assert.equal(feed.take(change('b', -1, 10)), false);
});

test('the feed shows the last 200 and counts more of them', () => {
	const feed = createFeed();
	for (let i = 0; i < 7000; i++) feed.take(change(`e${i}`, 1, i / 10));
	assert.equal(feed.list().length, FEED_MAX);
	assert.equal(feed.list()[0].id, 'e6999');
	assert.ok(feed.size <= 5001);
	assert.deepEqual(feed.count(at + 600000), { created: 1000, destroyed: 0, least: true });
	feed.takeHistory([change('e6999', 1, 699.9)], true);
	assert.equal(feed.count(at + 600000).least, false);
	assert.equal(feed.count(at).least, true, 'those cut off are not counted');
});

test('how many came and went is counted by their deltas', () => {
	const feed = createFeed();
	feed.takeHistory([change('b', -2, 1), change('a', 3, 0), change('c', 1, -4000)], true);
	assert.deepEqual(feed.count(at - 1000), { created: 3, destroyed: 2, least: false });
});

test('a history that does not reach back to what is known leaves a gap, and says so', () => {
	const feed = createFeed();
	feed.takeHistory([change('a', 1, 0)], true);
	assert.equal(feed.count(at - 1000).least, false);
	feed.takeHistory([change('z', 1, 100), change('y', 1, 90)], false);
	assert.equal(feed.count(at - 1000).least, true);
	assert.equal(feed.count(at + 95000).least, false);
	feed.takeHistory([change('z', 1, 100), change('y', 1, 90), change('b', 1, 50), change('a', 1, 0)], true);
	assert.equal(feed.count(at - 1000).least, false);
});

test('a change is read out of whatever came, or is none', () => {
	for (const odd of [null, undefined, 3, 'x', [], {}, { data: null }, { data: { delta: 0 } }, { event_type: 'other' }]) assert.equal(readChange(odd), null);
	assert.equal(readChange({ event_type: 'session_destroyed' })?.delta, -1);
	assert.equal(readChange({ data: { current_count: 12, previous_count: 9 } })?.delta, 3);
	assert.equal(readChange({ event_type: 'session_created', data: { delta: 'many', current_count: null } })?.delta, 1);
	const c = readChange(change('a', 1, 0, { id: { a: 1 }, offset: 7, data: { delta: 1, session_id: { x: 1 }, reason: 'expired' } }));
	assert.deepEqual([c?.id, c?.session, c?.reason], ['offset 7', '', 'expired']);
});

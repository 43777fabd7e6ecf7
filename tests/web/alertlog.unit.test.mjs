import assert from 'node:assert/strict';
import test from 'node:test';
import { createSplitter } from '../../share/dashboard/alertfill.js';
import { typeLabel } from '../../share/dashboard/alertentry.js';
import { createAlertLog } from '../../share/dashboard/alertlog.js';
import { amount, stateText, valueText } from '../../share/dashboard/alertwords.js';

const NOW = Date.parse('2026-11-20T22:00:00.000Z');
const iso = (/** @type {number} */ secondsAgo) => new Date(NOW - secondsAgo * 1000).toISOString();
let ids = 0;

/** A message told so many seconds ago, of a firing that began so many seconds ago. */
const told = (/** @type {number} */ ago, { since = ago, id = `alert_${++ids}`, alerts = /** @type {any} */ (undefined), offset = /** @type {any} */ (undefined), ...a } = /** @type {any} */ ({})) => ({
	type: 'system_alert', id, timestamp: iso(ago), source: 'alertd', ...(offset === undefined ? {} : { offset }),
	alerts: alerts ?? [{ level: 'warning', type: 'high_cpu', message: 'High CPU usage: 85.0%', state: 'firing', since: iso(since), key: a.type ?? 'high_cpu', ...a }],
});
function keep() {
	const map = new Map();
	return { map, getItem: (/** @type {string} */ k) => map.get(k) ?? null, setItem: (/** @type {string} */ k, /** @type {string} */ v) => void map.set(k, v), removeItem: (/** @type {string} */ k) => void map.delete(k) };
}
const logOf = (/** @type {any} */ storage = keep(), more = {}) => createAlertLog({ now: () => NOW, storage, ...more });
const states = (/** @type {any} */ log) => log.groups.map((/** @type {any} */ g) => `${g.key} ${g.current.state}`);

test('an alert is known once, whichever way it came', () => {
	const log = logOf();
	assert.equal(log.take(told(5, { id: 'a1' })).length, 1);
	assert.equal(log.take(told(5, { id: 'a1' }), { live: false }).length, 0);
	assert.equal(log.take({ ...told(5, { id: 'a1' }), offset: 7 }).length, 0);
	assert.equal(log.entries.length, 1);
});

test('without an id, what it says and its offset tell alerts apart', () => {
	const log = logOf();
	for (const offset of [1, 1, 2]) log.take({ ...told(5), id: undefined, offset });
	assert.equal(log.entries.length, 2);
});

test('each alert of a message is an alert', () => {
	const log = logOf();
	log.take(told(5, { alerts: [{ type: 'high_cpu', level: 'error', message: 'a' }, { type: 'high_memory', message: 'b' }, null, 5, 'x', []] }));
	assert.equal(log.entries.length, 2);
	assert.equal(log.unread(), 2);
});

test('entries and groups are newest first, in whatever order they came', () => {
	const log = logOf();
	for (const ago of [30, 10, 50]) log.take(told(ago, { key: `k${ago}` }));
	assert.deepEqual(log.entries.map((e) => e.key), ['k10', 'k30', 'k50']);
	assert.deepEqual(log.groups.map((g) => g.key), ['k10', 'k30', 'k50']);
});

test('a resolved message belongs to the firing of its key and since, and says how long it lasted', () => {
	const log = logOf();
	log.take(told(100, { since: 300, state: 'resolved', level: 'info' })); // history may come backwards
	log.take(told(300));
	const [g] = log.groups;
	assert.equal(g.entries.length, 2);
	assert.equal(g.current.state, 'resolved');
	assert.equal(stateText(g.current, NOW), 'Resolved after 3m 20s');
});

test('a firing says for how long, and goes on', () => {
	const log = logOf();
	log.take(told(20, { since: 120 }));
	assert.equal(stateText(log.groups[0].current, NOW), 'Firing for 2m');
	assert.equal(stateText(log.groups[0].current, NOW + 5000), 'Firing for 2m 5s');
});

test('a firing whose end was never told is over once the next one of its key is', () => {
	const log = logOf();
	log.take(told(500));
	log.take(told(300));
	assert.deepEqual([...log.episodes.values()].map((p) => p.state), ['firing', 'firing']);
	log.take(told(200, { since: 300, state: 'resolved' }));
	assert.deepEqual([...log.episodes.values()].map((p) => p.state), ['resolved', 'resolved']);
	assert.equal(stateText(log.groups[0].episodes[1], NOW), 'Over, its end was not told');
});

test('alerts without since, as KATO tells them: a resolved one ends the one before it', () => {
	const log = logOf();
	log.take(told(60, { alerts: [{ type: 'high_cpu', level: 'warning', message: 'a' }] }));
	log.take(told(20, { alerts: [{ type: 'high_cpu', level: 'info', message: 'b', state: 'resolved' }] }));
	assert.equal(log.groups.length, 1);
	assert.equal(log.groups[0].episodes[1].lasted, 40000);
	assert.deepEqual(log.filter({ state: 'firing' }), []);
});

test('an event is never resolved and never ends another', () => {
	const log = logOf();
	for (const ago of [60, 20]) log.take(told(ago, { type: 'container_oom', key: 'container_oom_kato' }));
	assert.deepEqual(log.groups[0].episodes.map((p) => stateText(p, NOW)), ['Happened once', 'Happened once']);
});

test('unread counts firings: neither repeats nor the end count again', () => {
	const log = logOf();
	log.take(told(180, { since: 180 }));
	log.take(told(120, { since: 180 }));
	log.take(told(60, { since: 180, state: 'resolved' }));
	assert.equal(log.unread(), 1);
	log.take(told(30, { since: 30 }));
	assert.equal(log.unread(), 2);
});

test('what was read stays read when it is told again, not when it gets worse', () => {
	const log = logOf();
	log.take(told(180, { since: 180 }));
	log.markRead('high_cpu');
	assert.equal(log.unread(), 0);
	log.take(told(120, { since: 180 }));
	assert.equal(log.unread(), 0);
	log.take(told(60, { since: 180, level: 'error' }));
	assert.equal(log.unread(), 1);
});

test('one or all are marked read', () => {
	const log = logOf();
	for (const key of ['a', 'b', 'c']) log.take(told(10, { key }));
	log.markRead('b');
	assert.deepEqual(log.groups.filter((g) => g.unread).map((g) => g.key).sort(), ['a', 'c']);
	log.markRead('all');
	assert.equal(log.unread(), 0);
});

test('read marks survive a reload, also under another epoch and other offsets', () => {
	const storage = keep(), log = logOf(storage);
	log.take({ ...told(10, { id: 'x', key: 'a' }), offset: 5 }, { epoch: 'e1' });
	log.take(told(10, { id: 'y', key: 'b' }));
	log.markRead('a');
	const again = createAlertLog({ now: () => NOW + 1000, storage });
	again.take({ ...told(10, { id: 'x', key: 'a' }), offset: 900 }, { live: false, epoch: 'e2' });
	again.take({ ...told(10, { id: 'y', key: 'b' }), offset: 901 }, { epoch: 'e2' });
	assert.deepEqual(again.groups.filter((g) => g.unread).map((g) => g.key), ['b']);
});

test('at the very first visit, of the history only what fires and is not older than a day is unread', () => {
	const log = logOf();
	const history = [told(60, { key: 'now' }), told(90000, { key: 'yesterday' }), told(300, { key: 'over' }), told(200, { since: 300, key: 'over', state: 'resolved' })];
	for (const m of history) log.take(m, { live: false });
	assert.deepEqual(log.groups.filter((g) => g.unread).map((g) => g.key), ['now']);
});

test('what came while the page was closed is unread, also when it is over', () => {
	const storage = keep();
	logOf(storage).met({ epoch: 'e', offset: 10 });
	const later = createAlertLog({ now: () => NOW + 7200_000, storage });
	later.take(told(-600, { key: 'missed' }), { live: false });
	later.take(told(-700, { since: -600, key: 'missed', state: 'resolved' }), { live: false });
	later.take({ ...told(999_999, { key: 'old stamp, new offset' }), offset: 11 }, { live: false, epoch: 'e' });
	assert.equal(later.unread(), 2);
});

test('a filter is severity and type and state and words together', () => {
	const log = logOf();
	log.take(told(10, { key: 'a', level: 'error', message: 'disk of Berlin full' }));
	log.take(told(20, { key: 'b', level: 'error', type: 'high_memory', message: 'Memory of Berlin' }));
	log.take(told(30, { key: 'c', level: 'warning', message: 'Rome is slow', container_name: 'kato-redis' }));
	log.take(told(40, { key: 'd', level: 'error', message: 'Oslo' }));
	log.take(told(35, { since: 40, key: 'd', level: 'info', state: 'resolved', message: 'Oslo is back' }));
	const keys = (/** @type {any} */ f) => log.filter(f).map((g) => g.key).join('');
	assert.equal(keys({}), 'abcd');
	assert.equal(keys({ severity: 'error' }), 'abd');
	assert.equal(keys({ severity: 'info' }), '', 'the end of an error is an error\'s');
	assert.equal(keys({ type: 'high_memory' }), 'b');
	assert.equal(keys({ state: 'resolved' }), 'd');
	assert.equal(keys({ state: 'firing', severity: 'error' }), 'ab');
	assert.equal(keys({ text: 'BERLIN memory' }), 'b');
	assert.equal(keys({ text: 'redis' }), 'c');
	assert.equal(keys({ severity: 'warning', text: 'berlin' }), '');
	assert.equal(log.filter({ severity: 'error' })[2].entries.length, 2);
});

test('what is cleared is gone for good, and only what the filter showed', () => {
	const storage = keep(), log = logOf(storage), a = told(10, { key: 'a', level: 'error' }), b = told(20, { key: 'b' });
	log.take(a);
	log.take(b);
	log.clear({ severity: 'error' });
	assert.deepEqual(states(log), ['b firing']);
	assert.equal(log.take(a, { live: false }).length, 0, 'it does not come back from the history');
	const again = logOf(storage);
	again.take(a);
	again.take(b);
	assert.deepEqual(states(again), ['b firing']);
	log.clear();
	assert.equal(log.entries.length, 0);
	assert.deepEqual(log.types, []);
});

test('what is told again after it was cleared is shown, but not as unread', () => {
	const log = logOf();
	log.take(told(100, { since: 100 }));
	log.clear();
	log.take(told(40, { since: 100 }));
	assert.equal(log.groups[0].entries.length, 1);
	assert.equal(log.unread(), 0);
	assert.equal(stateText(log.groups[0].current, NOW), 'Firing for 1m 40s');
});

test('the export is the original records, oldest first, with the shown alerts alone', () => {
	const log = logOf(), one = told(20, { key: 'a' });
	const two = { ...told(10, { alerts: [{ type: 'x', level: 'error', key: 'x', message: 'm', more: { a: [1] } }, { type: 'y', level: 'info', key: 'y' }] }), demo: true };
	log.take({ ...two, offset: 9 });
	log.take({ ...one, offset: 8 });
	const lines = log.export().split('\n');
	assert.deepEqual(lines.slice(0, 2).map((l) => JSON.parse(l)), [one, two]);
	assert.equal(lines[2], '');
	assert.deepEqual(JSON.parse(log.export({ severity: 'error' })).alerts, [two.alerts[0]]);
});

test('ten thousand entries at most, the oldest go', () => {
	const log = logOf(keep(), { ceiling: 100 });
	for (let i = 0; i < 250; i++) log.take(told(1000 - i, { key: `k${i % 7}` }));
	assert.equal(log.entries.length, 100);
	assert.equal(log.entries.at(-1)?.at, NOW - 850_000);
	assert.equal(log.groups.reduce((n, g) => n + g.entries.length, 0), 100);
});

test('ten thousand alerts in one message all come, the rest of them in later turns', async () => {
	const log = logOf();
	const many = Array.from({ length: 10000 }, (_, i) => ({ type: 't', key: `k${i}`, message: `m${i}` }));
	assert.ok(log.take(told(5, { alerts: many })).length < 10000);
	while (log.entries.length < 10000) await new Promise((r) => setTimeout(r, 1));
	assert.equal(log.unread(), 10000);
});

test('whatever comes, nothing throws and every member has its kind', () => {
	const log = logOf();
	for (const m of [null, 5, '', [], {}, { alerts: 5 }, { alerts: {} }, { type: 'system_alert', alerts: null }]) assert.deepEqual(log.take(m), []);
	const [e] = log.take({ alerts: [{ level: {}, type: null, message: [], since: 'never', key: {}, value: 'NaN', threshold: Infinity, container_name: 7 }], id: {}, timestamp: 9, offset: 'x' });
	assert.deepEqual([e.level, e.type, e.label, e.message, e.since, e.value, e.threshold, e.container, e.at], ['warning', '', 'Alert', 'Alert', null, null, null, '7', NOW]);
	const [long] = log.take(told(1, { message: 'x'.repeat(500_000), key: 'k'.repeat(100_000), type: '__proto__' }));
	assert.ok(long.message.length <= 2000 && long.key.length <= 200);
	assert.equal(log.groups.length, 2);
	assert.equal(stateText(log.groups[0].current, NaN).includes('NaN'), false);
});

test('a storage that is denied or full costs the marks, nothing else', () => {
	const denied = { getItem: () => { throw new Error('denied'); }, setItem: () => { throw new Error('denied'); }, removeItem: () => {} };
	for (const storage of [denied, null, { ...keep(), setItem: () => { throw new Error('full'); } }]) {
		const log = logOf(storage);
		log.take(told(5, { key: 'a' }));
		log.take(told(5, { key: 'b' }));
		log.markRead('a');
		log.clear({ text: 'b' });
		assert.equal(log.unread(), 0);
		assert.match(log.fault, /unread after a reload/);
	}
});

test('marks of rubbish or of too many do no harm', () => {
	const storage = keep();
	for (const k of ['read', 'cleared', 'first']) storage.map.set(`kato_live_alerts_${k}`, k === 'read' ? Array.from({ length: 50000 }, (_, i) => `h${i}3`).join(' ') : 'x y {} NaN undefined 5');
	const log = logOf(storage);
	log.take(told(5));
	log.markRead('all');
	assert.equal(log.unread(), 0);
	assert.ok((storage.map.get('kato_live_alerts_read') ?? '').split(' ').length <= 20000);
});

test('two tabs share their marks', () => {
	const storage = keep(), a = logOf(storage), b = logOf(storage);
	for (const log of [a, b]) for (const key of ['x', 'y', 'z']) log.take(told(10, { id: key, key }));
	a.markRead('x');
	b.markRead('y'); // b has not heard of a's mark yet
	a.clear({ text: 'z' });
	for (const log of [a, b]) log.reload();
	assert.equal(a.unread() + b.unread(), 0);
	assert.deepEqual(b.groups.map((g) => g.key).sort(), ['x', 'y']);
});

test('listeners hear what is fresh and what changed, until they are taken away', () => {
	const log = logOf(), heard = /** @type {string[]} */ ([]);
	const off = log.on('fresh', (/** @type {any[]} */ list) => heard.push(`${list.length} fresh`));
	log.on('change', () => heard.push('change'));
	log.take(told(5));
	off();
	log.take(told(4, { key: 'b' }));
	assert.deepEqual(heard, ['change', '1 fresh', 'change']);
});

test('types have labels and values their units', () => {
	assert.deepEqual(['high_cpu', 'container_oom', 'queue_long', '', 'constructor'].map(typeLabel), ['High CPU', 'Out of Memory', 'queue_long', 'Alert', 'constructor']);
	assert.equal(amount('high_error_rate', 0.073), '7.30 %');
	assert.equal(amount('high_memory', 91.2), '91.2 %');
	assert.equal(amount('queue_long', 120), '120');
	const log = logOf(), [e] = log.take(told(1, { type: 'high_error_rate', value: 0.0731, threshold: 0.05 }));
	assert.equal(valueText(e), '7.31 % (limit 5.00 %)');
});

test('an answer is cut into its events wherever its pieces end', () => {
	const events = [{ a: 'x}]{["\\', b: [{ c: {} }] }, {}, { d: 'ä"€' }], text = JSON.stringify({ events, epoch: 'e"1', offset: 3 });
	for (const size of [1, 2, 7, 1000]) {
		const got = /** @type {any[]} */ ([]), s = createSplitter((t) => got.push(JSON.parse(t)));
		for (let i = 0; i < text.length; i += size) s.feed(text.slice(i, i + size));
		assert.deepEqual(got, events);
		assert.deepEqual(s.end(), { events: [], epoch: 'e"1', offset: 3 });
	}
	const cut = createSplitter(() => {});
	cut.feed(text.slice(0, -9));
	assert.equal(cut.end(), null);
});

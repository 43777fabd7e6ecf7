import assert from 'node:assert/strict';
import test from 'node:test';
import { createStore } from '../../share/dashboard/store.js';

const T = Date.UTC(2026, 10, 20, 10, 0, 0);
const iso = (at) => new Date(at).toISOString();

/** A store at a time that the test sets; skew: the server's clock is so far ahead. */
function make() {
	const s = { at: T };
	s.store = createStore({ now: () => s.at });
	s.store.link({ state: 'live', since: T, skew: 0 });
	s.hello = (more = {}) => s.store.take({ type: 'connected', timestamp: iso(s.at), epoch: 'e1', offset: 0, flags: {}, ...more });
	s.update = (data, more = {}, meta = { polled: false, received: s.at }) => s.store.take({ type: 'realtime_update', timestamp: iso(s.at), data, ...more }, meta);
	s.source = (source, status = 'up', more = {}) =>
		s.store.take({ type: 'source_status', id: source, source, timestamp: iso(s.at), data: { source, status, since: iso(T - 60000), interval_ms: 3000, ...more } });
	return s;
}
const metrics = (rate = 0.01) => ({ performance: { error_rate: rate } });

test('an update replaces the sections it holds and no other', () => {
	const { store, update } = make();
	update({ metrics: metrics(), sessions: { active_count: 5 } });
	update({ sessions: { active_count: 6 } });
	assert.equal(store.number('sessions', 'active_count'), 6);
	assert.equal(store.number('metrics', 'performance.error_rate'), 0.01);
	assert.equal(store.containers, null);
});

test('number is null for strings, nulls, missing members, inherited ones and what is not finite', () => {
	const { store, update } = make();
	update({ metrics: { a: '5', b: null, c: { d: Infinity }, e: [1] } });
	for (const p of ['a', 'b', 'c', 'c.d', 'c.d.e', 'x', 'x.y', 'constructor.length', '__proto__.x', 'e.length']) assert.equal(store.number('metrics', p), null, p);
	assert.equal(store.number('containers', 'x'), null);
});

test('whatever comes, take never throws and what was good stays', () => {
	const { store, update } = make();
	update({ metrics: metrics() });
	const values = [undefined, null, 5, '', 'x', [], {}, NaN, true, [null], { data: null }, { toString: null }];
	for (const v of values) store.take(v);
	for (const type of ['realtime_update', 'metrics_update', 'source_status', 'session_event', 'container_event', 'system_alert', 'connected', 'overall_health', '__proto__', 'constructor', ''])
		for (const v of values) {
			store.take({ type, data: v, alerts: v, id: v, timestamp: v, offset: v, source: v, flags: v, epoch: v }, v);
			for (const w of ['metrics', 'containers', 'sessions']) store.take({ type, data: { [w]: v } });
			store.take({ type, data: { containers: { containers: v } }, timestamp: v });
			store.list('containers');
			store.health('containers');
		}
	for (const v of values) {
		store.takeRecords(v);
		store.takeRecords({ records: [v] });
		store.link(v);
	}
	assert.equal(typeof store.health('metrics').reason, 'string');
	assert.doesNotMatch(JSON.stringify(['metrics', 'containers', 'sessions'].map((s) => store.health(s).reason)), /undefined|NaN|null|object/);
});

test('a getter or proxy-like object that throws is survived', (t) => {
	t.mock.method(console, 'error', () => {});
	const { store, update } = make();
	store.take({ type: 'realtime_update', get data() { throw new Error('no'); } });
	update({ metrics: metrics(0.5) });
	assert.equal(store.number('metrics', 'performance.error_rate'), 0.5);
});

test('the old metrics_update is understood', () => {
	const { store } = make();
	store.take({ type: 'metrics_update', timestamp: iso(T), data: metrics(0.2) });
	assert.equal(store.number('metrics', 'performance.error_rate'), 0.2);
});

test('a listener that throws takes no other with it', (t) => {
	t.mock.method(console, 'error', () => {});
	const { store, update } = make();
	let heard = 0;
	store.on('metrics', () => { throw new Error('no'); });
	store.on('metrics', () => heard++);
	const off = store.on('any', () => heard++);
	update({ metrics: metrics() });
	off();
	update({ metrics: metrics() });
	assert.equal(heard, 3);
});

test('containers: only those with a name, each once, and no more than the ceiling', () => {
	const { store, update } = make();
	update({ containers: { containers: [{ name: 'a' }, null, { name: 5 }, 'x', { name: 'a', cpu: 1 }, { name: '<img onerror>' }, {}] } });
	assert.deepEqual(store.list('containers').map((c) => c.name), ['a', '<img onerror>']);
	update({ containers: { containers: Array.from({ length: 5000 }, (_, i) => ({ name: `c${i}` })) } });
	assert.equal(store.list('containers').length, 2000);
});

test('an update for one container alone leaves the others', () => {
	const { store, update } = make();
	update({ containers: { aggregated: { total_cpu_percent: 7 }, containers: [{ name: 'a', cpu: 1 }, { name: 'b', cpu: 2 }] } });
	update({ containers: { containers: [{ name: 'b', cpu: 3 }] } });
	assert.deepEqual(store.list('containers').map((c) => [c.name, c.cpu]), [['a', 1], ['b', 3]]);
	assert.equal(store.number('containers', 'aggregated.total_cpu_percent'), 7);
});

test('session events: newest first, each id once, 200 at most, whichever order they come in', () => {
	const { store } = make();
	const event = (i) => store.take({ type: 'session_event', id: `s${i}`, timestamp: iso(T + i * 1000), offset: i, data: {} });
	for (let i = 250; i < 400; i++) event(i);
	for (let i = 0; i < 300; i++) event(i);
	assert.equal(store.sessionEvents.length, 200);
	assert.deepEqual([store.sessionEvents[0].id, store.sessionEvents[199].id], ['s399', 's200']);
});

test('container events: 500 at most, and one without id is kept under its offset', () => {
	const { store } = make();
	for (let i = 0; i < 600; i++) store.take({ type: 'container_event', timestamp: iso(T + i), offset: i, data: { action: 'die' } });
	store.take({ type: 'container_event', timestamp: iso(T + 599), offset: 599, data: { action: 'die' } });
	assert.equal(store.containerEvents.length, 500);
});

test('system alerts go to who listens, as they came', () => {
	const { store } = make();
	const heard = [];
	store.on('system_alert', (m) => heard.push(m));
	const message = { type: 'system_alert', alerts: 'none' };
	store.take(message);
	assert.deepEqual(heard, [message]);
});

test('any other state topic is kept by type and id, and goes when its data is null', () => {
	const { store } = make();
	store.take({ type: 'overall_health', timestamp: iso(T), source: 'healthd', data: { status: 'critical' } });
	store.take({ type: 'anomaly', id: 'a:cpu', timestamp: iso(T), data: { x: 1 } });
	store.take({ type: 'anomaly', id: 'b:cpu', timestamp: iso(T), data: { x: 1 } });
	store.take({ type: 'anomaly', id: 'a:cpu', timestamp: iso(T), data: null });
	store.take({ type: 'health_change', offset: 5, timestamp: iso(T), data: {} });
	assert.equal(store.states.get('overall_health').get('').data.status, 'critical');
	assert.deepEqual([...store.states.get('anomaly').keys()], ['b:cpu']);
	assert.equal(store.states.has('health_change'), false, 'an event is no state');
	store.take({ type: 'anomaly', id: 'b:cpu', timestamp: iso(T), data: null });
	assert.equal(store.states.has('anomaly'), false);
});

test('states and sources that a peer makes up have a ceiling', () => {
	const { store, source } = make();
	for (let i = 0; i < 1000; i++) store.take({ type: `t${i}`, data: 1 });
	for (let i = 0; i < 20000; i++) store.take({ type: 't1', id: `i${i}`, data: 1 });
	for (let i = 0; i < 1000; i++) source(`s${i}`);
	assert.equal(store.states.size, 300);
	assert.ok([...store.states.values()].reduce((n, ids) => n + ids.size, 0) <= 10000);
	assert.equal(store.sources.size, 200);
});

test('a source says how it does, and an old word of it does not replace a newer one', () => {
	const { store, source } = make();
	source('docker-stats', 'down', { error: 'connection refused' });
	store.take({ type: 'source_status', source: 'docker-stats', timestamp: iso(T - 5000), data: { source: 'docker-stats', status: 'up' } });
	const s = store.sources.get('docker-stats');
	assert.deepEqual([s.status, s.error, s.since, s.interval], ['down', 'connection refused', T - 60000, 3000]);
	store.take({ type: 'source_status', source: 'x', data: { source: 'x', status: 'dancing' } });
	assert.equal(store.sources.has('x'), false);
});

test('health: unknown before the first reading, fresh with it, stale after three intervals', () => {
	const s = make();
	assert.equal(s.store.health('metrics').state, 'unknown');
	s.source('kato-metrics');
	s.update({ metrics: metrics() });
	s.at += 9000;
	assert.deepEqual(s.store.health('metrics'), { state: 'fresh', age: 9000, reason: '' });
	s.at += 1;
	const h = s.store.health('metrics');
	assert.equal(h.state, 'stale');
	assert.match(h.reason, /^No reading from kato-metrics since \d\d:\d\d:\d\d$/);
	s.update({ metrics: metrics() });
	assert.equal(s.store.health('metrics').state, 'fresh');
});

test('health: three intervals are those of the source, not of ours', () => {
	const s = make();
	s.source('kato-metrics', 'up', { interval_ms: 60000 });
	s.update({ metrics: metrics() });
	s.at += 170000;
	assert.equal(s.store.health('metrics').state, 'fresh');
	s.at += 20000;
	assert.equal(s.store.health('metrics').state, 'stale');
});

test('health: without a word of the source, the spacing of its readings is its interval', () => {
	const s = make();
	for (let i = 0; i < 4; i++) {
		s.update({ metrics: metrics() });
		s.at += 20000;
	}
	s.at += 30000;
	assert.equal(s.store.health('metrics').state, 'fresh');
	s.at += 20000;
	assert.equal(s.store.health('metrics').state, 'stale');
});

test('health: down as soon as the source says so, with its reason and since when', () => {
	const s = make();
	s.update({ containers: { containers: [] }, metrics: metrics() });
	s.source('docker-stats', 'down', { error: 'connection refused' });
	const h = s.store.health('containers');
	assert.equal(h.state, 'down');
	assert.match(h.reason, /^docker-stats is down since \d\d:\d\d:\d\d: connection refused; last reading/);
	assert.equal(s.store.health('metrics').state, 'fresh', 'the others are as they were');
	s.source('docker-stats', 'up');
	assert.equal(s.store.health('containers').state, 'fresh');
});

test('health: an instance speaks for its collector; down when all of them are', () => {
	const s = make();
	s.update({ containers: { containers: [] } });
	s.source('docker-stats@host2', 'down', { error: 'gone' });
	assert.equal(s.store.health('containers').state, 'down');
	s.source('docker-stats@host3', 'up');
	assert.equal(s.store.health('containers').state, 'fresh');
});

test('health: the supervisor says that a collector died', () => {
	const s = make();
	s.update({ metrics: metrics() });
	s.source('kato-metrics', 'up');
	s.source('katoctl/kato-metrics', 'down', { error: 'died: exit 1', interval_ms: 30000 });
	assert.equal(s.store.health('metrics').state, 'down');
	s.source('katoctl/kato-metrics', 'up');
	assert.equal(s.store.health('metrics').state, 'fresh');
	s.at += 9001;
	assert.equal(s.store.health('metrics').state, 'stale', 'its own interval counts, not the supervisor’s');
});

test('health: numbers are stale at once when the link is gone', () => {
	const s = make();
	s.update({ metrics: metrics() });
	s.store.link({ state: 'stale', since: s.at, skew: 0, reason: 'the server’s input has ended' });
	assert.match(s.store.health('metrics').reason, /^Nothing new since \d\d:\d\d:\d\d: the server’s input has ended; last reading/);
	for (const state of ['reconnecting', 'off', 'unauthorized']) {
		s.store.link({ state, since: s.at, skew: 0, reason: 'lost' });
		assert.equal(s.store.health('metrics').state, 'stale', state);
		assert.match(s.store.health('metrics').reason, /^No connection since \d\d:\d\d:\d\d; last reading/);
	}
	s.store.link({ state: 'live', since: s.at, skew: 0 });
	assert.equal(s.store.health('metrics').state, 'fresh');
});

test('health: polled readings have three polls of time', () => {
	const s = make();
	s.source('kato-metrics');
	s.store.link({ state: 'polling', since: s.at, skew: 0 });
	s.update({ metrics: metrics() }, {}, { polled: true, received: s.at });
	s.at += 14000;
	assert.equal(s.store.health('metrics').state, 'fresh');
	s.at += 2000;
	assert.equal(s.store.health('metrics').state, 'stale');
});

test('health: a slowed subscription is not a silent source', () => {
	const s = make();
	s.source('session-watch', 'up', { interval_ms: 1000 });
	s.store.link({ state: 'live', since: s.at, skew: 0 }, 10);
	s.update({ sessions: { active_count: 1 } });
	s.at += 12000;
	assert.equal(s.store.health('sessions').state, 'fresh');
});

test('ages are of the server’s clock', () => {
	const s = make();
	s.store.link({ state: 'live', since: T, skew: -3600000 });
	s.store.take({ type: 'realtime_update', timestamp: iso(T - 3600000 - 2000), data: { metrics: metrics() } });
	assert.equal(s.store.health('metrics').age, 2000);
	assert.equal(s.store.now(), T - 3600000);
});

test('a reading from the future is of now', () => {
	const s = make();
	s.store.take({ type: 'realtime_update', timestamp: iso(T + 1e9), data: { metrics: metrics() } });
	assert.ok(s.store.metrics.at <= T + 1000);
});

test('what comes on connecting may be older than it came: the records say how old', () => {
	const s = make();
	s.hello();
	s.update({ metrics: metrics(), containers: { aggregated: { timestamp: iso(T - 60000) }, containers: [] } });
	assert.equal(s.store.containers.at, T - 60000, 'a time in the data counts');
	s.store.takeRecords({ records: [{ type: 'metrics', timestamp: iso(T - 50000), data: metrics() }, { type: 'overall_health', timestamp: iso(T), data: {} }] });
	assert.equal(s.store.metrics.at, T - 50000);
	assert.equal(s.store.health('metrics').state, 'stale');
	assert.ok(s.store.states.has('overall_health'));
	s.update({ metrics: metrics() });
	assert.equal(s.store.metrics.at, T);
	s.store.takeRecords({ records: [{ type: 'metrics', timestamp: iso(T - 50000), data: metrics() }] });
	assert.equal(s.store.metrics.at, T, 'a late answer does not make a new reading old');
});

test('the server says of each section when it was read, and that counts also in a live update', () => {
	const s = make();
	s.source('kato-metrics');
	s.hello();
	s.update({ metrics: metrics(), sessions: {} }, { times: { metrics: iso(T - 60000), sessions: 'soon' } });
	assert.equal(s.store.metrics.at, T - 60000);
	assert.equal(s.store.dated, false, 'of the sessions nothing is known');
	s.store.takeRecords({ records: [{ type: 'sessions', timestamp: iso(T - 1000), data: {} }] });
	assert.equal(s.store.dated, true);
	s.update({ metrics: metrics() }, { times: { metrics: iso(T - 20000) } });
	assert.match(s.store.health('metrics').reason, /^No reading from kato-metrics since \d\d:\d\d:\d\d$/);
});

test('demo data is known as such, and no longer once real data has come', () => {
	const s = make();
	const heard = [];
	s.store.on('demo', (on) => heard.push(on));
	s.update({ metrics: metrics(), sessions: {} }, { demo: true });
	s.source('kato-metrics');
	assert.equal(s.store.demo, true);
	s.update({ metrics: metrics() });
	assert.equal(s.store.demo, true, 'the sessions are still of the demo');
	s.update({ sessions: {} });
	assert.equal(s.store.demo, false);
	assert.deepEqual(heard, [true, false]);
});

test('a server with another history has nothing of the old one’s demo', () => {
	const s = make();
	s.hello();
	s.update({ metrics: metrics(), containers: { containers: [] } }, { demo: true });
	s.store.take({ type: 'anomaly', id: 'x', demo: true, data: {} });
	s.hello({ epoch: 'e2' });
	assert.equal(s.store.demo, false);
	assert.equal(s.store.containers, null);
	assert.equal(s.store.states.size, 0);
});

test('real readings outlive another history: they grow stale instead of vanishing', () => {
	const s = make();
	s.hello();
	s.update({ metrics: metrics() });
	s.hello({ epoch: 'e2' });
	assert.equal(s.store.number('metrics', 'performance.error_rate'), 0.01);
});

test('flags of the greeting are told', () => {
	const s = make();
	const heard = [];
	s.store.on('flags', (f) => heard.push(f.container_stats));
	s.hello({ flags: { container_stats: false } });
	s.hello({ flags: { container_stats: true } });
	assert.deepEqual(heard, [false, true]);
	assert.equal(s.store.flags.container_stats, true);
});

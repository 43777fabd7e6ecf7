// What the hooks know and how they are called, without a browser; and whether their types say the same.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, alert, containers, folder, metrics, sessionEvent, test } from './harness.mjs';
import { ALERTS_MAX, INITIAL, SESSION_EVENTS_MAX, SYSTEM_ALERTS_MAX, clearAlerts, readAll, reduce, takeStatus } from '../../share/react/state.js';
import { optionsFromEnv } from '../../share/react/env.js';

const all = (...messages) => messages.reduce(reduce, INITIAL);
const update = (data) => ({ type: 'realtime_update', data });

test('sections are kept until others come, a wrong one changes nothing', () => {
	const s = all(update({ metrics: metrics().data, containers: containers().data }), update({ metrics: null, containers: 'x', sessions: [] }), update(undefined), { type: 'realtime_update' }, null, 5, 'x', {});
	assert.equal(s.metrics.performance.total_requests, 15234);
	assert.equal(s.containers.containers.length, 2);
	assert.equal(s.sessions, null);
	assert.equal(reduce(s, { type: 'unknown' }), s, 'the same value: nothing is rendered');
});

test('the old metrics_update', () => assert.equal(all({ type: 'metrics_update', data: { a: 1 } }).metrics.a, 1));

test('session events: the newest ten, and the count', () => {
	const s = all(update({ sessions: { active_count: 1, total_count: 90 } }), ...Array.from({ length: 15 }, (_, i) => sessionEvent({ now: i })), { type: 'session_event' });
	assert.equal(s.sessionEvents.length, SESSION_EVENTS_MAX);
	assert.deepEqual(s.sessions, { active_count: 14, total_count: 90 });
	assert.equal(s.sessionEvents[1].data.current_count, 14);
	assert.deepEqual(all(sessionEvent({ now: 3 })).sessions, { active_count: 3, total_count: 3 });
});

test('alerts: each message once, ten flat, a thousand messages, marks', () => {
	const a = alert({ id: 'a' });
	let s = all(a, a);
	assert.equal(s.unreadAlertCount, 1);
	s = Array.from({ length: 1200 }, (_, i) => alert({ id: `b${i}`, message: `m${i}` })).reduce(reduce, s);
	assert.deepEqual([s.alerts.length, s.systemAlerts.length, s.unreadAlertCount, s.alerts[0].message], [ALERTS_MAX, SYSTEM_ALERTS_MAX, SYSTEM_ALERTS_MAX, 'm1199']);
	s = reduce(readAll(s), alert({ id: 'c' }));
	assert.deepEqual([s.unreadAlertCount, s.systemAlerts[0].read, s.systemAlerts[1].read], [1, false, true]);
	assert.deepEqual([clearAlerts(s).systemAlerts, clearAlerts(s).alerts, clearAlerts(s).unreadAlertCount], [[], [], 0]);
	const two = all({ type: 'system_alert', id: 'd', timestamp: 't', alerts: [{ level: 'error', type: 'x', message: 'one' }, { level: 'loud', type: 5 }, null] });
	assert.deepEqual(two.alerts.map((e) => [e.id, e.level, e.type, e.message]), [['d/0', 'error', 'x', 'one'], ['d/1', 'info', 'unknown', '']]);
});

test('the state of the connection in the words of the plan', () => {
	for (const [state, status, type] of [['connecting', 'connecting', 'disconnected'], ['live', 'connected', 'websocket'], ['stale', 'connected', 'websocket'], ['reconnecting', 'connecting', 'disconnected'], ['polling', 'disconnected', 'polling'], ['unauthorized', 'error', 'disconnected'], ['off', 'disconnected', 'disconnected']]) {
		const s = takeStatus(INITIAL, { state });
		assert.deepEqual([s.status, s.isConnected, s.connectionType], [status, status === 'connected', type], state);
	}
});

test('options of the environment', () => {
	assert.deepEqual(optionsFromEnv({}), { enabled: true, containerStats: true, sessionEvents: true, alerts: true, selectiveSubscriptions: true });
	const o = optionsFromEnv({ VITE_WS_URL: 'ws://h/ws', VITE_API_URL: 'http://x', VITE_WS_ENABLED: 'false', VITE_WS_CONTAINER_STATS: 'false', VITE_WS_SESSION_EVENTS: 'false', VITE_WS_ALERTS: 'false', VITE_WS_SELECTIVE_SUBSCRIPTIONS: 'false' });
	assert.deepEqual(o, { url: 'ws://h/ws', enabled: false, containerStats: false, sessionEvents: false, alerts: false, selectiveSubscriptions: false });
	assert.equal(optionsFromEnv({ VITE_API_URL: 'https://h:8080/' }).url, 'wss://h:8080/ws');
});

test('an application in TypeScript finds the types by the name of the package, and they are strict', () => {
	const d = folder();
	mkdirSync(join(d, 'node_modules'));
	symlinkSync(join(ROOT, 'share/react'), join(d, 'node_modules/kato-live-react'));
	const file = join(d, 'app.ts');
	writeFileSync(file, `
import { configure, optionsFromEnv, useWebSocket, useWebSocketStatus, type StoredAlert } from 'kato-live-react';
configure(optionsFromEnv({}));
const { metrics, data, containerStats, sessionSummary, sessionEvents, systemAlerts, unreadAlertCount, status, isConnected, sendMessage, markAlertsAsRead } = useWebSocket(true, (m) => m.type, ['metrics']);
useWebSocket(true, undefined, ['metrics', 'weather']);
useWebSocket(false, 'ws://h/ws');
useWebSocket({ subscriptions: ['metrics'] as const, onMessage: (m, meta) => meta.polled, token: 'x' });
const n: number | undefined = metrics?.performance?.error_rate, list: StoredAlert[] = systemAlerts, count: number = unreadAlertCount, ok: boolean = isConnected && useWebSocketStatus().isConnected;
const name: string | undefined = containerStats?.containers[0].name, sum: number | undefined = sessionSummary?.active_count, type: 'session_created' | 'session_destroyed' = sessionEvents[0].event_type;
sendMessage({ type: 'ping' }), markAlertsAsRead(), data;
// @ts-expect-error: no such option
useWebSocket({ adress: 'x' });
// @ts-expect-error: no such state
status === 'open';
// @ts-expect-error: not known to be there
metrics.performance;
export { n, list, count, ok, name, sum, type };
`);
	const program = ts.createProgram([file], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [], preserveSymlinks: false });
	assert.deepEqual(ts.getPreEmitDiagnostics(program).map((e) => `${e.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(e.messageText, ' ')}`), []);
});

// What the hooks of TopDeck and OpenRisk know, without a browser; and whether their types say the same.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT, folder, test } from './harness.mjs';
import { analytics, anomaly, failing, flow, service, snapshot } from './otherservers.mjs';
import * as dash from '../../share/react/dashboard-state.js';
import * as diag from '../../share/react/diagnostics-state.js';
import { OFF } from '../../share/react/feed.js';

const update = (data) => ({ type: 'snapshot_update', data });
const all = (...messages) => messages.reduce(diag.reduce, diag.INITIAL);
const four = (s) => [s.services, s.anomalies, s.traffic_patterns, s.failing_dependencies].map((l) => l.length);

test('a snapshot replaces the one before, a message without data none', () => {
	const s = all(update(snapshot({ anomalies: [anomaly('api')] })), update(snapshot({ services: [service('x')] })));
	assert.deepEqual(four(s.snapshot), [1, 0, 0, 0]);
	for (const m of [update(null), update('x'), update([]), { type: 'snapshot_update' }, null, 5, { type: 'traffic_anomaly', data: {} }, { type: 'subscribed', resource_ids: [] }]) assert.equal(diag.reduce(s, m), s);
});

test('hostile snapshots: what a page of TopDeck\'s uses unguarded is there, and of its kind', () => {
	const s = all(update({
		overall_health: 5, services: [null, 5, {}, { resource_id: '' }, { resource_id: 5 }, { resource_id: 'a', health_score: null, metrics: { x: 'y', z: 1, n: null }, anomalies: 'no' }],
		anomalies: [{ resource_id: 'a' }, { resource_id: 'a', current_value: '5', potential_causes: null, message: 5 }, 'x'], traffic_patterns: [{ source_id: 'a' }, { source_id: 'a', target_id: 'b', latency_p95: NaN, trend: 7 }],
		failing_dependencies: [{ source_id: 'a', target_id: 'ghost' }, { source_id: 'a', target_id: 'a', error_details: null }],
	})).snapshot;
	assert.deepEqual(four(s), [1, 2, 1, 1]);
	assert.equal(s.overall_health, 'unknown');
	assert.deepEqual([s.services[0].health_score, s.services[0].metrics, s.services[0].anomalies, s.services[0].status, s.services[0].resource_name], [0, { z: 1 }, [], 'unknown', 'a']);
	for (const a of s.anomalies) assert.deepEqual([a.current_value.toFixed(1), a.expected_value.toFixed(1), a.deviation_percentage.toFixed(1), a.potential_causes.length, a.message], ['0.0', '0.0', '0.0', 0, '']);
	assert.deepEqual([s.traffic_patterns[0].latency_p95, s.traffic_patterns[0].trend], [0, 'stable']);
	assert.deepEqual(four(all(update({})).snapshot), [0, 0, 0, 0]);
});

test('members that are known to nobody here are kept', () => assert.equal(all(update({ ...snapshot({ services: [service('a', { owner: 'me' })] }), more: 1 })).snapshot.services[0].owner, 'me'));

test('health_change patches its service alone, and not what it does not say', () => {
	const before = all(update(snapshot())), s = diag.reduce(before, { type: 'health_change', data: { resource_id: 'db', old_status: 'healthy', new_status: 'failed', health_score: 12 } });
	assert.deepEqual(s.snapshot.services.map((e) => [e.resource_id, e.status, e.health_score]), [['api', 'healthy', 98.5], ['db', 'failed', 12]]);
	assert.equal(s.snapshot.services[0], before.snapshot.services[0]);
	assert.equal(s.snapshot.overall_health, 'healthy');
	for (const data of [{}, { resource_id: 'ghost' }, { resource_id: null }]) assert.equal(diag.reduce(before, { type: 'health_change', data }), before);
	assert.equal(diag.reduce(before, { type: 'health_change', data: { resource_id: 'db', health_score: null } }).snapshot.services[1].health_score, 98.5);
});

test('anomaly_detected: at the front, whole even if only the plan\'s four names came, once if it comes twice', () => {
	const four = { type: 'anomaly_detected', timestamp: '2026-11-21T12:00:00Z', data: { resource_id: 'api', metric_name: 'cpu', severity: 'high', description: '3.5x above normal' } };
	const s = all(update(snapshot({ anomalies: [anomaly('db')] })), four), [a] = s.snapshot.anomalies;
	assert.deepEqual([a.alert_id, a.message, a.current_value, a.potential_causes, a.detected_at, a.timestamp], ['api_cpu_2026-11-21T12:00:00Z', '3.5x above normal', 0, [], '2026-11-21T12:00:00Z', '2026-11-21T12:00:00Z']);
	assert.equal(diag.reduce(s, four).snapshot.anomalies.length, 2);
	const own = diag.reduce(s, { ...four, data: { ...four.data, ...anomaly('api', 'cpu', { alert_id: 'mine' }) } });
	assert.deepEqual([own.snapshot.anomalies[0].alert_id, own.snapshot.anomalies.length], ['mine', 3]);
	assert.equal(all(four).snapshot, null, 'nothing to put it into');
	assert.equal(diag.reduce(s, { ...four, data: { severity: 'high' } }), s);
	const many = Array.from({ length: 700 }, (_, i) => ({ ...four, data: { ...four.data, alert_id: `a${i}` } })).reduce(diag.reduce, s);
	assert.equal(many.snapshot.anomalies.length, 500);
});

test('an error the server speaks of is there, goes with the next snapshot, and never takes what is known', () => {
	const s = all(update(snapshot()), { type: 'error', message: 'Invalid JSON format' });
	assert.deepEqual([s.error, s.snapshot !== null], ['Invalid JSON format', true]);
	assert.equal(diag.reduce(s, update(snapshot())).error, null);
	assert.equal(diag.forgive(s).error, null);
	assert.equal(diag.forgive(all({ type: 'error', message: 'x' })).error, 'x', 'there is nothing to show instead');
	assert.equal(typeof all({ type: 'error' }).error, 'string');
});

test('the connection in the words of TopDeck; away is an error only while nothing is known', () => {
	const s = all(update(snapshot()));
	for (const [feed, type, connected] of [[{ open: true }, 'websocket', true], [{ polling: true }, 'polling', true], [{ polling: true, answers: true }, 'polling', true], [{ polling: true, answers: false, error: 'x' }, 'disconnected', false], [{ trying: true, attempts: 3, error: 'x' }, 'disconnected', false]]) {
		const is = diag.takeStatus(s, { ...OFF, ...feed });
		assert.deepEqual([is.connectionStatus.connectionType, is.connectionStatus.connected, is.connectionStatus.reconnectAttempts, is.connectionStatus.lastError, is.error], [type, connected, feed.attempts ?? 0, feed.error, null]);
		assert.equal(diag.takeStatus(is, { ...OFF, ...feed }), is, 'the same value: nothing is rendered');
	}
	assert.equal(diag.takeStatus(diag.INITIAL, { ...OFF, error: 'gone' }).error, 'gone');
	assert.equal(diag.takeStatus(diag.takeStatus(diag.INITIAL, { ...OFF, error: 'gone' }), { ...OFF, open: true }).error, null);
});

test('what concerns some resources: the other ends of their failing dependencies come along', () => {
	const s = all(update(snapshot({
		services: ['a', 'b', 'c', 'd'].map((id) => service(id)), anomalies: [anomaly('a'), anomaly('b')], traffic: [flow('a', 'c'), flow('c', 'd')], failing: [failing('b', 'a'), failing('c', 'd')],
	}))).snapshot;
	const some = diag.concerning(s, ['a']);
	assert.deepEqual(four(some), [2, 1, 1, 1]);
	assert.deepEqual(some.services.map((e) => e.resource_id), ['a', 'b']);
	assert.equal(diag.concerning(s, []), s);
	assert.equal(diag.concerning(null, ['a']), null);
	assert.deepEqual(four(diag.concerning(s, ['ghost'])), [0, 0, 0, 0]);
});

test('OpenRisk: data as it came, with the numbers its page uses; null lists stay', () => {
	const a = analytics(), s = dash.reduce(dash.INITIAL, { type: 'dashboard_update', data: a });
	assert.deepEqual([s.data, s.loading, s.error], [a, false, null]);
	assert.equal(s.data.metrics, a.metrics);
	const odd = dash.reduce(s, { type: 'dashboard_update', data: { metrics: { overdue_count: null }, top_risks: [null, { name: 'x', score: 'high' }], risk_trends: null } }).data;
	assert.deepEqual([odd.metrics.average_risk_score.toFixed(1), odd.metrics.overdue_count.toString(), odd.top_risks.map((r) => r.score.toFixed(1) + r.trend_percent.toFixed(1)), odd.risk_trends], ['0.0', '0', ['0.00.0'], null]);
	for (const m of [{ type: 'dashboard_update' }, { type: 'dashboard_update', data: [] }, { type: 'pong' }, { type: 'connected' }, { type: 'error' }, { type: 'error', error: '' }, null, 'x']) assert.equal(dash.reduce(s, m), s);
});

test('OpenRisk: loading ends with whatever comes first, a WebSocket, a poll, an error; errors do not take the data', () => {
	const take = (...feeds) => feeds.reduce((s, f) => dash.takeStatus(s, { ...OFF, ...f }), dash.INITIAL);
	assert.deepEqual([take({ trying: true }).loading, take({ open: true }).loading, take({ polling: true }).loading], [true, false, true]);
	assert.equal(dash.takeData(take({ polling: true }), analytics()).loading, false);
	assert.equal(take({ polling: true }, { polling: true, answers: true }).loading, false, 'it answers that nothing is known');
	const failed = take({ polling: true, answers: false, error: 'No answer' });
	assert.deepEqual([failed.loading, failed.error, failed.source], [false, 'No answer', 'polling']);
	assert.equal(take({ polling: true, answers: false, error: 'No answer' }, { polling: true, answers: true }).error, null);
	const known = dash.takeStatus(dash.takeData(dash.INITIAL, analytics()), { ...OFF, trying: true, attempts: 2, error: 'gone' });
	assert.deepEqual([known.error, known.reconnecting, known.connected, known.data !== null], [null, true, false, true]);
	const said = dash.reduce(known, { type: 'error', error: 'database' });
	assert.deepEqual([said.error, said.data !== null, dash.forgive(said).error], ['database', true, null]);
	assert.equal(dash.takeStatus(known, { ...OFF, polling: true, trying: true, attempts: 6 }).reconnecting, false, 'polling is told as such');
});

test('an application in TypeScript finds these hooks and their types, and they are strict', () => {
	const d = folder();
	mkdirSync(join(d, 'node_modules'));
	symlinkSync(join(ROOT, 'share/react'), join(d, 'node_modules/kato-live-react'));
	const file = join(d, 'app.ts');
	writeFileSync(file, `
import { useDashboardWithWebSocket, useLiveDiagnosticsWebSocket, useWebSocketDashboard, useWebSocketStatus, type LiveDiagnosticsSnapshot } from 'kato-live-react';
const { snapshot, connectionStatus, error, connect, disconnect, requestSnapshot, subscribe, unsubscribe, sendMessage } = useLiveDiagnosticsWebSocket({
	url: 'ws://h/x', updateInterval: 10, autoReconnect: true, maxReconnectAttempts: 5, reconnectDelay: 3000, fallbackToPolling: true, pollingInterval: 30000 });
const s: LiveDiagnosticsSnapshot | null = snapshot, n: number | undefined = snapshot?.services[0].health_score, e: string | null = error, c: boolean = connectionStatus.connected, last: string | undefined = connectionStatus.lastError;
connect(), disconnect(), requestSnapshot(), subscribe(['a']), unsubscribe(['a']), sendMessage({ type: 'ping' });
const d = useWebSocketDashboard({ url: 'ws://h/x', reconnectInterval: 1, maxReconnectAttempts: 5, heartbeatInterval: 1, fallbackToPoll: true, pollInterval: 1 });
const w = useDashboardWithWebSocket(true), source: 'websocket' | 'polling' = w.source, score: number | undefined = d.data?.metrics.average_risk_score, flags: boolean = d.loading && d.connected && d.reconnecting && w.connected, count: number = d.clientCount;
const { connected, reconnecting, error: why, isHealthy } = useWebSocketStatus(), text: string | null = why, ok: boolean = connected && reconnecting && isHealthy;
d.refresh();
// @ts-expect-error: no such option
useLiveDiagnosticsWebSocket({ interval: 5 });
// @ts-expect-error: not known to be there
snapshot.services;
// @ts-expect-error: no such way
connectionStatus.connectionType === 'sse';
// @ts-expect-error: only the wrapper says where it comes from
d.source;
export { s, n, e, c, last, source, score, flags, count, text, ok };
`);
	const program = ts.createProgram([file], { strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, types: [], preserveSymlinks: false });
	assert.deepEqual(ts.getPreEmitDiagnostics(program).map((x) => `${x.file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(x.messageText, ' ')}`), []);
});

test('rendered on a server, where there is no page: the members of the beginning, no connection, no timer', () => {
	const d = folder();
	cpSync(join(ROOT, 'share/react'), join(d, 'share/react'), { recursive: true });
	cpSync(join(ROOT, 'share/dashboard'), join(d, 'share/dashboard'), { recursive: true });
	symlinkSync(join(ROOT, 'tests/web/node_modules'), join(d, 'node_modules'));
	writeFileSync(join(d, 'app.mjs'), `
import { createElement as h } from 'react';
import { renderToString } from 'react-dom/server';
import { useDashboardWithWebSocket, useLiveDiagnosticsWebSocket, useWebSocket, useWebSocketDashboard, useWebSocketStatus } from './share/react/index.js';
function App() {
	const k = useWebSocket(), t = useLiveDiagnosticsWebSocket(), o = useDashboardWithWebSocket(), s = useWebSocketStatus();
	useWebSocketDashboard({ url: 'ws://127.0.0.1:1/x' });
	return h('p', null, JSON.stringify([k.status, t.snapshot, t.connectionStatus, t.error, o.data, o.loading, o.source, s.isHealthy]));
}
process.stdout.write(renderToString(h(App)).replaceAll('&quot;', '"'));
`);
	const html = execFileSync(process.execPath, [join(d, 'app.mjs')], { encoding: 'utf8', timeout: 20000 }); // it ends, as nothing waits
	assert.equal(html, '<p>["disconnected",null,{"connected":false,"connectionType":"disconnected","reconnectAttempts":0},null,null,true,"polling",false]</p>');
});

// The hooks of TopDeck and OpenRisk, and clients of those pages' own kind, in a browser against the real broadcaster.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, ROOT, folder, start, test, until } from './harness.mjs';
import { analytics, anomaly, failing, flow, service } from './otherservers.mjs';
import { allSockets, application, openSockets, see, shows, text } from './react-page.mjs';

const IMPORTS = `import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { configure, useDashboardWithWebSocket, useLiveDiagnosticsWebSocket } from 'kato-live-react';
const show = (el) => (globalThis.root = createRoot(document.getElementById('root'))).render(el);
const query = new URLSearchParams(location.search), port = query.get('port'), token = query.get('token') ?? undefined;
`;
const PANEL = `${IMPORTS} configure({ url: \`ws://127.0.0.1:\${port}/ws\` });
function Panel(config) {
	const live = (globalThis.live = useLiveDiagnosticsWebSocket({ updateInterval: 1, reconnectDelay: 100, maxReconnectAttempts: 2, pollingInterval: 300, ...config }));
	const { snapshot, connectionStatus, error } = live;
	return <><b id="type">{connectionStatus.connectionType}</b><b id="error">{error}</b><b id="last">{connectionStatus.lastError}</b>
		<b id="s">{snapshot && \`\${snapshot.overall_health} \${snapshot.services.map((s) => s.resource_id + ' ' + s.status + ' ' + s.health_score.toFixed(0)).join()} \${snapshot.failing_dependencies.length}\`}</b>
		<b id="a">{snapshot?.anomalies.map((a) => a.message).join()}</b></>;
}
show(<StrictMode><Panel token={token} /></StrictMode>);`;
const DASHBOARD = `${IMPORTS}
function Page() {
	const { data, loading, error, connected, source, refresh } = useDashboardWithWebSocket(true);
	globalThis.refresh = refresh;
	return <><b id="source">{source}</b><b id="d">{loading ? 'loading' : error ?? (data ? data.metrics.average_risk_score.toFixed(1) : 'none')}</b></>;
}
show(<StrictMode><Page /></StrictMode>);`;

const stamp = () => new Date().toISOString();
const state = (type, id, data) => ({ type, id, timestamp: stamp(), data });
let ids = 0;
const event = (type, data) => ({ type, id: `${type}${++ids}`, timestamp: stamp(), data });
const health = (...services) => services.map((e) => state('service_health', e.resource_id, e));
const overall = (status) => ({ type: 'overall_health', timestamp: stamp(), data: { status } });
const dashboard = (more) => ({ type: 'dashboard', timestamp: stamp(), data: analytics(more) });

/** A key, and tokens made with it. */
function keys() {
	const key = join(folder(), 'key');
	writeFileSync(key, 'a secret that is long enough for tests\n');
	return { args: ['--jwt-key-file', key], token: (...more) => execFileSync(join(BIN, 'katoctl'), ['token', '--key-file', key, ...more], { encoding: 'utf8' }).trim() };
}

test('TopDeck from another origin: live, events, a restart, a filter', async () => {
	const app = await application(PANEL), options = { env: { CORS_ORIGINS: app.url } };
	let s = await start(options);
	s.feed(...health(service('api'), service('db')), overall('healthy'));
	const p = await see(`${app.url}/?port=${s.port}`);
	await shows(p, 's', 'healthy api healthy 99,db healthy 99 0');
	await shows(p, 'type', 'websocket');
	assert.equal(await allSockets(p), 1);
	s.feed(event('health_change', { resource_id: 'db', old_status: 'healthy', new_status: 'failed', health_score: 20 }), event('anomaly_detected', { ...anomaly('db'), message: 'seen', description: 'seen' }));
	s.feed(...health(service('db', { status: 'failed', health_score: 20 })), state('anomaly', 'db:m', anomaly('db', 'm', { message: 'seen' })), state('failing_dependency', 'api>db', failing('api', 'db')), overall('critical'));
	await shows(p, 's', 'critical api healthy 99,db failed 20 1');
	await shows(p, 'a', 'seen');
	s.feed(...health(service('far')), state('traffic_health', 'far>db', flow('far', 'db')));
	await shows(p, 's', 'critical api healthy 99,db failed 20,far healthy 99 1');
	await p.evaluate(() => globalThis.live.subscribe(['far']));
	await shows(p, 's', 'critical far healthy 99 0');
	await s.stop('SIGKILL');
	s = await start({ ...options, port: s.port });
	s.feed(...health(service('far', { health_score: 50 }), service('near')), overall('degraded'));
	await shows(p, 's', 'degraded far healthy 50 0');
	await p.evaluate(() => globalThis.live.unsubscribe(['far']));
	await shows(p, 's', 'degraded far healthy 50,near healthy 99 0');
	await shows(p, 'error', '');
	assert.deepEqual([await openSockets(p), p.faults], [1, []]);
});

test('TopDeck with WebSocket switched off: the same snapshot by HTTP from another origin', async () => {
	const app = await application(PANEL), s = await start({ env: { CORS_ORIGINS: app.url, WEBSOCKET_ENABLED: 'false' } });
	s.feed(...health(service('api')), overall('healthy'));
	const p = await see(`${app.url}/?port=${s.port}`);
	await shows(p, 's', 'healthy api healthy 99 0');
	await shows(p, 'type', 'polling');
	s.feed(...health(service('api', { health_score: 70 })));
	await shows(p, 's', 'healthy api healthy 70 0');
	assert.deepEqual(p.faults, []);
});

test('TopDeck where a token is wanted: none and a wrong one are told, the right one works, by WebSocket and by HTTP', async () => {
	const { args, token } = keys(), app = await application(PANEL);
	let s = await start({ args, env: { CORS_ORIGINS: app.url } });
	s.feed(...health(service('api')), overall('healthy'));
	for (const query of ['', '&token=no.such.token']) {
		const p = await see(`${app.url}/?port=${s.port}${query}`);
		await until(async () => /1008|401/.test(await text(p, 'error')), { what: 'it is told' });
		assert.equal(await allSockets(p), 1, 'and not tried on and on');
	}
	let p = await see(`${app.url}/?port=${s.port}&token=${token()}`);
	await shows(p, 's', 'healthy api healthy 99 0');
	await shows(p, 'type', 'websocket');
	s = await start({ args, env: { CORS_ORIGINS: app.url, WEBSOCKET_ENABLED: 'false' } });
	s.feed(...health(service('api')), overall('healthy'));
	p = await see(`${app.url}/?port=${s.port}&token=${token()}`);
	await shows(p, 's', 'healthy api healthy 99 0');
	await shows(p, 'type', 'polling');
});

test('OpenRisk on the page\'s own host: at once, on change, by refresh, after a restart, by HTTP', async () => {
	const app = await application(DASHBOARD);
	let s = await start();
	app.state.port = s.port;
	const p = await see(app.url);
	await shows(p, 'd', 'none');
	s.feed(dashboard({ score: 6.7 }));
	await shows(p, 'd', '6.7');
	await shows(p, 'source', 'websocket');
	s.feed(dashboard({ score: 7.5 }));
	await shows(p, 'd', '7.5');
	await p.evaluate(() => globalThis.refresh());
	await s.stop();
	await shows(p, 'source', 'polling');
	await shows(p, 'd', '7.5');
	s = await start();
	app.state.port = s.port;
	s.feed(dashboard({ score: 8.5 }));
	await shows(p, 'd', '8.5');
	await shows(p, 'source', 'websocket');
	assert.deepEqual([await openSockets(p), p.faults], [1, []]);
	s = await start({ env: { WEBSOCKET_ENABLED: 'false' } });
	app.state.port = s.port;
	s.feed(dashboard({ score: 9.5 }));
	const q = await see(app.url);
	await shows(q, 'd', '9.5');
	await shows(q, 'source', 'polling');
});

test('OpenRisk where a token is wanted: told without one, live with it, and it stands in no address but the WebSocket\'s', async () => {
	const { args, token } = keys(), app = await application(DASHBOARD), s = await start({ args });
	app.state.port = s.port;
	s.feed(dashboard({ score: 6.7 }));
	const p = await see(app.url), asked = [];
	p.on('request', (r) => asked.push(r.url()));
	await until(async () => /asks for a token \(401\)/.test(await text(p, 'd')), { what: 'it is told' });
	await p.evaluate((t) => localStorage.setItem('auth_token', t), token());
	await shows(p, 'd', '6.7');
	assert.equal(await allSockets(p), 2);
	assert.deepEqual(asked.filter((u) => /^http.*token=/.test(u)), []);
});

test('clients of the pages\' own kind, unguarded, in a browser and from where those pages are', async () => {
	const replicas = readFileSync(join(ROOT, 'tests/web/replicas.mjs'), 'utf8');
	const app = await application(`${replicas}\nObject.assign(globalThis, { topdeckClient, openriskClient, topdeckPoll, openriskPoll });`), s = await start({ env: { CORS_ORIGINS: app.url } });
	app.state.port = s.port;
	s.feed(...health(service('api'), service('db')), overall('healthy'), state('anomaly', 'db:m', anomaly('db')), state('traffic_health', 'api>db', flow('api', 'db')), state('failing_dependency', 'api>db', failing('api', 'db')), dashboard());
	const p = await see(app.url);
	const seen = await p.evaluate(async (port) => {
		const g = /** @type {any} */ (globalThis), wait = async (f) => {
			while (!f()) await new Promise((r) => setTimeout(r, 20));
		};
		const t = g.topdeckClient({ WebSocket, url: `ws://127.0.0.1:${port}/api/v1/ws/live-diagnostics` }), o = g.openriskClient({ WebSocket, origin: location.origin });
		await wait(() => t.snapshot && o.data);
		t.send({ type: 'ping' });
		o.send({ action: 'ping' });
		await wait(() => t.last.pong && o.last.pong);
		return [t.drawn.split('\n')[0], o.drawn.split('\n')[0], (await g.topdeckPoll({ fetch: fetch.bind(g), host: `127.0.0.1:${port}` })).split('\n')[0], (await g.openriskPoll({ fetch: fetch.bind(g), origin: location.origin })).split('\n')[0], t.faults, o.faults];
	}, s.port);
	assert.deepEqual(seen, ['System: healthy', '6.7', 'System: healthy', '6.7', [], []]);
});

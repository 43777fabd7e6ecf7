// useWebSocketDashboard, useDashboardWithWebSocket and useWebSocketStatus under React 18 in a browser, against a server of OpenRisk's wire that fails as it is told to.
import assert from 'node:assert/strict';
import { metrics, start, test, until } from './harness.mjs';
import { analytics, standIn } from './otherservers.mjs';
import { allSockets, application, openSockets, see, shows, text } from './react-page.mjs';

const IMPORTS = `import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { configure, useDashboardWithWebSocket, useWebSocket, useWebSocketDashboard, useWebSocketStatus } from 'kato-live-react';
const show = (el) => (globalThis.root = createRoot(document.getElementById('root'))).render(el);
`;
// What a page of OpenRisk's makes of the members: the numbers are not guarded.
const PAGE = `${IMPORTS}
function View({ d }) {
	const { data, loading, error, connected, reconnecting, source, refresh } = (globalThis.d = d);
	globalThis.was = [...new Set([...(globalThis.was ?? []), loading ? 'loading' : error ? 'error' : data ? 'data' : 'none'])];
	const badge = <b id="badge">{connected ? 'Live' : reconnecting ? 'Connecting...' : 'Polling'} {source ?? '-'}</b>;
	if (loading) return <>{badge}<b id="d">loading</b></>;
	if (error) return <>{badge}<button id="d" onClick={refresh}>{error}</button></>;
	if (!data) return <>{badge}<b id="d">No data available</b></>;
	const { metrics, top_risks } = data;
	return <>{badge}<b id="d">{metrics.average_risk_score.toFixed(1)} {metrics.trending_up_percent.toFixed(1)} {metrics.overdue_count.toString()} {metrics.sla_compliance_rate.toFixed(1)}</b>
		<b id="risks">{(top_risks || []).map((r) => r.name + r.score.toFixed(1) + r.trend_percent.toFixed(1)).join()}</b></>;
}
const Page = (config) => <View d={useWebSocketDashboard({ reconnectInterval: 100, pollInterval: 300, ...config })} />;
function Badge() { const { connected, reconnecting, error, isHealthy } = useWebSocketStatus(); return <b id="status">{[connected, reconnecting, error, isHealthy].join()}</b>; }
`;

async function page(source, { data = analytics(), before = undefined, prepare = (_s) => {} } = {}) {
	const app = await application(source), server = await standIn('openrisk', { data });
	app.state.port = server.port;
	prepare(server);
	return { server, app, page: await see(app.url, { before }) };
}

test('drop-in: the page\'s own host, the state at once, pushed on, refreshed; the token only if there is one', async () => {
	const { server, page: p } = await page(`${PAGE} function App() { return <View d={useDashboardWithWebSocket(true)} />; } show(<StrictMode><App /><Badge /></StrictMode>);`);
	await shows(p, 'd', '6.7 5.2 3 91.5');
	await shows(p, 'risks', 'Injection9.54.2');
	await shows(p, 'badge', 'Live websocket');
	await shows(p, 'status', 'true,false,,true');
	assert.deepEqual([server.urls, await allSockets(p)], [['/api/v1/ws/dashboard'], 1], 'the status has no connection of its own');
	server.push(analytics({ score: 11 }));
	await shows(p, 'd', '11.0 5.2 3 91.5');
	for (const odd of ['NaN', '[]', { type: 'connected' }, { type: 'dashboard_update' }, { type: 'dashboard_update', data: null }, { type: 'error' }, { type: 'dashboard_update', data: { metrics: { average_risk_score: null }, top_risks: null } }]) server.say(odd);
	await shows(p, 'd', '0.0 0.0 0 0.0');
	await p.evaluate(() => globalThis.d.refresh());
	await until(() => server.heard.some((m) => m.action === 'refresh'), { what: 'refresh was said' });
	await shows(p, 'd', '11.0 5.2 3 91.5');
	assert.deepEqual(p.faults, []);
});

test('a fresh options object at each of five hundred renders, and at each state change: exactly one connection', async () => {
	const { server, page: p } = await page(`${PAGE}
		function Storm() { const [n, again] = useState(0); useEffect(() => { if (n < 500) again(n + 1); }, [n]); return <><i id="n">{n}</i><Page heartbeatInterval={30000} fallbackToPoll={true} onMessage={() => {}} /></>; }
		show(<StrictMode><Storm /><Page /></StrictMode>);`);
	await shows(p, 'n', 500);
	for (let i = 1; i <= 30; i++) {
		server.push(analytics({ score: i }));
		server.say({ type: 'error', error: `${i}` });
	}
	await until(async () => (await p.locator('#d').allTextContents()).join() === '30,30', { what: 'both show the last' });
	assert.deepEqual([server.urls.length, await allSockets(p)], [1, 1]);
});

test('no WebSocket ever: polling delivers, loading ends, the badge says so; live as soon as there is one', async () => {
	const { server, page: p } = await page(`${PAGE} show(<><Page maxReconnectAttempts={1} /><Badge /></>);`, { prepare: (s) => (s.upgrade = 502) });
	await shows(p, 'd', '6.7 5.2 3 91.5');
	await shows(p, 'badge', 'Polling -');
	await shows(p, 'status', 'false,false,,false');
	assert.equal(server.polls[0], '/api/v1/dashboard/complete');
	assert.deepEqual(await p.evaluate(() => globalThis.was), ['loading', 'data']);
	server.data = analytics({ score: 8 });
	await shows(p, 'd', '8.0 5.2 3 91.5');
	server.upgrade = 0;
	await p.evaluate(() => globalThis.d.refresh());
	await shows(p, 'badge', 'Live -');
	assert.equal(await openSockets(p), 1);
});

test('nobody is there at all: said instead of loading for ever; Try Again goes there again', async () => {
	const { server, page: p } = await page(`${PAGE} show(<Page maxReconnectAttempts={1} pollInterval={60000} />);`, { prepare: (s) => ((s.upgrade = 502), (s.http = 500)) });
	await until(async () => /500/.test(await text(p, 'd')), { what: 'it is said' });
	await shows(p, 'badge', 'Polling -');
	server.upgrade = 0;
	await p.locator('#d').click();
	await shows(p, 'd', '6.7 5.2 3 91.5');
	await shows(p, 'badge', 'Live -');
});

test('connected, and nothing known yet: not loading, no error', async () => {
	const { server, page: p } = await page(`${PAGE} show(<Page />);`, { prepare: (s) => (s.data = null) });
	await shows(p, 'd', 'No data available');
	server.push(analytics());
	await shows(p, 'd', '6.7 5.2 3 91.5');
});

test('the server restarts: reconnecting meanwhile, the data stays, one connection afterwards', async () => {
	const { server, page: p } = await page(`${PAGE} show(<><Page reconnectInterval={400} /><Badge /></>);`);
	await shows(p, 'd', '6.7 5.2 3 91.5');
	await server.die();
	await until(async () => /Connecting|Live/.test(await text(p, 'badge')) && (await text(p, 'status')).startsWith('false,true,'), { what: 'reconnecting' });
	await shows(p, 'd', '6.7 5.2 3 91.5');
	server.data = analytics({ score: 9 });
	await server.listen();
	await shows(p, 'd', '9.0 5.2 3 91.5');
	await shows(p, 'status', 'true,false,,true');
	assert.equal(await openSockets(p), 1);
});

test('the token of localStorage, sent when there is one; refused, it is told, and a new one is taken up without a click', async () => {
	const { server, page: p } = await page(`${PAGE} show(<Page reconnectInterval={8000} />);`, {
		prepare: (s) => (s.token = 'fresh'), before: (q) => q.addInitScript(() => localStorage.getItem('auth_token') || localStorage.setItem('auth_token', 'stale/one')),
	});
	await until(async () => /does not take this token \(401\)/.test(await text(p, 'd')), { what: 'it is said' });
	assert.deepEqual(server.urls, ['/api/v1/ws/dashboard?token=stale%2Fone']);
	await p.evaluate(() => localStorage.setItem('auth_token', 'fresh'));
	await shows(p, 'd', '6.7 5.2 3 91.5');
	assert.deepEqual(server.urls.slice(1), ['/api/v1/ws/dashboard?token=fresh']);
});

test('too many connections (429): not hammered, HTTP still answers, live when let in', async () => {
	const { server, page: p } = await page(`${PAGE} show(<Page maxReconnectAttempts={2} reconnectInterval={1600} />);`, { prepare: (s) => ((s.upgrade = 429), (s.retryAfter = 4)) });
	await until(() => server.times.length === 2, { what: 'the next try' });
	assert.ok(server.times[1] - server.times[0] >= 3900, 'the server\'s seconds, not its own');
	server.upgrade = server.retryAfter = 0;
	await shows(p, 'd', '6.7 5.2 3 91.5');
	await shows(p, 'badge', 'Live -');
});

test('useDashboardWithWebSocket(false): HTTP alone, no connection', async () => {
	const { server, page: p } = await page(`${PAGE} function App() { return <View d={useDashboardWithWebSocket(false)} />; } show(<App />);`);
	await shows(p, 'd', '6.7 5.2 3 91.5');
	await shows(p, 'badge', 'Polling polling');
	assert.deepEqual([server.urls, server.polls.length], [[], 1]);
});

test('KATO and OpenRisk on one page: a connection each, and the status without a dashboard says the same of KATO', async () => {
	const app = await application(`${PAGE} const query = new URLSearchParams(location.search);
		configure({ url: query.get('kato') });
		function Kato() { const { data, isConnected } = useWebSocket(); return <b id="kato">{data?.performance.total_requests} {String(isConnected)}</b>; }
		function App() { const [on, set] = useState(false); globalThis.on = set; return <><Kato /><Badge />{on && <Page url={query.get('ws')} />}</>; }
		show(<StrictMode><App /></StrictMode>);`);
	const server = await standIn('openrisk'), b = await start({ env: { CORS_ORIGINS: app.url } });
	b.feed(metrics({ total: 7 }));
	const p = await see(`${app.url}/?kato=ws://127.0.0.1:${b.port}/ws&ws=${encodeURIComponent(server.ws)}`);
	await shows(p, 'kato', '7 true');
	await shows(p, 'status', 'true,false,,true');
	assert.equal(await allSockets(p), 1);
	await p.evaluate(() => globalThis.on(true));
	await shows(p, 'd', '6.7 5.2 3 91.5');
	assert.equal(await allSockets(p), 2);
	await server.die();
	await until(async () => (await text(p, 'status')).startsWith('false,true,'), { what: 'the status is the dashboard\'s' });
	await shows(p, 'kato', '7 true');
});

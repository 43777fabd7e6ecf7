// The hooks under React 18 in a browser, against the real broadcaster.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, alert, containers, metrics, sessionEvent, sessions, start, test, until } from './harness.mjs';
import { allSockets, application, openSockets, see, shows, text, withServer } from './react-page.mjs';

const IMPORTS = `import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { configure, optionsFromEnv, useWebSocket, useWebSocketStatus } from 'kato-live-react';
const show = (el) => (globalThis.root = createRoot(document.getElementById('root'))).render(el);
`;
const subscribes = (page) => page.evaluate(() => globalThis.__sent.filter((s) => /"(un)?subscribe"/.test(s)).map((s) => JSON.parse(s)));

const ALL = `${IMPORTS}
function Part() {
	const ws = useWebSocket();
	globalThis.ws = ws;
	return <dl>
		<dd id="status">{ws.status}</dd><dd id="connected">{String(ws.isConnected)}</dd>
		<dd id="metrics">{ws.metrics?.performance?.total_requests}</dd><dd id="data">{ws.data?.performance?.total_requests}</dd>
		<dd id="containers">{ws.containers?.containers.length}</dd><dd id="stats">{ws.containerStats?.containers[0].name}</dd>
		<dd id="sessions">{ws.sessions?.active_count}</dd><dd id="summary">{ws.sessionSummary?.total_count}</dd><dd id="active">{ws.activeSessionCount}</dd>
		<dd id="events">{ws.sessionEvents.map((e) => e.event_type).join()}</dd><dd id="event">{ws.sessionEvent?.data.delta}</dd>
		<dd id="alerts">{ws.alerts.map((a) => a.message).join()}</dd><dd id="system">{ws.systemAlerts.map((a) => a.alerts[0].level + a.read).join()}</dd>
		<dd id="unread">{ws.unreadAlertCount}</dd>
	</dl>;
}
show(<Part />);`;

test('each member of the plan and of the old dashboard is filled', async () => {
	const { app, b } = await withServer(ALL);
	b.feed(metrics({ total: 777 }), containers(), sessions(5, 127));
	const page = await see(app.url);
	await shows(page, 'status', 'connected');
	await shows(page, 'connected', true);
	for (const [id, want] of [['metrics', 777], ['data', 777], ['containers', 2], ['stats', 'kato'], ['sessions', 5], ['summary', 127], ['active', 5], ['unread', 0]]) await shows(page, id, want);
	b.feed(sessionEvent({ now: 6 }), alert({ message: 'One' }), alert({ message: 'Two', level: 'error' }));
	for (const [id, want] of [['events', 'session_created'], ['event', 1], ['active', 6], ['alerts', 'Two,One'], ['system', 'errorfalse,warningfalse'], ['unread', 2]]) await shows(page, id, want);
	await page.evaluate(() => globalThis.ws.markAlertsAsRead());
	await shows(page, 'unread', 0);
	await shows(page, 'system', 'errortrue,warningtrue');
	await page.evaluate(() => globalThis.ws.clearAllAlerts());
	await shows(page, 'alerts', '');
	assert.deepEqual(page.faults, []);
});

test('the ways of calling it: plan, phase 4, old dashboard, one object', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		const got = (globalThis.got = []);
		const onMessage = (m) => got.push(m.type);
		function A() { const { metrics } = useWebSocket(true); return <p id="a">{metrics?.performance.total_requests}</p>; }
		function B() { const { metrics } = useWebSocket(true, undefined, ['metrics']); return <p id="b">{metrics?.performance.total_requests}</p>; }
		function C() { const { data } = useWebSocket(true, onMessage, ['metrics', 'system_alerts']); return <p id="c">{data?.performance.total_requests}</p>; }
		function D() { const { data, isConnected } = useWebSocket({ subscriptions: ['weather'], onMessage: (m) => m.type === 'weather' && got.push(m.data.t) }); return <p id="d">{String(isConnected)}</p>; }
		function E() { const { data } = useWebSocket(true, \`ws://\${location.host}/ws\`, ['metrics']); return <p id="e">{data?.performance.total_requests}</p>; }
		show(<><A /><B /><C /><D /><E /></>);`, { args: ['--state', 'weather'] });
	b.feed(metrics({ total: 9 }));
	const page = await see(app.url);
	for (const id of ['a', 'b', 'c', 'e']) await shows(page, id, 9);
	await shows(page, 'd', true);
	b.feed({ type: 'weather', data: { t: 21 } });
	await until(() => page.evaluate(() => globalThis.got.includes(21)), { what: 'a topic of another name came' });
	assert.ok(await page.evaluate(() => globalThis.got.includes('realtime_update')));
	assert.equal(await openSockets(page), 2, 'one for each url');
	assert.deepEqual(page.faults, []);
});

test('strict mode and two components: one connection, one subscription', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		function Bell() { const { unreadAlertCount } = useWebSocket(true, undefined, ['system_alerts']); return <b id="bell">{unreadAlertCount}</b>; }
		function Board() { const { data } = useWebSocket(true, undefined, ['metrics', 'containers', 'system_alerts']); return <b id="board">{data?.performance.total_requests}</b>; }
		show(<StrictMode><Bell /><Board /></StrictMode>);`);
	b.feed(metrics({ total: 1 }));
	const page = await see(app.url);
	await shows(page, 'board', 1);
	b.feed(alert(), metrics({ total: 2 }));
	await shows(page, 'bell', 1);
	await shows(page, 'board', 2);
	assert.equal(await allSockets(page), 1);
	const sent = await subscribes(page);
	const topics = await page.evaluate(async () => (await (await fetch('/api/v1/ws/subscriptions')).json()));
	assert.ok(JSON.stringify(topics).includes('containers'), JSON.stringify(topics));
	assert.ok(!JSON.stringify(topics).includes('"sessions"'), 'what nobody asked for is not subscribed');
	assert.ok(sent.length <= 1, JSON.stringify(sent));
	assert.deepEqual(page.faults, []);
});

test('a storm of renders with inline lists says nothing new', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		function Part() {
			const [n, again] = useState(0);
			const { data } = useWebSocket({ subscriptions: ['metrics', 'system_alerts'], onMessage: () => {} });
			useEffect(() => { if (n < 500) again(n + 1); }, [n]);
			return <><p id="n">{n}</p><p id="t">{data?.performance.total_requests}</p></>;
		}
		show(<StrictMode><Part /><Part /></StrictMode>);`);
	const page = await see(app.url);
	await until(async () => (await page.locator('#n').allTextContents()).join() === '500,500', { what: 'both rendered 500 times' });
	for (let i = 1; i <= 20; i++) b.feed(metrics({ total: i }));
	await until(async () => (await page.locator('#t').allTextContents()).join() === '20,20', { what: 'both show the last' });
	assert.ok((await subscribes(page)).length <= 2, JSON.stringify(await subscribes(page)));
	assert.equal(await allSockets(page), 1);
});

test('a component is rendered for what it reads, not for the rest', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		globalThis.renders = 0;
		function Bell() { globalThis.renders++; const { unreadAlertCount } = useWebSocket(true, undefined, ['system_alerts']); return <b id="bell">{unreadAlertCount}</b>; }
		function Board() { const [more, set] = useState(false); const ws = useWebSocket(); globalThis.more = () => set(true); return <><b id="board">{ws.data?.performance.total_requests}</b>{more && <b id="late">{ws.sessions?.active_count}</b>}</>; }
		show(<><Bell /><Board /></>);`);
	b.feed(metrics({ total: 1 }), sessions(3));
	const page = await see(app.url);
	await shows(page, 'board', 1);
	await page.evaluate(() => (globalThis.renders = 0));
	for (let i = 2; i <= 10; i++) {
		b.feed(metrics({ total: i }), sessions(i));
		await shows(page, 'board', i);
	}
	assert.equal(await page.evaluate(() => globalThis.renders), 0);
	await page.evaluate(() => globalThis.more());
	await shows(page, 'late', 10);
	b.feed(sessions(11), alert());
	await shows(page, 'late', 11);
	await shows(page, 'bell', 1);
});

test('the server restarts: state comes back by itself', async () => {
	const { app, b } = await withServer(ALL);
	b.feed(metrics({ total: 1 }), alert({ message: 'Before' }));
	const page = await see(app.url);
	await shows(page, 'metrics', 1);
	await b.stop('SIGKILL');
	await until(async () => (await text(page, 'connected')) === 'false', { what: 'it is seen to be gone' });
	await shows(page, 'metrics', 1);
	const again = await start({ port: b.port });
	again.feed(metrics({ total: 2 }), alert({ message: 'After' }));
	await shows(page, 'status', 'connected');
	await shows(page, 'metrics', 2);
	assert.equal(await openSockets(page), 1);
});

test('the last one that leaves closes it, a moment later; a remount in between does not', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		function Part() { const { status, data } = useWebSocket(); return <><b id="s">{status}</b><b id="t">{data?.performance.total_requests}</b></>; }
		function Watch() { return <b id="w">{useWebSocketStatus().status}</b>; }
		function App() { const [on, set] = useState(true); globalThis.set = set; return <><Watch />{on && <Part />}</>; }
		show(<StrictMode><App /></StrictMode>);`);
	b.feed(metrics({ total: 1 }));
	const page = await see(app.url);
	await shows(page, 't', 1);
	await shows(page, 'w', 'connected');
	await page.evaluate(() => globalThis.set(false));
	await page.locator('#s').waitFor({ state: 'detached' });
	await page.evaluate(() => globalThis.set(true));
	await shows(page, 't', 1);
	assert.equal(await allSockets(page), 1, 'still the same');
	await page.evaluate(() => globalThis.set(false));
	await until(async () => (await openSockets(page)) === 0, { what: 'closed' });
	await shows(page, 'w', 'disconnected');
	await page.evaluate(() => globalThis.set(true));
	await shows(page, 's', 'connected');
	await shows(page, 't', 1);
});

test('autoConnect false waits for connect(); disconnect() ends it for all, connect() begins anew', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		function Part() { const ws = useWebSocket({ autoConnect: false }); globalThis.ws = ws; return <><b id="s">{ws.status}</b><b id="t">{ws.data?.performance.total_requests}</b></>; }
		show(<StrictMode><Part /></StrictMode>);`);
	b.feed(metrics({ total: 1 }));
	const page = await see(app.url);
	await shows(page, 's', 'disconnected');
	assert.equal(await allSockets(page), 0);
	await page.evaluate(() => globalThis.ws.connect());
	await shows(page, 't', 1);
	await page.evaluate(() => globalThis.ws.disconnect());
	await shows(page, 's', 'disconnected');
	assert.equal(await openSockets(page), 0);
	await page.evaluate(() => globalThis.ws.connect());
	await shows(page, 's', 'connected');
	b.feed(metrics({ total: 2 }));
	await shows(page, 't', 2);
});

test('subscribe, unsubscribe, sendMessage and refresh reach the server', async () => {
	const { app, b } = await withServer(`${IMPORTS}
		globalThis.got = [];
		function Part() { const ws = useWebSocket({ subscriptions: ['metrics'], onMessage: (m) => globalThis.got.push(m) }); globalThis.ws = ws; return <><b id="s">{ws.status}</b></>; }
		show(<Part />);`, { args: ['--state', 'weather'] });
	const page = await see(app.url);
	const got = (f) => page.evaluate(f);
	await shows(page, 's', 'connected');
	await page.evaluate(() => globalThis.ws.subscribe(['weather']));
	b.feed({ type: 'weather', data: { t: 1 } });
	await until(() => got(() => globalThis.got.some((m) => m.type === 'weather')), { what: 'weather comes' });
	await page.evaluate(() => globalThis.ws.unsubscribe('weather'));
	await until(async () => !JSON.stringify(await page.evaluate(async () => (await fetch('/api/v1/ws/subscriptions')).json())).includes('weather'), { what: 'the server knows' });
	assert.equal(await page.evaluate(() => globalThis.ws.sendMessage('ping')), true);
	await until(() => got(() => globalThis.got.some((m) => m.type === 'heartbeat')), { what: 'the server answered' });
	assert.equal(await page.evaluate(() => globalThis.ws.sendMessage({ type: 'ping' })), true);
	await until(() => got(() => globalThis.got.some((m) => m.type === 'pong')), { what: 'the server answered' });
	b.feed(metrics({ total: 1 }));
	await until(() => got(() => globalThis.got.some((m) => m.type === 'realtime_update')), { what: 'metrics came' });
	await page.evaluate(() => { globalThis.got.length = 0; globalThis.ws.refresh(); });
	await until(() => got(() => globalThis.got.some((m) => m.type === 'realtime_update')), { what: 'a snapshot came' });
});

test('hostile messages: the members keep their kinds, and the component stays up', async () => {
	const { app, b } = await withServer(ALL);
	b.feed(metrics({ total: 1 }), containers());
	const page = await see(app.url);
	await shows(page, 'metrics', 1);
	b.feed({ type: 'system_alert', id: 'x1' }, { type: 'system_alert', id: 'x2', alerts: 'no' }, { type: 'system_alert', id: 'x3', alerts: [null, 5, {}] }, { type: 'session_event', id: 'x4' }, { type: 'session_event', id: 'x5', event_type: 5, data: 'x' });
	await shows(page, 'system', 'infofalse');
	b.feed(metrics({ total: 2 }));
	await shows(page, 'metrics', 2);
	await shows(page, 'unread', 1);
	assert.deepEqual(page.faults, []);
});

test('from a page of another origin that CORS_ORIGINS names', async () => {
	const app = await application(ALL.replace('show(', `configure(optionsFromEnv({ VITE_WS_URL: new URLSearchParams(location.search).get('ws') }));\nshow(`));
	const b = await start({ env: { CORS_ORIGINS: app.url } });
	b.feed(metrics({ total: 5 }));
	const page = await see(`${app.url}/?ws=${encodeURIComponent(`ws://127.0.0.1:${b.port}/ws`)}`);
	await shows(page, 'metrics', 5);
	assert.deepEqual(page.faults, []);
});

test('WebSocket switched off: the same members by polling', async () => {
	const { app, b } = await withServer(ALL, { env: { WEBSOCKET_ENABLED: 'false' } });
	b.feed(metrics({ total: 5 }), sessions(4));
	const page = await see(app.url);
	await shows(page, 'metrics', 5);
	await shows(page, 'connected', false);
	assert.equal(await page.evaluate(() => globalThis.ws.connectionType), 'polling');
});

test('the example of the README runs', async () => {
	const example = /```jsx\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'share/react/README.md'), 'utf8'))?.[1];
	assert.ok(example);
	const { app, b } = await withServer(example);
	b.feed(metrics({ total: 48611, active: 42 }), containers());
	const page = await see(app.url);
	await page.getByText('48611').waitFor();
	await page.getByRole('row', { name: /kato-redis/ }).waitFor();
	b.feed(alert({ message: 'High CPU usage: 85.0%' }));
	await page.getByText('High CPU usage: 85.0%').waitFor();
	await page.getByRole('button', { name: 'Alerts (1)' }).click();
	await page.getByRole('button', { name: 'Alerts (0)' }).waitFor();
	assert.deepEqual(page.faults, []);
});

// useLiveDiagnosticsWebSocket under React 18 in a browser, against a server of TopDeck's wire that fails as it is told to.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, test, until } from './harness.mjs';
import { anomaly, failing, service, snapshot, standIn } from './otherservers.mjs';
import { allSockets, application, openSockets, see, shows, text } from './react-page.mjs';

const IMPORTS = `import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { configure, useLiveDiagnosticsWebSocket, useWebSocketStatus } from 'kato-live-react';
const show = (el) => (globalThis.root = createRoot(document.getElementById('root'))).render(el);
const url = new URLSearchParams(location.search).get('ws');
`;
// What a page of TopDeck's makes of the members: nothing of it is guarded.
const PANEL = `${IMPORTS}
function Panel({ name = 'p', ...config }) {
	const live = useLiveDiagnosticsWebSocket({ url, reconnectDelay: 100, pollingInterval: 300, ...config });
	globalThis[name] = live;
	const { snapshot, connectionStatus, error } = live;
	const chip = <b id={name + 'type'}>{connectionStatus.connectionType} {String(connectionStatus.connected)}</b>;
	if (error) return <>{chip}<b id={name + 'error'}>{error}</b></>;
	if (!snapshot) return <>{chip}<i id={name + 'wait'}>loading</i></>;
	return <>{chip}<b id={name}>{snapshot.overall_health}: {snapshot.services.map((s) => s.resource_id + ' ' + s.status + ' ' + s.health_score.toFixed(0)).join()}</b>
		<b id={name + 'anomalies'}>{snapshot.anomalies.map((a) => a.message + ' ' + a.current_value.toFixed(1) + a.expected_value.toFixed(1) + a.deviation_percentage.toFixed(1) + a.potential_causes.length).join()}</b></>;
}
`;
const HEALTHY = 'healthy: api healthy 99,db healthy 99';

/** The page with its stand-in, which is told to it as the option url unless the page does without. */
async function page(source, { query = (s) => `?ws=${encodeURIComponent(s.ws)}`, before = undefined, data = undefined } = {}) {
	const app = await application(source), server = await standIn('topdeck', { data: data ?? snapshot() });
	return { server, page: await see(`${app.url}/${query(server)}`, { before }) };
}

test('drop-in: a snapshot, events, a snapshot again; nothing of the page fails', async () => {
	const { server, page: p } = await page(`${PANEL} show(<StrictMode><Panel /></StrictMode>);`);
	await shows(p, 'p', HEALTHY);
	await shows(p, 'ptype', 'websocket true');
	assert.deepEqual(server.urls, ['/api/v1/ws/live-diagnostics?update_interval=10'], 'one connection in strict mode, and no token in it');
	server.say({ type: 'health_change', timestamp: 't', data: { resource_id: 'db', old_status: 'healthy', new_status: 'failed', health_score: 12 } });
	await shows(p, 'p', 'healthy: api healthy 99,db failed 12');
	server.say({ type: 'anomaly_detected', timestamp: '2026-11-21T12:00:00Z', data: { resource_id: 'db', metric_name: 'cpu', severity: 'high', description: 'four names alone' } });
	await shows(p, 'panomalies', 'four names alone 0.00.00.00');
	server.say({ type: 'traffic_anomaly', timestamp: 't', data: { source_id: 'a', target_id: 'b', anomaly_type: 'latency_spike', description: 'x' } });
	for (const odd of ['NaN', '{"type":"snapshot_update","data":{"services":[{"resource_id":"a","health_score":NaN}]}}', { type: 'snapshot_update', data: null }, { type: 'unheard_of' }, '[]', '5', { type: 'subscribed', resource_ids: [] }]) server.say(odd);
	server.push(snapshot({ services: [service('new')], health: 'degraded' }));
	await shows(p, 'p', 'degraded: new healthy 99');
	await shows(p, 'panomalies', '');
	await p.evaluate(() => globalThis.p.requestSnapshot());
	await until(() => server.heard.some((m) => m.type === 'get_snapshot'), { what: 'get_snapshot was said' });
	assert.equal(await p.evaluate(() => globalThis.p.sendMessage({ type: 'hello', n: 1 })), true);
	await until(() => server.heard.some((m) => m.n === 1), { what: 'a message of the page came' });
	assert.deepEqual(p.faults, []);
});

test('on a page without crypto.randomUUID (plain http, another host) an anomaly is shown all the same', async () => {
	const { server, page: p } = await page(`${PANEL} show(<Panel />);`, { before: (q) => q.addInitScript(() => Object.defineProperty(globalThis.crypto, 'randomUUID', { value: undefined })) });
	await shows(p, 'p', HEALTHY);
	server.say({ type: 'anomaly_detected', timestamp: 't', data: { ...anomaly('api'), alert_id: undefined, message: 'shown' } });
	await shows(p, 'panomalies', 'shown 2.00.5300.01');
	assert.deepEqual(p.faults, []);
});

test('an options object made anew five hundred times: one connection; another interval: one more, and what is known stays', async () => {
	const { server, page: p } = await page(`${PANEL}
		function Storm() {
			const [n, again] = useState(0), [every, set] = useState(10);
			useEffect(() => { if (n < 500) again(n + 1); }, [n]);
			globalThis.set = set;
			return <><i id="n">{n}</i><Panel updateInterval={every} onMessage={() => {}} /></>;
		}
		globalThis.blank = 0;
		new MutationObserver(() => document.getElementById('pwait') && globalThis.filled && globalThis.blank++).observe(document.body, { childList: true, subtree: true });
		show(<StrictMode><Storm /></StrictMode>);`);
	await shows(p, 'n', 500);
	await shows(p, 'p', HEALTHY);
	assert.equal(await allSockets(p), 1);
	await p.evaluate(() => ((globalThis.filled = true), globalThis.set(5)));
	await until(() => server.urls.length === 2 && server.clients.length === 1, { what: 'connected anew, the old one closed' });
	assert.match(server.urls[1], /\?update_interval=5$/);
	await p.evaluate(() => globalThis.set(2.6));
	await until(() => server.urls.length === 3, { what: 'and again' });
	assert.match(server.urls[2], /\?update_interval=3$/, 'whole seconds, as the server takes them');
	await shows(p, 'ptype', 'websocket true');
	assert.equal(await p.evaluate(() => globalThis.blank), 0);
	assert.equal(await allSockets(p), 3);
});

test('the server is gone: polling takes over after the tries, and live comes back by itself; what is known stays all the while', async () => {
	const { server, page: p } = await page(`${PANEL} show(<Panel maxReconnectAttempts={2} />);`);
	await shows(p, 'p', HEALTHY);
	server.upgrade = 502;
	for (const c of server.clients) c.terminate();
	server.data = snapshot({ services: [service('polled')] });
	await shows(p, 'p', 'healthy: polled healthy 99');
	await shows(p, 'ptype', 'polling true');
	assert.equal(server.polls[0], '/api/v1/live-diagnostics/snapshot?duration_hours=1');
	server.http = 500;
	await shows(p, 'ptype', 'disconnected false');
	await shows(p, 'p', 'healthy: polled healthy 99');
	assert.match((await p.evaluate(() => globalThis.p.connectionStatus)).lastError, /500|not its WebSocket|502/);
	server.http = 200;
	await shows(p, 'ptype', 'polling true');
	await server.die();
	await shows(p, 'ptype', 'disconnected false');
	server.upgrade = 0;
	server.data = snapshot({ services: [service('back')] });
	await server.listen();
	await shows(p, 'p', 'healthy: back healthy 99');
	await until(async () => (await text(p, 'ptype')) === 'websocket true', { seconds: 30, what: 'live again' });
	const polls = server.polls.length;
	server.push(snapshot({ services: [service('live')] }));
	await shows(p, 'p', 'healthy: live healthy 99');
	assert.ok(server.polls.length <= polls + 1, 'HTTP is asked no more');
	assert.equal(await openSockets(p), 1);
	assert.deepEqual(p.faults, []);
});

test('an error the server speaks of is shown, and what is known comes back though no snapshot follows', async () => {
	const { server, page: p } = await page(`${PANEL} show(<Panel />);`, { before: (q) => q.clock.install() });
	await shows(p, 'p', HEALTHY);
	server.say({ type: 'error', timestamp: 't', message: 'Unknown message type: x' });
	await shows(p, 'perror', 'Unknown message type: x');
	await p.clock.runFor(11000);
	await shows(p, 'p', HEALTHY);
});

test('the link is up and nothing answers any more: noticed within 42 seconds', async () => {
	const { server, page: p } = await page(`${PANEL} show(<Panel />);`, { before: (q) => q.clock.install() });
	await shows(p, 'p', HEALTHY);
	server.deaf = true;
	// it may be back within 100 ms: looked at in the page, at each change
	await p.evaluate(() => {
		const from = Date.now();
		const look = () => {
			if (document.getElementById('ptype')?.textContent !== 'websocket true') globalThis.__noticed ??= (Date.now() - from) / 1000;
		};
		new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
	});
	const noticed = () => p.evaluate(() => globalThis.__noticed);
	for (let i = 0; i < 60 && (await noticed()) === undefined; i++) await p.clock.runFor(1000);
	assert.ok((await noticed()) <= 43, `after ${await noticed()} s`);
	server.deaf = false;
	await until(async () => (await p.clock.runFor(1000), (await text(p, 'ptype')) === 'websocket true'), { what: 'connected anew' });
});

test('two components: one connection at the shorter interval; what one chooses the other does not lose', async () => {
	const data = snapshot({ services: ['a', 'b', 'c'].map((id) => service(id)), failing: [failing('a', 'b')] });
	const { server, page: p } = await page(`${PANEL} show(<StrictMode><Panel name="p" updateInterval={20} /><Panel name="q" updateInterval={4} /></StrictMode>);`, { data });
	const whole = 'healthy: a healthy 99,b healthy 99,c healthy 99';
	await shows(p, 'p', whole);
	await shows(p, 'q', whole);
	assert.deepEqual([await allSockets(p), server.urls], [1, ['/api/v1/ws/live-diagnostics?update_interval=4']]);
	await p.evaluate(() => globalThis.p.subscribe(['a']));
	await shows(p, 'p', 'healthy: a healthy 99,b healthy 99');
	await shows(p, 'q', whole);
	await p.evaluate(() => globalThis.q.subscribe(['c']));
	await until(() => server.heard.some((m) => m.type === 'subscribe' && m.resource_ids.join() === 'a,c'), { what: 'the server is asked for what both look at' });
	for (const c of server.clients) c.terminate();
	await until(() => server.heard.filter((m) => m.type === 'subscribe').length === 2, { what: 'and again on a new connection' });
	await p.evaluate(() => globalThis.p.unsubscribe(['a']));
	await until(() => server.heard.some((m) => m.type === 'unsubscribe' && m.resource_ids.join() === 'a,c'), { what: 'all of it again' });
	await shows(p, 'p', whole);
	await shows(p, 'q', 'healthy: c healthy 99');
});

test('unmounted: no socket, no timer, no question is left; disconnect() ends it for all, connect() begins anew', async () => {
	const { server, page: p } = await page(`${PANEL}
		function App() { const [on, set] = useState(true); globalThis.on = set; return on && <Panel maxReconnectAttempts={1} />; }
		show(<StrictMode><App /></StrictMode>);`, {
		before: (q) => q.addInitScript(() => {
			const w = /** @type {any} */ (globalThis), set = w.setTimeout, clear = w.clearTimeout;
			w.waits = new Set();
			w.setTimeout = (f, ms, ...a) => {
				const id = set(() => (w.waits.delete(id), f(...a)), ms);
				w.waits.add(id);
				return id;
			};
			w.clearTimeout = (id) => (w.waits.delete(id), clear(id));
			w.ears = 0;
			for (const [name, n] of /** @type {[any, number][]} */ ([['addEventListener', 1], ['removeEventListener', -1]])) {
				const real = EventTarget.prototype[name];
				EventTarget.prototype[name] = function (kind, ...a) {
					if (/^(online|offline|pageshow|visibilitychange|storage)$/.test(kind)) w.ears += n;
					return real.call(this, kind, ...a);
				};
			}
		}),
	});
	await shows(p, 'p', HEALTHY);
	await p.evaluate(() => globalThis.p.disconnect());
	await shows(p, 'ptype', 'disconnected false');
	await shows(p, 'p', HEALTHY);
	await until(() => server.clients.length === 0);
	await p.evaluate(() => globalThis.p.connect());
	await shows(p, 'ptype', 'websocket true');
	server.upgrade = 502;
	for (const c of server.clients) c.terminate();
	await shows(p, 'ptype', 'polling true');
	await p.evaluate(() => globalThis.on(false));
	await until(() => p.evaluate(() => globalThis.waits.size === 0), { what: 'no timer waits' });
	assert.deepEqual([await openSockets(p), await p.evaluate(() => globalThis.ears)], [0, 0]);
});

test('a token: in the address only when given; a wrong one is told and not tried on and on; another one is taken up', async () => {
	const source = `${PANEL}
		function App() { const [token, set] = useState('wrong one'); globalThis.set = set; return <Panel token={token} reconnectDelay={8000} />; }
		show(<App />);`;
	const { server, page: p } = await page(source, { query: (s) => ((s.token = 'right/one'), (s.bad = '1008'), `?ws=${encodeURIComponent(s.ws)}`) });
	await until(async () => /1008|401/.test(await text(p, 'perror')), { what: 'it is said' });
	assert.deepEqual(server.urls, ['/api/v1/ws/live-diagnostics?update_interval=10&token=wrong%20one']);
	await p.evaluate(() => globalThis.set('right/one'));
	await shows(p, 'p', HEALTHY);
	assert.equal(server.urls.length, 2);
	server.bad = '401';
	await p.evaluate(() => globalThis.set('wrong again'));
	await until(async () => /does not take this token \(401\)/.test((await p.evaluate(() => globalThis.p.connectionStatus)).lastError ?? ''), { what: 'it is said' });
	await shows(p, 'p', HEALTHY);
	await shows(p, 'ptype', 'disconnected false');
	assert.equal(server.urls.length, 3);
});

test('where it goes: port 8000 of the page\'s host; beside the server of configure(); a url with a query of its own', async () => {
	const without = `${IMPORTS} function P() { useLiveDiagnosticsWebSocket(); return <b id="up">up</b>; } `;
	let p = await page(`${without} show(<P />);`, { query: () => '' });
	assert.equal(await until(() => p.page.evaluate(() => globalThis.__sockets[0]?.url)), 'ws://127.0.0.1:8000/api/v1/ws/live-diagnostics?update_interval=10');
	const app = await application(`${PANEL.replace('url,', '')} configure({ url: 'ws://' + url + '/ws' }); show(<Panel />);`);
	p = { server: p.server, page: await see(`${app.url}/?ws=127.0.0.1:${p.server.port}`) };
	await shows(p.page, 'p', HEALTHY);
	const other = await standIn('topdeck', { data: snapshot({ services: [service('other')] }) });
	const moving = await page(`${PANEL} function App() { const [to, set] = useState(url); globalThis.to = set; return <Panel url={to} />; } show(<StrictMode><App /></StrictMode>);`);
	await shows(moving.page, 'p', HEALTHY);
	await moving.page.evaluate((to) => globalThis.to(to), other.ws);
	await shows(moving.page, 'p', 'healthy: other healthy 99');
	const ended = await until(() => moving.server.ended.at(-1));
	assert.ok(ended - other.times[0] < 900, `the old one is not kept: ${ended - other.times[0]} ms`);
	const own = await page(`${PANEL} show(<Panel updateInterval={7} />);`, { query: (s) => `?ws=${encodeURIComponent(`${s.ws}?team=ops&update_interval=9`)}` });
	await shows(own.page, 'p', HEALTHY);
	assert.deepEqual(own.server.urls, ['/api/v1/ws/live-diagnostics?team=ops&update_interval=7']);
});

test('the example of the README runs', async () => {
	const example = [...readFileSync(join(ROOT, 'share/react/README.md'), 'utf8').matchAll(/```jsx\n([\s\S]*?)```/g)].map((m) => m[1]).find((e) => e.includes('useLiveDiagnostics'));
	assert.ok(example);
	const app = await application(`import { configure } from 'kato-live-react'; configure({ url: new URLSearchParams(location.search).get('ws') }); ${example}`), server = await standIn('topdeck');
	const p = await see(`${app.url}/?ws=${encodeURIComponent(server.ws)}`);
	await p.getByText('healthy (websocket)').waitFor();
	await p.getByText('api: healthy, 99').waitFor();
	await p.getByRole('button', { name: 'Refresh' }).click();
	await until(() => server.heard.some((m) => m.type === 'get_snapshot'));
	assert.deepEqual(p.faults, []);
});

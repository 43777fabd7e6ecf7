// A server that speaks as TopDeck's and OpenRisk's do, by their wire tables, and fails as a test says: for clients that are to meet a server's faults.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { atEnd } from './harness.mjs';

const stamp = () => new Date().toISOString();
const PATHS = { topdeck: /^(\/api\/v1)?\/ws\/live-diagnostics$/, openrisk: /^\/api\/v1\/ws\/dashboard$/ };
const CORS = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' };

export const service = (id, more = {}) => ({
	resource_id: id, resource_name: id, resource_type: 'service', status: 'healthy', health_score: 98.5, anomalies: [], metrics: { cpu_usage: 0.4 }, last_updated: stamp(), ...more,
});
export const anomaly = (id, metric = 'latency_p95', more = {}) => ({
	alert_id: `${id}_${metric}_${stamp()}`, resource_id: id, resource_name: id, severity: 'high', metric_name: metric, current_value: 2, expected_value: 0.5, deviation_percentage: 300,
	detected_at: stamp(), message: `${metric} deviates by 300.0%`, potential_causes: ['load'], ...more,
});
export const flow = (source_id, target_id, more = {}) => ({ source_id, target_id, request_rate: 12, error_rate: 0.01, latency_p95: 0.2, is_abnormal: false, anomaly_score: 0, trend: 'stable', ...more });
export const failing = (source_id, target_id, more = {}) => ({
	source_id, source_name: source_id, target_id, target_name: target_id, status: 'failed', health_score: 20, anomalies: [],
	error_details: { status: 'failed', health_score: 20, anomalies: [], metrics: {}, timestamp: stamp() }, ...more,
});
/** @param {any} [o] */
export const snapshot = ({ services = [service('api'), service('db')], anomalies = [], traffic = [], failing: broken = [], health = 'healthy' } = {}) => ({
	timestamp: stamp(), overall_health: health, services, anomalies, traffic_patterns: traffic, failing_dependencies: broken,
});
/** @param {any} [o] */
export const analytics = ({ score = 6.7, total = 42, name = 'Injection' } = {}) => ({
	metrics: { average_risk_score: score, trending_up_percent: 5.2, overdue_count: 3, sla_compliance_rate: 91.5, total_risks: total, active_risks: 30, mitigation_rate: 78.5, updated_at: stamp() },
	risk_trends: [{ date: '2026-11-20', score, count: 42, new_risks: 1, mitigated: 2 }], severity_distribution: { critical: 3, high: 8, medium: 15, low: 16 },
	mitigation_status: { completed: 28, in_progress: 12, not_started: 2, overdue: 0 },
	top_risks: [{ id: 'r1', name, score: 9.5, severity: 'critical', status: 'active', trend_percent: 4.2, last_updated: stamp(), mitigation_count: 2 }],
	mitigation_progress: [{ id: 'm1', name: 'Firewall', status: 'in_progress', progress: 65, due_date: stamp(), risk_id: 'r1', risk_name: name, cost: 100, last_updated: stamp(), days_remaining: 7 }],
	generated_at: stamp(),
});

/**
 * As a test says, and as it changes s: upgrade: HTTP status of the upgrade (0: accepted), http: of what is polled; token: what is wanted; bad: how a wrong one is told ('401', '1008');
 * deaf: nothing is answered any more; greeting: what a new client is sent; data: the state.
 * s.clients are the sockets of now, s.urls every address that was to be upgraded, s.times and s.ended when, s.heard what clients said, s.polls the addresses asked for by HTTP.
 * @param {'topdeck' | 'openrisk'} kind @param {{port?: number, data?: any}} [options]
 */
export async function standIn(kind, { port = 0, data = kind === 'topdeck' ? snapshot() : analytics() } = {}) {
	const s = /** @type {any} */ ({ kind, data, upgrade: 0, http: 200, token: '', bad: '401', deaf: false, urls: [], times: [], ended: [], heard: [], polls: [], retryAfter: 0 });
	const state = () => (kind === 'topdeck' ? { type: 'snapshot_update', timestamp: stamp(), data: s.data } : { type: 'dashboard_update', data: s.data });
	const tokenOf = (req) => new URL(req.url, 'http://x').searchParams.get('token') ?? /^Bearer (.*)$/.exec(req.headers.authorization ?? '')?.[1] ?? '';
	const wrong = (req) => s.token && tokenOf(req) !== s.token;
	const server = createServer((req, res) => {
		if (req.method === 'OPTIONS') return void res.writeHead(204, CORS).end();
		const path = new URL(/** @type {string} */ (req.url), 'http://x').pathname, isWs = PATHS[kind].test(path);
		if (!isWs) s.polls.push(req.url);
		const status = wrong(req) ? 401 : isWs ? s.upgrade || 426 : s.http, more = s.retryAfter ? { 'Retry-After': String(s.retryAfter), 'Access-Control-Expose-Headers': 'Retry-After' } : {};
		res.writeHead(status, { 'Content-Type': 'application/json', ...CORS, ...more }).end(JSON.stringify(status === 200 ? s.data : { detail: 'no', error: 'no' }));
	});
	const wss = new WebSocketServer({ noServer: true });
	server.on('upgrade', (req, socket, head) => {
		socket.on('error', () => {});
		const status = !PATHS[kind].test(new URL(/** @type {string} */ (req.url), 'http://x').pathname) ? 404 : wrong(req) && s.bad === '401' ? 401 : s.upgrade;
		s.urls.push(req.url);
		s.times.push(Date.now());
		if (status) return void socket.end(`HTTP/1.1 ${status} As Asked\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
		wss.handleUpgrade(req, socket, head, (ws) => joined(ws, req));
	});
	function joined(ws, req) {
		ws.on('error', () => {});
		ws.on('close', () => s.ended.push(Date.now()));
		if (wrong(req)) return ws.close(1008, 'token');
		ws.on('message', (raw) => s.deaf || answer(ws, String(raw)));
		if (s.deaf) return;
		const interval = Number(new URL(req.url, 'http://x').searchParams.get('update_interval') ?? 10);
		if (kind === 'topdeck') ws.send(JSON.stringify({ type: 'connected', timestamp: stamp(), message: 'Connected to live diagnostics WebSocket', update_interval: interval }));
		if (s.data) ws.send(JSON.stringify(state()));
	}
	function answer(ws, text) {
		let m;
		try {
			m = JSON.parse(text);
		} catch {
			return;
		}
		const what = kind === 'topdeck' ? m.type : m.action;
		if (what !== 'ping') s.heard.push(m);
		if (what === 'ping') ws.send(JSON.stringify(kind === 'topdeck' ? { type: 'pong', timestamp: stamp() } : { type: 'pong' }));
		else if (what === 'get_snapshot' || what === 'refresh') ws.send(JSON.stringify(state()));
		else if (what === 'subscribe' || what === 'unsubscribe') ws.send(JSON.stringify({ type: `${what}d`, timestamp: stamp(), resource_ids: m.resource_ids ?? [] }));
	}
	const sockets = new Set();
	server.on('connection', (socket) => void sockets.add(socket.on('close', () => sockets.delete(socket))));
	s.listen = () => new Promise((r) => server.listen(s.port ?? port, '127.0.0.1', () => ((s.port = /** @type {any} */ (server.address()).port), r(null))));
	/** Gone, as a killed process is; listen() brings it back at the same port. */
	s.die = () => new Promise((r) => (server.close(() => r(null)), sockets.forEach((x) => x.destroy())));
	Object.defineProperty(s, 'clients', { get: () => [...wss.clients].filter((c) => c.readyState === 1) });
	/** To everybody: an object, or text as it is. */
	s.say = (m) => s.clients.forEach((c) => c.send(typeof m === 'string' ? m : JSON.stringify(m)));
	/** The new state, pushed. */
	s.push = (next) => ((s.data = next), s.say(state()));
	await s.listen();
	atEnd(() => new Promise((r) => (server.listening ? s.die().then(r) : r(null))));
	return Object.assign(s, { url: `http://127.0.0.1:${s.port}`, ws: `ws://127.0.0.1:${s.port}/api/v1/ws/${kind === 'topdeck' ? 'live-diagnostics' : 'dashboard'}` });
}


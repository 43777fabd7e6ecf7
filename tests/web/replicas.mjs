// Clients that do with messages what TopDeck's hook and panel and OpenRisk's hook and page do: nothing is guarded that those do not guard. What would
// break a page there is a fault here. Ours from the first line, for the tests: they run in Node (ws) and, as text, in a page.

/** A value in the markup: React draws texts and numbers, and breaks on an object. @param {any} v */
const child = (v) => {
	if (typeof v === 'object' && v !== null) throw new Error(`not to be drawn: ${JSON.stringify(v)}`);
	return String(v);
};
/** A length in a chart: one that is no number leaves a hole that breaks its scale. @param {any} v */
const bar = (v) => {
	if (!Number.isFinite(v)) throw new Error(`not to be charted: ${v}`);
	return v;
};

/** A time in words. @param {any} v */
const when = (v) => {
	if (typeof v !== 'string' || Number.isNaN(Date.parse(v))) throw new Error(`no time: ${JSON.stringify(v)}`);
	return new Date(v).toLocaleString();
};

/** TopDeck's panel, all tabs, and its drawer for each service. @param {any} s a snapshot @returns {string} what is seen */
export function topdeckPanel(s) {
	const out = [`System: ${child(s.overall_health)}`];
	when(s.timestamp);
	const healthy = s.services.filter((e) => e.status === 'healthy').length;
	out.push(`${s.services.length} ${s.services.length ? (healthy / s.services.length) * 100 : 0} %`);
	out.push(`${s.anomalies.length}, ${s.anomalies.filter((a) => a.severity === 'critical').length} critical`);
	out.push(`${s.failing_dependencies.length}, ${s.failing_dependencies.filter((d) => d.status === 'failed').length} failed`);
	out.push(`${s.traffic_patterns.filter((t) => t.is_abnormal).length} of ${s.traffic_patterns.length} flows`);
	const nodes = new Map();
	for (const e of s.services) {
		if (typeof e.resource_id !== 'string' || e.resource_id === '') throw new Error('a node without an id');
		if (nodes.has(e.resource_id)) throw new Error(`two nodes ${e.resource_id}`);
		nodes.set(e.resource_id, { label: child(e.resource_name), kind: child(e.resource_type), colour: child(e.status), big: e.anomalies.length > 0, score: e.health_score.toFixed(1) });
	}
	for (const d of s.failing_dependencies) for (const end of [d.source_id, d.target_id]) if (!nodes.has(end)) throw new Error(`an edge to a node that is not there: ${end}`);
	for (const a of s.anomalies) {
		out.push([child(a.resource_name), a.severity.toUpperCase(), child(a.metric_name), child(a.message), a.deviation_percentage.toFixed(1), a.current_value.toFixed(2), a.expected_value.toFixed(2),
			when(a.detected_at), a.potential_causes.length > 0 ? a.potential_causes.map(child).join() : ''].join(' '));
		child(a.alert_id);
	}
	for (const t of s.traffic_patterns) out.push(`${child(t.source_id)} → ${child(t.target_id)} ${bar(t.request_rate)} ${bar(t.error_rate * 100)} ${bar(t.latency_p95 * 1000)} ${child(t.trend)}`);
	for (const d of s.failing_dependencies) out.push(`${child(d.source_name)} → ${child(d.target_name)} ${child(d.status)} ${d.health_score.toFixed(0)} % ${d.anomalies.length}`);
	for (const e of s.services) {
		out.push(`${child(e.resource_name)} ${when(e.last_updated)} ${Object.entries(e.metrics).map(([k, v]) => `${k} ${/** @type {number} */ (v).toFixed(2)}`).join()} ${e.anomalies.map(child).join()}`);
		out.push(s.anomalies.filter((a) => a.resource_id === e.resource_id).map((a) => child(a.message)).join());
	}
	for (const list of [s.services, s.anomalies, s.traffic_patterns, s.failing_dependencies]) out.push(String(list.map((e) => JSON.stringify(e)).length));
	return out.join('\n');
}

/** OpenRisk's page. @param {any} d its data @returns {string} what is seen */
export function openriskPage(d) {
	const m = d.metrics, out = [m.average_risk_score.toFixed(1), m.trending_up_percent.toFixed(1), m.overdue_count.toString(), m.sla_compliance_rate.toFixed(1)];
	for (const t of d.risk_trends || []) out.push(`${child(t.date)} ${bar(t.score)}`);
	for (const [name, n] of Object.entries(d.severity_distribution || {})) out.push(`${name} ${bar(n)}`);
	for (const [name, n] of Object.entries(d.mitigation_status || {})) out.push(`${name} ${bar(n)}`);
	for (const r of d.top_risks || []) out.push([child(r.name), r.score.toFixed(1), child(r.severity), child(r.status), r.trend_percent.toFixed(1), child(r.mitigation_count)].join(' '));
	for (const p of d.mitigation_progress || []) out.push([child(p.name), child(p.risk_name), child(p.status), bar(p.progress), new Date(p.due_date).toLocaleDateString(), p.days_remaining < 0 ? `Overdue ${-p.days_remaining}d` : `${p.days_remaining}d`].join(' '));
	return out.join('\n');
}

/**
 * What both hooks do: connect, hear, draw after each message; without coming back. faults says what would have broken the page.
 * @param {{WebSocket: any, url: string, ping: object, hear: (c: any, m: any) => void, draw: (c: any) => string}} of
 */
function client({ WebSocket, url, ping, hear, draw }) {
	const c = /** @type {any} */ ({ faults: [], types: [], last: {}, drawn: '', error: null, open: false, code: null, draws: 0 });
	const socket = (c.socket = new WebSocket(url));
	const redraw = () => {
		try {
			c.drawn = draw(c);
			c.draws++;
		} catch (e) {
			c.faults.push(`${c.types.at(-1)}: ${e instanceof Error ? e.message : e}`);
		}
	};
	socket.onopen = () => {
		c.open = true;
		c.error = null;
		redraw();
	};
	socket.onmessage = (/** @type {any} */ e) => {
		let m;
		try {
			m = JSON.parse(e.data);
		} catch (error) {
			return void c.faults.push(`not JSON: ${String(e.data).slice(0, 200)}: ${error}`);
		}
		c.types.push(m.type);
		c.last[m.type] = m;
		hear(c, m);
		redraw();
	};
	socket.onerror = () => (c.error = 'WebSocket connection error');
	socket.onclose = (/** @type {any} */ e) => {
		c.open = false;
		c.code = e.code;
		clearInterval(c.pinging);
	};
	c.send = (/** @type {any} */ m) => socket.send(typeof m === 'string' ? m : JSON.stringify(m));
	c.pinging = setInterval(() => c.open && c.send(ping), 30000);
	c.close = () => (clearInterval(c.pinging), socket.close());
	return c;
}

/** @param {{WebSocket: any, url: string, updateInterval?: number}} of url as the hook's: without a query */
export function topdeckClient({ WebSocket, url, updateInterval = 10 }) {
	const known = ['connected', 'snapshot_update', 'health_change', 'anomaly_detected', 'traffic_anomaly', 'pong', 'error'];
	const hear = (/** @type {any} */ c, /** @type {any} */ m) => {
		if (m.type === 'snapshot_update' && m.data) {
			c.snapshot = m.data;
			c.error = null;
		} else if (m.type === 'health_change' && m.data && c.snapshot) {
			c.snapshot = { ...c.snapshot, services: c.snapshot.services.map((e) => (e.resource_id === m.data.resource_id ? { ...e, status: m.data.new_status, health_score: m.data.health_score } : e)) };
		} else if (m.type === 'anomaly_detected' && m.data && c.snapshot) {
			c.snapshot = { ...c.snapshot, anomalies: [{ alert_id: globalThis.crypto.randomUUID(), ...m.data, timestamp: m.timestamp }, ...c.snapshot.anomalies] };
		} else if (m.type === 'error') c.error = m.message;
		else if (m.type === 'traffic_anomaly') c.traffic = [child(m.data.source_id), child(m.data.target_id), child(m.data.anomaly_type), child(m.data.description)];
		if (!known.includes(m.type)) c.unknown = [...(c.unknown ?? []), m.type];
	};
	const draw = (/** @type {any} */ c) => (c.error ? child(c.error) : c.snapshot ? topdeckPanel(c.snapshot) : 'spinner');
	return client({ WebSocket, url: `${url}?update_interval=${updateInterval}`, ping: { type: 'ping' }, hear, draw });
}

/** With the hook's one fault mended: its options are remembered, so it keeps its connection. @param {{WebSocket: any, origin: string, token?: string}} of origin: of the page */
export function openriskClient({ WebSocket, origin, token = '' }) {
	const hear = (/** @type {any} */ c, /** @type {any} */ m) => {
		if (m.type === 'dashboard_update' && m.data) {
			c.data = m.data;
			c.error = null;
		} else if (m.type === 'error' && m.error) c.error = m.error;
	};
	const draw = (/** @type {any} */ c) => (!c.open && !c.data ? 'skeleton' : c.error ? child(c.error) : c.data ? openriskPage(c.data) : 'No data available');
	return client({ WebSocket, url: `${origin.replace(/^http/, 'ws')}/api/v1/ws/dashboard?token=${encodeURIComponent(token)}`, ping: { action: 'ping' }, hear, draw });
}

/**
 * The same with its fault: each change of its state makes its options anew, and with them its connection. Until stop().
 * @param {{WebSocket: any, origin: string, token?: string}} of
 */
export function openriskStorm({ WebSocket, origin, token = '' }) {
	const c = /** @type {any} */ ({ faults: [], connects: 0, refused: 0, open: false, data: null, error: null, drawn: '' });
	let socket = /** @type {any} */ (null), retry = /** @type {any} */ (0), attempts = 0, due = false, over = false;
	const waits = new Set(); // of all its sockets: the hook itself knows the last one only
	const disconnect = () => (clearTimeout(retry), socket?.close());
	function render() {
		due = false;
		if (over) return;
		try {
			if (c.data) c.drawn = openriskPage(c.data);
		} catch (e) {
			c.faults.push(String(e));
		}
		disconnect();
		connect();
	}
	function set(/** @type {any} */ part) {
		if (Object.entries(part).every(([k, v]) => c[k] === v)) return;
		Object.assign(c, part);
		if (!due) due = Boolean(setTimeout(render, 0));
	}
	function connect() {
		c.connects++;
		const mine = (socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/api/v1/ws/dashboard?token=${encodeURIComponent(token)}`));
		mine.onopen = () => ((attempts = 0), set({ open: true, error: null, loading: false, reconnecting: false }));
		mine.onmessage = (/** @type {any} */ e) => {
			const m = JSON.parse(e.data);
			if (m.type === 'dashboard_update' && m.data) set({ data: m.data, error: null });
		};
		mine.onerror = (/** @type {any} */ e) => {
			if (/ 429$/.test(e?.message ?? '')) c.refused++;
			set({ error: 'WebSocket connection error' });
		};
		mine.onclose = () => {
			set({ open: false });
			if (over || attempts >= 5) return;
			waits.add((retry = setTimeout(connect, 1000 * 2 ** attempts++)));
			set({ reconnecting: true });
		};
	}
	render();
	c.stop = () => ((over = true), waits.forEach((w) => clearTimeout(/** @type {any} */ (w))), disconnect());
	return c;
}

/** The polling of TopDeck's hook: another origin than the page's. @param {{fetch: any, host: string}} of host with its port @returns {Promise<string>} what is seen */
export async function topdeckPoll({ fetch, host }) {
	const answer = await fetch(`http://${host}/api/v1/live-diagnostics/snapshot?duration_hours=1`);
	if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
	return topdeckPanel(await answer.json());
}

/** The polling of OpenRisk's hook. @param {{fetch: any, origin: string, token?: string}} of @returns {Promise<string>} */
export async function openriskPoll({ fetch, origin, token = '' }) {
	const answer = await fetch(`${origin}/api/v1/dashboard/complete`, { headers: { Authorization: `Bearer ${token}` } });
	if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
	return openriskPage(await answer.json());
}

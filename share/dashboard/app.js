// The last values as text: live over /ws, by polling while that is gone. Nothing that came is ever taken for markup.

const POLL_MS = 5000;
const ALERTS_SHOWN = 50;
const DEAD_MS = 45000; // nothing heard for so long: the link is dead

const state = { metrics: null, containers: null, sessions: null, alerts: [], sources: new Map(), demo: false };
let socket = null;
let tries = 0;
let heard = 0;
let pollTimer = 0;
let place = null; // { epoch, offset } of the newest event seen

const $ = (id) => document.getElementById(id);
const num = (v) => (typeof v === 'number' && Number.isFinite(v) ? v : null);
const show = (v, digits, unit = '') => (num(v) === null ? null : v.toLocaleString('en', { maximumFractionDigits: digits }) + unit);
const isObject = (v) => typeof v === 'object' && v !== null && !Array.isArray(v);
const list = (v) => (Array.isArray(v) ? v.filter(isObject) : []);
const part = (v, name) => (isObject(v) && isObject(v[name]) ? v[name] : {});

function node(tag, text, className) {
	const e = document.createElement(tag);
	if (text !== undefined) e.textContent = text;
	if (className) e.className = className;
	return e;
}

function time(stamp) {
	const e = node('time');
	const d = new Date(stamp);
	if (Number.isNaN(d.getTime())) return e;
	e.dateTime = d.toISOString();
	e.title = d.toISOString();
	e.textContent = d.toLocaleString();
	return e;
}

function say(text, className) {
	const e = $('connection');
	if (e.textContent !== text) e.textContent = text;
	e.className = className;
}

// --- what is seen ---

function drawOverview() {
	const m = state.metrics;
	const performance = part(m, 'performance');
	const sessions = isObject(state.sessions) ? state.sessions.active_count : part(m, 'sessions').active;
	const rate = num(performance.error_rate);
	const seconds = num(performance.average_response_time);
	const rows = [
		['Active sessions', show(sessions, 0)],
		['Total requests', show(part(m, 'requests').total ?? performance.total_requests, 0)],
		['Requests/s', show(part(m, 'requests').per_second ?? part(m, 'rates').requests_per_second, 2)],
		['Error rate', rate === null ? null : show(rate * 100, 2, ' %')],
		['Mean response time', seconds === null ? null : show(seconds * 1000, 1, ' ms')],
		['CPU', show(part(m, 'resources').cpu_percent, 1, ' %')],
		['Memory', show(part(m, 'resources').memory_percent, 1, ' %')],
		['Processors', show(part(m, 'processor_manager').total_processors, 0)],
		['Containers’ CPU', show(part(state.containers, 'aggregated').total_cpu_percent, 1, ' %')],
		['Containers’ memory', show(part(state.containers, 'aggregated').total_memory_mb, 0, ' MB')],
	];
	$('overview').replaceChildren(...rows.map(([name, value]) => {
		const box = node('div');
		box.append(node('dt', name), node('dd', value ?? '–'));
		return box;
	}));
}

function drawContainers() {
	const all = list(isObject(state.containers) ? state.containers.containers : null);
	const rows = all.map((c) => {
		const tr = node('tr');
		const running = c.status === 'running';
		tr.append(node('td', String(c.name ?? '')), node('td', String(c.status ?? ''), running ? 'good' : 'bad'));
		for (const v of [show(c.cpu, 2), show(part(c, 'memory').usage_mb, 1), show(part(c, 'memory').usage_percent, 1)])
			tr.append(node('td', v ?? '–', 'n'));
		return tr;
	});
	if (!rows.length) {
		const td = node('td', state.containers ? 'none' : 'not known yet', 'quiet');
		td.colSpan = 5;
		const tr = node('tr');
		tr.append(td);
		rows.push(tr);
	}
	$('containers').replaceChildren(...rows);
}

function drawAlerts() {
	const rows = state.alerts.map((a) => {
		const li = node('li');
		const level = a.state === 'resolved' ? 'resolved' : String(a.level ?? '');
		const colour = { error: 'bad', warning: 'warn', resolved: 'good' }[level] ?? '';
		li.append(time(a.timestamp), ' ', node('strong', level, colour), ' ', String(a.message ?? ''));
		return li;
	});
	$('alerts').replaceChildren(...(rows.length ? rows : [node('li', 'none so far', 'quiet')]));
}

function drawSources() {
	const rows = [...state.sources.values()].map((s) => {
		const li = node('li');
		li.append(node('strong', String(s.status ?? ''), s.status === 'up' ? 'good' : 'bad'), ' ', String(s.source ?? ''));
		if (s.error) li.append(': ', String(s.error));
		if (s.since) li.append(' ', node('span', 'since ', 'quiet'), time(s.since));
		return li;
	});
	$('sources').replaceChildren(...(rows.length ? rows : [node('li', 'none heard of', 'quiet')]));
}

function draw() {
	$('demo').hidden = !state.demo;
	drawOverview();
	drawContainers();
	drawAlerts();
	drawSources();
}

let drawing = false;
function drawSoon() {
	if (drawing) return;
	drawing = true;
	const now = () => {
		drawing = false;
		draw();
	};
	if (document.hidden) setTimeout(now, 1000);
	else requestAnimationFrame(now);
}

// --- what comes ---

function takeUpdate(message) {
	const data = isObject(message.data) ? message.data : {};
	for (const name of ['metrics', 'containers', 'sessions']) if (isObject(data[name])) state[name] = data[name];
	state.demo = message.demo === true;
}

function takeAlerts(message) {
	const fresh = list(message.alerts).map((a) => ({ ...a, timestamp: message.timestamp }));
	state.alerts = [...fresh, ...state.alerts].slice(0, ALERTS_SHOWN);
}

function take(message) {
	if (!isObject(message)) return;
	if (typeof message.offset === 'number' && message.type !== 'connected' && message.type !== 'subscribed' && place) {
		if (message.offset <= place.offset) return;
		place.offset = message.offset;
	}
	if (message.type === 'realtime_update') takeUpdate(message);
	else if (message.type === 'system_alert') takeAlerts(message);
	else if (message.type === 'source_status') {
		const s = isObject(message.data) ? message.data : message;
		if (s.source) state.sources.set(String(s.source), s);
	} else if (message.type === 'connected') catchUp(message);
	else return;
	drawSoon();
}

async function get(path) {
	const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(10000) });
	return answer.ok ? answer.json() : null;
}

// The alerts that were before us, or while we were away.
async function catchUp(hello) {
	if (place && place.epoch === hello.epoch && place.offset === hello.offset) return;
	place = { epoch: hello.epoch, offset: hello.offset };
	await fillAlerts().catch(() => {});
}

async function fillAlerts() {
	const known = await get(`/api/v1/alerts?limit=${ALERTS_SHOWN}`);
	if (!known) return;
	state.alerts = list(known.alerts);
	drawSoon();
}

// --- the connection ---

async function poll() {
	try {
		const update = await get('/api/v1/snapshot');
		if (socket) return;
		if (update) takeUpdate(update);
		await fillAlerts();
		say('Polling every 5 s', 'warn');
	} catch {
		say('Offline: the server does not answer', 'bad');
	}
	drawSoon();
}

function lost() {
	socket = null;
	if (!pollTimer) {
		pollTimer = setInterval(poll, POLL_MS);
		poll();
	}
	const bound = Math.min(30000, 1000 * 2 ** tries);
	tries++;
	setTimeout(connect, Math.random() * bound + 200);
}

function connect() {
	const ws = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`);
	let over = false;
	const end = () => {
		if (over) return;
		over = true;
		lost();
	};
	ws.onopen = () => {
		socket = ws;
		heard = Date.now();
		clearInterval(pollTimer);
		pollTimer = 0;
		say('Live', 'good');
	};
	ws.onmessage = (e) => {
		heard = Date.now();
		tries = 0;
		try {
			take(JSON.parse(e.data));
		} catch (error) {
			console.warn('a message that could not be used', error);
		}
	};
	ws.onclose = end;
}

setInterval(() => {
	if (!socket) return;
	if (Date.now() - heard > DEAD_MS) {
		const dead = socket;
		dead.onclose();
		dead.close();
	} else if (Date.now() - heard > DEAD_MS / 3) socket.send('ping');
}, 5000);

draw();
connect();

// Servers that stand in the page's way: one that says whatever a test wants said, and two that stand before the real one.
import { createServer, request } from 'node:http';
import { connect, createServer as createTcp } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import { ROOT, atEnd } from './harness.mjs';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:";

/** @returns {Promise<number>} the port */
async function listening(server, port = 0) {
	await new Promise((r) => server.listen(port, '127.0.0.1', r));
	return /** @type {any} */ (server.address()).port;
}

function sendFile(path, res) {
	const file = join(ROOT, 'share/dashboard', extname(path) ? path : '/index.html');
	if (path.includes('..') || !existsSync(file)) return res.writeHead(404).end();
	res.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'text/plain', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-cache' });
	res.end(readFileSync(file));
}

/**
 * Serves the page; answer(path, res) deals with /api/ and /config.json, joined(socket) with each WebSocket.
 * @param {{answer?: (path: string, res: any) => void, joined?: (socket: any, req: any) => void}} [options]
 */
export async function fake({ answer = (_path, res) => res.writeHead(404).end(), joined = () => {} } = {}) {
	const server = createServer((req, res) => {
		const path = new URL(req.url, 'http://x').pathname;
		if (path.startsWith('/api/') || path === '/config.json') answer(req.url, res);
		else sendFile(path, res);
	});
	const wss = new WebSocketServer({ server, path: '/ws', handleProtocols: (p) => [...p][0] ?? false });
	wss.on('connection', (socket, req) => {
		socket.on('error', () => {});
		joined(socket, req);
	});
	const port = await listening(server);
	atEnd(() => {
		for (const c of wss.clients) c.terminate();
		server.closeAllConnections?.();
		server.close();
	});
	return { port, url: `http://127.0.0.1:${port}`, clients: wss.clients, say: (text) => wss.clients.forEach((c) => c.send(text)) };
}

/**
 * Bytes to and from 127.0.0.1:PORT. cut() holds all bytes back from then on and closes nothing, as a pulled cable does; mend() lets
 * new connections through again.
 */
export async function cable(port) {
	let cut = false;
	const open = new Set();
	const held = new WeakSet(); // those whose bytes go nowhere any more
	const server = createTcp((a) => {
		if (cut) return void open.add(a.pause()); // taken, and never answered
		const b = connect(port, '127.0.0.1');
		for (const [from, to] of [[a, b], [b, a]]) {
			open.add(from);
			from.on('data', (d) => held.has(from) || to.write(d));
			from.on('end', () => held.has(from) || to.end());
			from.on('error', () => held.has(from) || to.destroy());
			from.on('close', () => open.delete(from));
		}
	});
	const own = await listening(server);
	atEnd(() => {
		for (const s of open) s.destroy();
		server.close();
	});
	return {
		port: own,
		url: `http://127.0.0.1:${own}`,
		cut() {
			cut = true;
			for (const s of open) held.add(s);
		},
		mend: () => void (cut = false),
	};
}

/** The server at PORT, where everything but the page's own files needs the token; told(path) is called for each request let through. */
export async function guarded(port, token, { told = (_path) => {} } = {}) {
	const allowed = (req) => {
		const query = new URL(req.url, 'http://x').searchParams.get('token');
		const offered = (req.headers['sec-websocket-protocol'] ?? '').split(/, */);
		return query === token || req.headers.authorization === `Bearer ${token}` || offered.includes(`bearer.${token}`);
	};
	const free = (path) => !path.startsWith('/api/') && path !== '/ws';
	const to = (req) => ({ host: '127.0.0.1', port, path: req.url, method: req.method, headers: { ...req.headers, host: `127.0.0.1:${port}` } });
	const server = createServer((req, res) => {
		const path = new URL(req.url, 'http://x').pathname;
		if (!free(path) && !allowed(req)) return void res.writeHead(401, { 'Content-Type': 'application/problem+json' }).end('{"status":401,"detail":"a token is needed"}');
		told(path);
		req.pipe(request(to(req), (r) => (res.writeHead(r.statusCode, r.headers), r.pipe(res))).on('error', () => res.destroy()));
	});
	const sockets = new Set();
	server.on('upgrade', (req, socket) => {
		sockets.add(socket);
		socket.on('error', () => {});
		if (!allowed(req)) return void socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
		told('/ws');
		const { origin: _foreign, ...headers } = req.headers;
		const up = request({ ...to(req), headers: { ...headers, host: `127.0.0.1:${port}` } });
		up.on('error', () => socket.destroy());
		up.on('response', () => socket.destroy());
		up.on('upgrade', (r, other, head) => {
			sockets.add(other);
			other.on('error', () => {});
			socket.write(`HTTP/1.1 101 Switching Protocols\r\n${Object.entries(r.headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')}\r\n`);
			socket.write(head);
			socket.pipe(other).pipe(socket);
		});
		up.end();
	});
	const own = await listening(server);
	atEnd(() => {
		for (const s of sockets) s.destroy();
		server.closeAllConnections?.();
		server.close();
	});
	return { port: own, url: `http://127.0.0.1:${own}` };
}

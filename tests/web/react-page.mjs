// A page of somebody's React application: their bundler's work is done by an import map, React is what npm publishes, the hooks are ours,
// and the broadcaster is asked from another origin, which CORS_ORIGINS lets in, or behind the same one.
import { createServer, request } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import ts from 'typescript';
import { ROOT, atEnd, open, start, until } from './harness.mjs';

const UMD = { '/umd/react.js': 'react/umd/react.development.js', '/umd/react-dom.js': 'react-dom/umd/react-dom.development.js' };
const SHIM = `const R = globalThis.React;
export default R;
export const { Component, StrictMode, Suspense, createElement, memo, useCallback, useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState, useSyncExternalStore } = R;`;
const JSX = `import R from 'react';
export const Fragment = R.Fragment;
export const jsx = (type, { children, ...props }, key) => R.createElement(type, key === undefined ? props : { ...props, key }, ...(children === undefined ? [] : [children]));
export const jsxs = (type, { children, ...props }, key) => R.createElement(type, key === undefined ? props : { ...props, key }, ...children);`;
const DOM = 'export const { createRoot } = globalThis.ReactDOM; export const { flushSync } = globalThis.ReactDOM;';
const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>An application</title>
<script type="importmap">{"imports":{"react":"/shim/react.js","react/jsx-runtime":"/shim/jsx.js","react-dom/client":"/shim/dom.js","kato-live-react":"/lib/react/index.js"}}</script>
<script src="/umd/react.js"></script><script src="/umd/react-dom.js"></script><script type="module" src="/app.js"></script></head><body><div id="root"></div></body></html>`;
const SHIMS = { '/shim/react.js': SHIM, '/shim/jsx.js': JSX, '/shim/dom.js': DOM };

/** What a bundler makes of JSX. @param {string} source */
export const compiled = (source) => ts.transpileModule(source, { compilerOptions: { jsx: ts.JsxEmit.ReactJSX, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText;

/** @param {string} path @param {string} app */
function fileOf(path, app) {
	if (path === '/app.js') return app;
	if (SHIMS[path]) return SHIMS[path];
	const file = UMD[path] ? join(ROOT, 'tests/web/node_modules', UMD[path]) : path.startsWith('/lib/') && !path.includes('..') ? join(ROOT, 'share', path.slice(5)) : '';
	if (file) return existsSync(file) ? readFileSync(file) : null;
	return extname(path) ? null : HTML;
}

/** @param {any} req @param {any} socket @param {Buffer} head @param {number} port */
function passOn(req, socket, head, port) {
	const up = request({ port, host: '127.0.0.1', path: req.url, headers: { ...req.headers, host: `127.0.0.1:${port}`, ...(req.headers.origin ? { origin: `http://127.0.0.1:${port}` } : {}) } });
	socket.on('error', () => up.destroy());
	up.on('error', () => socket.destroy());
	up.on('response', (res) => socket.end(`HTTP/1.1 ${res.statusCode} ${res.statusMessage}\r\nContent-Length: 0\r\n\r\n`));
	up.on('upgrade', (res, s, rest) => {
		s.on('error', () => socket.destroy());
		const lines = Object.entries(res.headers).map(([k, v]) => `${k}: ${v}\r\n`).join('');
		socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
		if (rest.length) socket.write(rest);
		if (head.length) s.write(head);
		s.pipe(socket).pipe(s);
		s.on('close', () => socket.destroy());
		socket.on('close', () => s.destroy());
	});
	up.end();
}

/** The application: its JSX, which imports what it needs; behind it, at /ws and /api, the broadcaster of that port. @param {string} source */
export async function application(source) {
	const app = compiled(source);
	const state = { port: 0 };
	const server = createServer((req, res) => {
		const path = new URL(/** @type {string} */ (req.url), 'http://x').pathname;
		if (path.startsWith('/api/')) {
			const up = request({ port: state.port, host: '127.0.0.1', path: req.url }, (r) => r.pipe(res.writeHead(/** @type {number} */ (r.statusCode), r.headers)));
			up.on('error', () => res.writeHead(502).end());
			return up.end();
		}
		const body = fileOf(path, app);
		if (body === null) return res.writeHead(404).end();
		res.writeHead(200, { 'Content-Type': extname(path) === '.js' ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8' });
		res.end(body);
	});
	const sockets = new Set();
	server.on('upgrade', (req, socket, head) => {
		sockets.add(socket.on('close', () => sockets.delete(socket)));
		passOn(req, socket, head, state.port);
	});
	await new Promise((r) => server.listen(0, '127.0.0.1', () => r(null)));
	const port = /** @type {any} */ (server.address()).port;
	atEnd(async () => {
		for (const s of sockets) s.destroy();
		server.closeAllConnections?.();
		await new Promise((r) => server.close(r));
	});
	return { port, url: `http://127.0.0.1:${port}`, state };
}

/** An application with its own broadcaster behind it; the page counts its sockets and what it sends: __sockets, __sent. @param {string} source */
export async function withServer(source, options = {}) {
	const app = await application(source);
	const b = await start(options);
	app.state.port = b.port;
	return { app, b };
}

/** To be run in a page before anything else: who opens sockets, and what goes out. */
function spy() {
	const w = /** @type {any} */ (globalThis);
	w.__sockets = [];
	w.__sent = [];
	const Real = w.WebSocket;
	w.WebSocket = class extends Real {
		constructor(...a) {
			super(...a);
			w.__sockets.push(this);
		}
		send(data) {
			w.__sent.push(String(data));
			return super.send(data);
		}
	};
}

/** A page whose sockets are counted. @param {string} url @param {any} [options] */
export const see = (url, { before = async (_page) => {}, ...more } = {}) => open(url, { ...more, before: async (page) => (await page.addInitScript(spy), before(page)) });
export const text = (page, id) => page.locator(`#${id}`).textContent({ timeout: 5000 }).catch(() => '');
export const shows = (page, id, want) => until(async () => (await text(page, id)) === String(want), { what: `#${id} says ${want}` }).catch(async (e) => {
	throw new Error(`${e.message}; it says ${await text(page, id)}`);
});
export const openSockets = (page) => page.evaluate(() => globalThis.__sockets.filter((s) => s.readyState < 2).length);
export const allSockets = (page) => page.evaluate(() => globalThis.__sockets.length);

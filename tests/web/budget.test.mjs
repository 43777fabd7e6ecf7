// What the page costs and what it may: its size, its policy, whom it asks.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import ts from 'typescript';
import { ROOT, alert, containers, metrics, open, sessions, start, test } from './harness.mjs';

const FOLDER = join(ROOT, 'share/dashboard');
const files = (dir) => readdirSync(dir).flatMap((n) => (statSync(join(dir, n)).isDirectory() ? files(join(dir, n)) : [join(dir, n)]));

/** @returns {Promise<{status: number, headers: any, body: Buffer}>} as it was sent, not unpacked */
const raw = (url) =>
	new Promise((done, failed) =>
		get(url, { headers: { 'Accept-Encoding': 'gzip' } }, (res) => {
			const parts = [];
			res.on('data', (d) => parts.push(d)).on('end', () => done({ status: res.statusCode, headers: res.headers, body: Buffer.concat(parts) }));
		}).on('error', failed),
	);

async function walk(page, b) {
	for (const name of ['Containers', 'Sessions', 'Data', 'Overview']) {
		await page.getByRole('link', { name, exact: true }).first().click();
		await page.getByRole('link', { name, exact: true, includeHidden: true }).and(page.locator('[aria-current]')).first().waitFor();
		b.feed(metrics(), containers(), sessions());
	}
	await page.getByRole('button', { name: /^Alerts/ }).first().click();
	await page.getByRole('searchbox').last().fill('cpu');
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await page.keyboard.press('Escape');
}

/** Fetched only when the Diagnostics page is opened. */
const later = (path) => /^\/diag[a-z]*\.(js|css)$/.test(path);

test('page and chart library are under 150 KB, and the Diagnostics page under 30 more, packed as they are sent', async (t) => {
	const b = await start();
	let all = 0, diagnostics = 0;
	const parts = [];
	for (const f of files(FOLDER)) {
		const path = f.slice(FOLDER.length);
		const sent = (await raw(b.url.replace(/\/$/, '') + path)).body.length;
		if (later(path)) diagnostics += sent;
		else all += sent;
		parts.push(`${path} ${sent}`);
		assert.ok(sent <= Math.min(statSync(f).size, gzipSync(readFileSync(f), { level: 9 }).length * 1.12 + 64), `${path} is sent packed`);
	}
	t.diagnostic(`${(all / 1000).toFixed(1)} KB of 150 KB, ${(diagnostics / 1000).toFixed(1)} KB of 30 KB: ${parts.join(', ')}`);
	assert.ok(all < 150_000, `${all} bytes`);
	assert.ok(diagnostics > 0 && diagnostics < 30_000, `${diagnostics} bytes of the Diagnostics page`);
});

test('what only the Diagnostics page needs is asked for when it is opened, and not before', async () => {
	const b = await start();
	b.feed(metrics(), containers(), sessions(), { type: 'overall_health', timestamp: new Date().toISOString(), source: 'healthd', data: { status: 'unknown', services: 0 } });
	const asked = [];
	const page = await open(b.url, { before: async (p) => void p.on('request', (r) => asked.push(new URL(r.url()).pathname)) });
	await walk(page, b);
	assert.deepEqual(asked.filter(later), []);
	await page.getByRole('link', { name: 'Diagnostics', exact: true }).click();
	await page.getByText('No service is known yet').waitFor();
	assert.deepEqual([...new Set(asked.filter(later))].sort(), files(FOLDER).map((f) => f.slice(FOLDER.length)).filter(later).sort());
	assert.deepEqual(page.faults, []);
});

test('what is left out of a source on its way is comment and indentation alone', async () => {
	const b = await start();
	const bare = (text) => ts.transpileModule(text, { compilerOptions: { removeComments: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext } }).outputText;
	const css = (text) => text.replace(/\/\*[^]*?\*\//g, '').replace(/\s+/g, ' ');
	for (const f of files(FOLDER).filter((n) => /\.(js|css)$/.test(n))) {
		const { body, headers } = await raw(b.url.replace(/\/$/, '') + f.slice(FOLDER.length));
		const sent = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString(), own = readFileSync(f, 'utf8');
		const alike = f.endsWith('.css') ? css : bare;
		if (f.includes('/vendor/')) assert.equal(sent, own, f);
		else assert.equal(alike(sent).trim(), alike(own).trim(), f);
	}
});

test('the policy lets nothing in but our own files', async () => {
	const b = await start();
	const at = b.url.replace(/\/$/, '');
	for (const path of ['/', '/containers', '/app.js', '/style.css', '/vendor/uPlot.iife.min.js']) {
		const policy = (await raw(at + path)).headers['content-security-policy'] ?? '';
		const rules = new Map(policy.split(/; */).map((r) => [r.split(' ')[0], r.split(' ').slice(1)]));
		assert.deepEqual(rules.get('default-src'), ["'none'"], path);
		for (const r of ['script-src', 'style-src', 'connect-src']) assert.deepEqual(rules.get(r), ["'self'"], `${path} ${r}`);
		assert.doesNotMatch(policy, /unsafe|\*|https?:/, path);
	}
});

test('no page breaks the policy, asks another host or throws', async () => {
	const b = await start();
	b.feed(metrics(), containers(), sessions(), alert());
	const page = await open(b.url);
	await walk(page, b);
	assert.deepEqual(await page.evaluate(() => globalThis.cspReports), []);
	assert.deepEqual(page.faults, []);
});

test('with a policy broken on purpose the count is not 0', async () => {
	const b = await start();
	const page = await open(b.url);
	await page.evaluate(() => {
		const s = document.createElement('script');
		s.textContent = 'globalThis.hacked = 1';
		document.head.append(s);
	});
	await page.waitForFunction(() => globalThis.cspReports.length > 0);
	assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
});

test('nothing of a page is markup that came with the style or the program inside', async () => {
	const b = await start();
	b.feed(metrics(), containers(), sessions(), alert());
	const source = (await raw(b.url)).body;
	const html = source[0] === 0x1f ? gunzipSync(source).toString() : source.toString();
	assert.doesNotMatch(html, /<style|style=|\son[a-z]+=|<script(?![^>]*\bsrc=)/);
	assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
});

test('the chart library is what its author published', () => {
	assert.match(execFileSync(join(ROOT, 'tests/tools/vendor-check'), ['--offline']).toString(), /uplot@1\.6\.32/);
});

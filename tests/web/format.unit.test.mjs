import assert from 'node:assert/strict';
import test from 'node:test';
import * as f from '../../share/dashboard/format.js';

const HOSTILE = [undefined, null, NaN, Infinity, -Infinity, '5', '', {}, [], true, 10n, Symbol('x'), () => 1, new Date(0)];
const FIGURES = ['count', 'plain', 'rate', 'percent', 'ms', 'bytes', 'mb', 'bytesPerSecond', 'duration', 'clock', 'dateTime', 'utc'];

for (const name of FIGURES)
	test(`${name} gives a dash for whatever is not a finite number`, () => {
		for (const v of HOSTILE) assert.equal(f[name](v), '–', String(name));
	});

test('no finite number, however large or small, makes a word that is not a figure', () => {
	for (const name of FIGURES)
		for (const v of [0, -0, 1e308, -1e308, 5e-324, 8.64e15, 8.65e15, -1, 2 ** 53])
			assert.doesNotMatch(f[name](v), /undefined|NaN|null|Infinity|object/, `${name}(${v})`);
});

test('ago is a dash when either time is unknown', () => {
	for (const v of HOSTILE) {
		assert.equal(f.ago(v, 5), '–');
		assert.equal(f.ago(5, v), '–');
	}
});

const table = {
	count: [[0, '0'], [48611, '48,611'], [1234567.4, '1,234,567'], [-0.2, '0'], [-5, '-5']],
	plain: [[3, '3'], [0.25, '0.25'], [1234.56, '1,234.6'], [-0.00123, '-0.0012'], [0, '0']],
	rate: [[0, '0.00'], [0.4, '0.40'], [12.53, '12.5'], [99.96, '100'], [340.2, '340']],
	percent: [[0.2, '0.20 %'], [9.996, '10.0 %'], [45.23, '45.2 %'], [100, '100.0 %']],
	ms: [[0.0123, '12.3 ms'], [0.25, '250 ms'], [1.25, '1.25 s'], [0, '0.0 ms'], [75, '75.0 s']],
	bytes: [[0, '0 B'], [500, '500 B'], [1024, '1.0 KB'], [1048575, '1.0 MB'], [157286400, '150 MB']],
	mb: [[120.5, '120.5 MB'], [1776, '1,776 MB'], [16384, '16.0 GB']],
	bytesPerSecond: [[2048, '2.0 KB/s'], [0, '0 B/s']],
	duration: [[0, '0s'], [350, '0.3s'], [45000, '45s'], [200000, '3m 20s'], [180000, '3m'], [7500000, '2h 5m'], [270000000, '3d 3h'], [-5, '0s']],
};
for (const [name, rows] of Object.entries(table))
	test(`${name} writes what an operator reads`, () => {
		for (const [value, text] of rows) assert.equal(f[name](value), text);
	});

test('percent takes the digits that are asked for', () => assert.equal(f.percent(12.3456, 3), '12.346 %'));

test('ago goes from now over seconds, minutes and hours to days, and knows the future', () => {
	const now = 1e12, ago = (ms) => f.ago(now - ms, now);
	assert.deepEqual([0, 1400, 12000, 59999, 60000, 180000, 7200000, 86400000, 5 * 86400000, -180000].map(ago),
		['just now', 'just now', '12 s ago', '59 s ago', '1 min ago', '3 min ago', '2 h ago', '1 day ago', '5 days ago', 'in 3 min']);
});

test('times are local and of 24 hours, UTC says so', () => {
	const d = new Date(2026, 10, 20, 23, 5, 9);
	assert.equal(f.clock(d.getTime()), '23:05:09');
	assert.equal(f.dateTime(d.getTime()), '2026-11-20 23:05:09');
	assert.equal(f.utc(Date.UTC(2026, 10, 20, 22, 26, 38, 219)), '2026-11-20 22:26:38 UTC');
	assert.equal(f.when(d.getTime(), d.getTime() + 60000), '23:05:09');
	assert.equal(f.when(d.getTime(), d.getTime() + 86400000), '2026-11-20 23:05:09');
});

test('parseTime reads RFC 3339, seconds and milliseconds, and nothing else', () => {
	const at = Date.UTC(2026, 10, 20, 22, 4, 45, 219);
	assert.equal(f.parseTime('2026-11-20T22:04:45.219Z'), at);
	assert.equal(f.parseTime('2026-11-20T22:04:45.219'), at, 'text without a zone is UTC');
	assert.equal(f.parseTime('2026-11-21T00:04:45.219+02:00'), at);
	assert.equal(f.parseTime(at / 1000), at);
	assert.equal(f.parseTime(at), at);
	for (const v of [undefined, null, '', 'soon', '12', 0, -5, NaN, Infinity, 1e300, {}, [], '2026-13-45T99:99:99Z', 'x'.repeat(1e6)]) assert.equal(f.parseTime(v), null);
});

test('text of a peer is cut, and what is no text is empty', () => {
	assert.equal(f.text('x'.repeat(1000)).length, 200);
	assert.equal(f.text(5), '5');
	for (const v of [undefined, null, {}, [], NaN, () => 1]) assert.equal(f.text(v), '');
});

test('plural counts in words', () => assert.deepEqual([0, 1, 2].map((n) => f.plural(n, 'container')), ['0 containers', '1 container', '2 containers']));

// Numbers and times as an operator reads them. Pure; every function gives '–' for what is not a finite number.

/** What stands where nothing is known. */
export const NONE = '–';

const LOCALE = 'en';
const MOST_MS = 8.64e15; // as far as Date reaches
const BYTES = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/** @param {unknown} n @returns {n is number} */
export const isNumber = (n) => typeof n === 'number' && Number.isFinite(n);

/** @param {number} n @param {number} digits */
function fixed(n, digits) {
	if (Math.abs(n) >= 1e15) return n.toExponential(2);
	let f = formats.get(digits);
	if (!f) formats.set(digits, (f = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits })));
	return f.format(n + 0).replace(/^-(0(\.0*)?)$/, '$1');
}

/** Digits after the point so that about three figures are seen. @param {number} n */
const digitsOf = (n) => (Math.abs(n) < 9.995 ? 2 : Math.abs(n) < 99.95 ? 1 : 0);

/** 48,611 @param {unknown} n */
export const count = (n) => (isNumber(n) ? fixed(n, 0) : NONE);

/** A number of unknown kind, as exact as is useful: 3, 0.25, 1,234.5 @param {unknown} n */
export function plain(n) {
	if (!isNumber(n)) return NONE;
	if (n !== 0 && Math.abs(n) < 0.005) return n.toPrecision(2);
	return fixed(n, Number.isInteger(n) ? 0 : Math.abs(n) < 100 ? 2 : 1);
}

/** Per second, without the unit: 0.40, 12.5, 340 @param {unknown} n */
export const rate = (n) => (isNumber(n) ? fixed(n, digitsOf(n)) : NONE);

/** Of 0 to 100 (a fraction is multiplied by the caller): 45.2 %, 0.20 % @param {unknown} n @param {number} [digits] */
export const percent = (n, digits) => (isNumber(n) ? `${fixed(n, digits ?? (Math.abs(n) < 9.995 ? 2 : 1))} %` : NONE);

/** Seconds, shown as a time of response: 12.0 ms, 1.25 s @param {unknown} seconds */
export function ms(seconds) {
	if (!isNumber(seconds)) return NONE;
	if (Math.abs(seconds) >= 0.9995) return `${fixed(seconds, digitsOf(seconds))} s`;
	return `${fixed(seconds * 1000, Math.abs(seconds) < 0.09995 ? 1 : 0)} ms`;
}

/** 1 KB is 1024 bytes, as docker stats and KATO count. @param {unknown} n */
export function bytes(n) {
	if (!isNumber(n)) return NONE;
	let v = n, unit = 0;
	while (Math.abs(v) >= 1023.5 && unit < BYTES.length - 1) {
		v /= 1024;
		unit++;
	}
	return `${fixed(v, unit && Math.abs(v) < 99.95 ? 1 : 0)} ${BYTES[unit]}`;
}

/** Megabytes as they come in records: 120.5 MB, 1,776 MB, 16.0 GB @param {unknown} n */
export function mb(n) {
	if (!isNumber(n)) return NONE;
	if (Math.abs(n) >= 9999.5) return bytes(n * 1048576);
	return `${fixed(n, Math.abs(n) < 999.95 ? 1 : 0)} MB`;
}

/** 2.0 KB/s @param {unknown} n */
export const bytesPerSecond = (n) => (isNumber(n) ? `${bytes(n)}/s` : NONE);

/** How long, of milliseconds: 0.4s, 45s, 3m 20s, 2h 5m, 4d 3h @param {unknown} span */
export function duration(span) {
	if (!isNumber(span)) return NONE;
	const s = Math.max(0, Math.floor(span / 1000));
	if (s < 1) return span >= 100 ? `${(Math.floor(span / 100) / 10).toFixed(1)}s` : '0s';
	if (s < 60) return `${s}s`;
	const pair = (/** @type {number} */ big, /** @type {string} */ a, /** @type {number} */ small, /** @type {string} */ b) => {
		const n = Math.floor(s / big), rest = Math.floor((s % big) / small);
		return rest ? `${count(n)}${a} ${rest}${b}` : `${count(n)}${a}`;
	};
	if (s < 3600) return pair(60, 'm', 1, 's');
	return s < 86400 ? pair(3600, 'h', 60, 'm') : pair(86400, 'd', 3600, 'h');
}

/** How long ago: just now, 12 s ago, 3 min ago, 2 h ago, 5 days ago; what is yet to come: in 3 min @param {unknown} at @param {number} now */
export function ago(at, now) {
	if (!isNumber(at) || !isNumber(now)) return NONE;
	const gone = now - at;
	if (Math.abs(gone) < 1500) return 'just now';
	const s = Math.floor(Math.abs(gone) / 1000);
	let text = `${s} s`;
	if (s >= 60) text = `${Math.floor(s / 60)} min`;
	if (s >= 3600) text = `${Math.floor(s / 3600)} h`;
	if (s >= 86400) text = s < 172800 ? '1 day' : `${count(Math.floor(s / 86400))} days`;
	return gone > 0 ? `${text} ago` : `in ${text}`;
}

/** @param {number} n @param {number} [width] */
const two = (n, width = 2) => String(n).padStart(width, '0');
/** @param {unknown} at @returns {Date | null} */
const dateOf = (at) => (isNumber(at) && Math.abs(at) <= MOST_MS ? new Date(at) : null);

/** Local time of day, 24 hours: 23:26:38 @param {unknown} at */
export function clock(at) {
	const d = dateOf(at);
	return d ? `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}` : NONE;
}

/** Local: 2026-11-20 23:26:38 @param {unknown} at */
export function dateTime(at) {
	const d = dateOf(at);
	return d ? `${two(d.getFullYear(), 4)}-${two(d.getMonth() + 1)}-${two(d.getDate())} ${clock(at)}` : NONE;
}

/** The time of day when it is of today, else with its date. @param {unknown} at @param {number} now */
export function when(at, now) {
	const d = dateOf(at), today = dateOf(now);
	if (!d || !today) return NONE;
	return d.toDateString() === today.toDateString() ? clock(at) : dateTime(at);
}

/** For titles: 2026-11-20 22:26:38 UTC @param {unknown} at */
export function utc(at) {
	const d = dateOf(at);
	return d ? `${d.toISOString().slice(0, -5).replace('T', ' ')} UTC` : NONE;
}

/**
 * Milliseconds of a time stamp: RFC 3339 text, or seconds or milliseconds since 1970; null for anything else.
 * Text without a zone is UTC, as our programs mean it.
 * @param {unknown} v @returns {number | null}
 */
export function parseTime(v) {
	if (isNumber(v)) {
		const at = Math.abs(v) < 1e11 ? v * 1000 : v;
		return v > 0 && at <= MOST_MS ? at : null;
	}
	if (typeof v !== 'string' || v.length > 40 || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(v)) return null;
	const at = Date.parse(/(Z|[+-]\d\d:?\d\d)$/i.test(v) ? v : `${v}Z`);
	return Number.isFinite(at) ? at : null;
}

/** Text of a peer, cut to what a line can bear. @param {unknown} v @param {number} [most] */
export function text(v, most = 200) {
	const s = typeof v === 'string' ? v : isNumber(v) || typeof v === 'boolean' ? String(v) : '';
	return s.length > most ? `${s.slice(0, most - 1)}…` : s;
}

/** One thing, two things. @param {number} n @param {string} one @param {string} [more] */
export const plural = (n, one, more = `${one}s`) => `${count(n)} ${n === 1 ? one : more}`;

// What a chart draws: windows of time, cut into steps, of which each holds the mean of its readings, or the newest when it is
// no longer than a second. No DOM.
//
// A window never grows: a column is a ring of `max` cells and some, and a reading goes into the cell of its time. A cell without a reading is NaN;
// where the line breaks is for gapOf to say, by how far apart the readings of that stretch usually lie.

/**
 * @typedef {{timestamp: number, value: number | null}} Point   seconds
 * @typedef {{x: Float64Array, y: Float64Array[], n: number}} Columns   made by createColumns, filled by columns(); n rows of each count
 * @typedef {ReturnType<typeof createSeries>} Series
 */

/** Beyond it a number is no measurement, and one such would press all others to the ground. */
export const MOST = 1e12;
const EDGE = 8; // cells beside the window that are drawn into, so that lines reach its edge
const WIDEST = 64; // cells between two readings that are told apart when the usual distance is sought
const INTERVALS = 3;
const EXACT_S = 1; // cells no longer than this hold their newest reading as it was, longer ones the mean

/** Seconds as in a record: not before 1970, nor for Date to choke on. @param {unknown} t @returns {t is number} */
const isTime = (t) => typeof t === 'number' && t > 0 && t < 8.64e12;
/** @param {unknown} v @returns {v is number} */
const isValue = (v) => typeof v === 'number' && v >= -MOST && v <= MOST;

/** Room for the rows of a drawing, used again for each. @param {number} count of series @param {number} rows */
export const createColumns = (count, rows) => ({ x: new Float64Array(rows), y: Array.from({ length: count }, () => new Float64Array(rows)), n: 0 });

/** One series: a ring of cells. @param {number} size @param {number} step */
function createColumn(size, step) {
	const time = new Float64Array(size), value = new Float64Array(size).fill(NaN);
	const count = new Int32Array(size); // of live readings; below zero: of those of the history
	let newest = -Infinity; // the bucket that was added last, counted from 1970

	/** @param {number} bucket */
	const cell = (bucket) => ((bucket % size) + size) % size;
	/** @param {number} i */
	function wipe(i) {
		value[i] = NaN;
		time[i] = 0;
		count[i] = 0;
	}
	/** @param {number} bucket */
	function moveTo(bucket) {
		const first = Math.max(newest + 1, bucket - size + 1);
		for (let b = first; b <= bucket; b++) wipe(cell(b));
		newest = bucket;
	}
	/** @param {number} t @param {number} v @param {1|-1} sign */
	function put(t, v, sign) {
		const bucket = Math.floor(t / step);
		if (bucket > newest) moveTo(bucket);
		if (bucket <= newest - size) return false;
		const i = cell(bucket);
		if (sign < 0 && count[i] > 0) return false; // what was heard counts, not what is told of it
		if (sign > 0 && count[i] < 0) wipe(i);
		if (step <= EXACT_S && count[i] && t < time[i]) return false;
		const n = step <= EXACT_S ? 1 : Math.abs(count[i]) + 1;
		count[i] = n * sign;
		value[i] = n === 1 ? v : value[i] + (v - value[i]) / n;
		time[i] = n === 1 ? t : time[i] + (t - time[i]) / n;
		return true;
	}
	return {
		version: 0,
		put,
		get newest() { return newest; },
		/** @param {number} bucket */
		timeAt: (bucket) => (bucket > newest || bucket <= newest - size ? 0 : time[cell(bucket)]),
		/** @param {number} bucket */
		valueAt: (bucket) => (bucket > newest || bucket <= newest - size ? NaN : value[cell(bucket)]),
		/** Takes away what the history told between two times. @param {number} from @param {number} to */
		forgetTold(from, to) {
			const last = Math.min(newest, Math.floor(to / step));
			for (let b = Math.max(newest - size + 1, Math.floor(from / step)); b <= last; b++) if (count[cell(b)] < 0) wipe(cell(b));
		},
		/** Takes away what lies behind a time. @param {number} t */
		cut(t) {
			const last = Math.floor(t / step);
			for (let b = Math.max(newest - size + 1, last + 1); b <= newest; b++) wipe(cell(b));
			newest = Math.min(newest, last);
		},
	};
}

/**
 * @param {{seconds: number, max: number, spare?: number}} options a window of so many seconds in so many cells; and how many more are kept behind it
 */
export function createSeries({ seconds, max, spare = 0 }) {
	const step = seconds / max, size = max + spare + 2 * EDGE;
	/** @type {Map<string, ReturnType<typeof createColumn>>} */
	const all = new Map();

	/** @param {string} name */
	function columnOf(name) {
		let c = all.get(name);
		if (!c) all.set(name, (c = createColumn(size, step)));
		return c;
	}

	return {
		step,
		/** Rows that columns() may need. */
		rows: size,
		/** How far back it reaches, seconds. */
		reach: (max + spare) * step,
		/** @param {string} name @param {number} t seconds @param {number | null} value null and what is no number: nothing was read */
		add(name, t, value) {
			if (!isTime(t) || !isValue(value)) return;
			const c = columnOf(name);
			if (c.put(t, value, 1)) c.version++;
		},
		/** What the history tells, where nothing was heard live. @param {string} name @param {unknown} points */
		fill(name, points) {
			if (!Array.isArray(points)) return;
			const good = points.filter((p) => isTime(p?.timestamp) && isValue(p?.value));
			if (!good.length) return;
			const c = columnOf(name);
			let first = Infinity, last = -Infinity;
			for (const { timestamp: t } of good) {
				first = Math.min(first, t);
				last = Math.max(last, t);
			}
			c.forgetTold(first - step, last);
			for (const p of good) c.put(p.timestamp, p.value, -1);
			c.version++;
		},
		/** @param {string} name */
		drop: (name) => void all.delete(name),
		/** The clock was set back: what was read later than this is of a time that is yet to come. @param {number} t */
		cut(t) {
			for (const c of all.values()) {
				c.cut(t);
				c.version++;
			}
		},
		/** Rises with each change. @param {string} name */
		version: (name) => all.get(name)?.version ?? 0,
		/** The time of the newest reading, seconds. @param {string} name @returns {number | null} */
		newest(name) {
			const c = all.get(name);
			if (!c || c.newest === -Infinity) return null;
			for (let b = c.newest; b > c.newest - size; b--) if (c.timeAt(b)) return c.timeAt(b);
			return null;
		},
		/**
		 * The rows between two times and a little beyond, those in which any of the series was read. Nothing is allocated.
		 * @param {number} from @param {number} to seconds @param {string[]} names @param {Columns} into @param {number[]} [scale] factors
		 */
		columns(from, to, names, into, scale = []) {
			const columns = names.map((name) => all.get(name)), last = Math.floor(to / step) + EDGE;
			let n = 0;
			for (let b = Math.max(Math.floor(from / step) - EDGE, last - into.x.length + 1); b <= last; b++) {
				let t = 0;
				for (let k = 0; k < columns.length; k++) {
					const c = columns[k], v = c ? c.valueAt(b) : NaN;
					into.y[k][n] = v * (scale[k] ?? 1);
					if (!t && c && v === v) t = c.timeAt(b);
				}
				if (t) into.x[n++] = t;
			}
			into.n = n;
			return into;
		},
	};
}

const tally = new Uint32Array(WIDEST + 1);

/**
 * How far apart two readings of a series may lie for a line to join them: three times their usual distance, seconds.
 * @param {Columns} c @param {number} k which series @param {number} step
 */
export function gapOf(c, k, step) {
	tally.fill(0);
	let before = NaN, seen = 0;
	for (let i = 0; i < c.n; i++) {
		if (c.y[k][i] !== c.y[k][i]) continue;
		if (before === before) {
			tally[Math.min(WIDEST, Math.max(1, Math.round((c.x[i] - before) / step)))]++;
			seen++;
		}
		before = c.x[i];
	}
	let usual = 0;
	for (let left = seen / 2; left > 0 && usual < WIDEST; ) left -= tally[++usual];
	return INTERVALS * Math.max(1, usual) * step + step / 2;
}

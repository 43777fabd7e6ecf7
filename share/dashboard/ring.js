// The last ten minutes of one figure: a ring of sixty buckets of ten seconds, and its line. Pure.

export const POINTS = 60;
const STEP = 10; // seconds a bucket
export const WIDTH = 2; // of the drawing, a point
export const HEIGHT = 20;

/** @typedef {ReturnType<typeof createRing>} Ring */

/** Means of ten seconds each; nothing is allocated when a value is added. */
export function createRing() {
	const sum = new Float64Array(POINTS), seen = new Uint32Array(POINTS);
	let newest = -Infinity; // the bucket of the last value, counted from 1970

	/** @param {number} bucket */
	function moveTo(bucket) {
		const steps = Math.min(POINTS, bucket - newest);
		for (let i = 1; i <= steps; i++) {
			const at = (((bucket - steps + i) % POINTS) + POINTS) % POINTS;
			sum[at] = 0;
			seen[at] = 0;
		}
		newest = bucket;
	}
	return {
		/** @param {number} t seconds @param {number | null} value */
		add(t, value) {
			const bucket = Math.floor(t / STEP);
			if (value === null || !Number.isFinite(value) || !Number.isFinite(bucket) || bucket <= newest - POINTS) return;
			if (bucket > newest) moveTo(bucket);
			const at = ((bucket % POINTS) + POINTS) % POINTS;
			sum[at] += value;
			seen[at]++;
		},
		/** The mean of the bucket that many before the one of t; null where nothing was read. @param {number} t seconds @param {number} back */
		value(t, back) {
			const bucket = Math.floor(t / STEP) - back;
			if (bucket > newest || bucket <= newest - POINTS) return null;
			const at = ((bucket % POINTS) + POINTS) % POINTS;
			return seen[at] ? sum[at] / seen[at] : null;
		},
		get newest() {
			return newest === -Infinity ? null : newest * STEP;
		},
	};
}

/**
 * The path of a ring as it is at a time, and its extremes; an empty path when nothing is known.
 * @param {Ring} ring @param {number} t seconds @param {{floor: number, zero?: boolean}} scale floor: the least span of the axis
 * @param {number} [gap] buckets that may lack before the line breaks
 */
export function sparkPath(ring, t, { floor, zero = true }, gap = 3) {
	let low = Infinity, high = -Infinity;
	for (let back = POINTS - 1; back >= 0; back--) {
		const v = ring.value(t, back);
		if (v === null) continue;
		if (v < low) low = v;
		if (v > high) high = v;
	}
	if (high === -Infinity) return { d: '', low: null, high: null };
	const bottom = zero ? 0 : Math.max(0, (low + high) / 2 - Math.max(floor, high - low) / 2);
	const span = zero ? Math.max(floor, high) : Math.max(floor, high - low);
	let d = '', last = -Infinity, alone = false;
	for (let back = POINTS - 1; back >= 0; back--) {
		const v = ring.value(t, back);
		if (v === null) continue;
		const x = POINTS - 1 - back, y = Math.round((1 - (v - bottom) / span) * (HEIGHT - 3) * 10) / 10 + 1.5;
		const joined = x - last <= gap;
		if (!joined && alone) d += 'h.1';
		d += `${joined ? 'L' : 'M'}${x * WIDTH} ${y}`;
		alone = !joined;
		last = x;
	}
	return { d: alone ? `${d}h.1` : d, low, high };
}

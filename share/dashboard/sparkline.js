// A figure's last ten minutes as a small line beside it.
import { setAttr, svg } from './dom.js';
import { HEIGHT, POINTS, WIDTH, sparkPath } from './ring.js';

/** The drawing; its colour is its class's. The number stands beside it, so that nobody has to see it. @param {string} className */
export function createSparkline(className) {
	const path = svg('path', { class: 'spark-line' });
	const el = svg('svg', { class: `spark ${className}`, viewBox: `-1 0 ${(POINTS - 1) * WIDTH + 2} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true', focusable: 'false' }, path);
	return {
		el,
		/** @param {import('./ring.js').Ring} ring @param {number} t seconds @param {{floor: number, zero?: boolean}} scale @param {number} [gap] */
		draw(ring, t, scale, gap) {
			setAttr(path, 'd', sparkPath(ring, t, scale, gap).d);
		},
	};
}

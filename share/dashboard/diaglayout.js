// Where the nodes of a graph stand and how its edges run: in layers from left to right, who needs before who is needed, few crossings.
// The same nodes and edges give the same drawing, whatever order they came in. Pure.

/**
 * @typedef {{id: string, width: number}} Box
 * @typedef {{x: number, y: number, width: number}} Place the middle of its left side, and how wide it is
 * @typedef {{x: number, y: number}} Point
 * @typedef {{points: Point[], loop: boolean}} Route from source to target
 * @typedef {{width: number, height: number, places: Map<string, Place>, routes: (Route | null)[]}} Layout   routes: as the edges were given
 * @typedef {{id: string, width: number, layer: number, order: number, y: number, tall: number, dummy: boolean, ins: Item[], outs: Item[], x: number, column: number}} Item
 */

export const NODE_HEIGHT = 28;
const ROW = 38, THREAD = 12; // how far apart nodes stand, and the turns of long edges
const GAP_LEAST = 48, GAP_MOST = 130, SPACE = 34;
const DUMMIES_MAX = 2500; // beyond, long edges run straight
const SWEEPS = 8;

/** Those of the same order by id. @param {string} a @param {string} b */
const byId = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Sets of nodes that hang together, the largest first. @param {string[]} ids @param {Map<string, Set<string>>} near */
function components(ids, near) {
	const seen = new Set(), out = /** @type {string[][]} */ ([]);
	for (const id of ids) {
		if (seen.has(id)) continue;
		const all = [id];
		seen.add(id);
		for (let i = 0; i < all.length; i++)
			for (const n of near.get(all[i]) ?? []) if (!seen.has(n)) {
				seen.add(n);
				all.push(n);
			}
		out.push(all.sort(byId));
	}
	return out.sort((a, b) => b.length - a.length || byId(a[0], b[0]));
}

/** The edges that close a cycle when one walks from whom nobody needs. @param {string[]} ids @param {Map<string, string[]>} outs @param {Set<string>} needed @returns {Set<string>} */
function closing(ids, outs, needed) {
	const state = new Map(), back = new Set();
	for (const root of [...ids.filter((id) => !needed.has(id)), ...ids]) {
		if (state.has(root)) continue;
		/** @type {[string, number][]} */
		const stack = [[root, 0]];
		state.set(root, 1);
		while (stack.length) {
			const top = stack[stack.length - 1], next = outs.get(top[0])?.[top[1]++];
			if (next === undefined) {
				state.set(top[0], 2);
				stack.pop();
			} else if (state.get(next) === 1) back.add(`${top[0]}\n${next}`);
			else if (!state.has(next)) {
				state.set(next, 1);
				stack.push([next, 0]);
			}
		}
	}
	return back;
}

/** As far right as whoever needs them says; who is needed only stands beside whoever it needs. @param {Item[]} items */
function setLayers(items) {
	const left = new Map(items.map((n) => [n, n.ins.length])), queue = items.filter((n) => !n.ins.length);
	for (let i = 0; i < queue.length; i++)
		for (const m of queue[i].outs) {
			m.layer = Math.max(m.layer, queue[i].layer + 1);
			const rest = /** @type {number} */ (left.get(m)) - 1;
			left.set(m, rest);
			if (!rest) queue.push(m);
		}
	for (const n of queue.reverse()) if (!n.ins.length && n.outs.length) n.layer = Math.min(...n.outs.map((m) => m.layer)) - 1;
}

/** By how few steps they are reached from whom nobody needs: for what goes in circles, which would make the longest of chains. @param {Item[]} items */
function setSteps(items) {
	const left = new Set(items), rank = (/** @type {Item} */ n) => n.outs.length - n.ins.length;
	for (const n of items) n.layer = -1;
	while (left.size) {
		const roots = items.filter((n) => left.has(n) && !n.ins.length);
		let queue = roots.length ? roots : [[...left].reduce((a, b) => (rank(b) > rank(a) ? b : a))];
		for (const n of queue) n.layer = 0;
		for (; queue.length; queue = queue.flatMap((n) => n.outs.filter((m) => m.layer < 0 && ((m.layer = n.layer + 1), true)))) for (const n of queue) left.delete(n);
	}
}

/** @param {string} id @param {number} width @param {boolean} dummy @returns {Item} */
const item = (id, width, dummy) => ({ id, width, layer: 0, order: 0, y: 0, tall: dummy ? THREAD : ROW, dummy, ins: [], outs: [], x: 0, column: 0 });

/** @param {Item} a @param {Item} b */
function join(a, b) {
	a.outs.push(b);
	b.ins.push(a);
}

/** An item in each layer that a long edge passes. @param {Item[]} items @param {[Item, Item][]} edges @returns {Item[][]} of each edge, its items from left to right */
function thread(items, edges) {
	const spans = edges.reduce((n, [a, b]) => n + b.layer - a.layer - 1, 0);
	for (const n of items) n.ins = [], n.outs = [];
	return edges.map(([a, b], k) => {
		const chain = [a];
		if (spans <= DUMMIES_MAX)
			for (let l = a.layer + 1; l < b.layer; l++) {
				const d = item(`${k} ${l}`, 0, true);
				d.layer = l;
				items.push(d);
				chain.push(d);
			}
		chain.push(b);
		if (a.layer !== b.layer) for (let i = 1; i < chain.length; i++) join(chain[i - 1], chain[i]);
		return chain;
	});
}

/** @param {Item[]} list @param {number} otherwise */
const mean = (list, otherwise) => (list.length ? list.reduce((s, m) => s + m.order, 0) / list.length : otherwise);

/** How often the edges between two layers cross. @param {Item[]} layer the right one */
function crossings(layer) {
	const ends = layer.flatMap((n) => n.ins.map((m) => m.order).sort((a, b) => a - b)), size = Math.max(0, ...ends) + 2, tree = new Int32Array(size + 1);
	let n = 0;
	for (let i = 0; i < ends.length; i++) {
		let before = 0;
		for (let k = ends[i] + 1; k > 0; k -= k & -k) before += tree[k];
		n += i - before;
		for (let k = ends[i] + 1; k <= size; k += k & -k) tree[k]++;
	}
	return n;
}

/** Each between its neighbours, to and fro; the best of it is kept. @param {Item[][]} layers */
function untangle(layers) {
	const number = (/** @type {Item[]} */ layer) => layer.forEach((n, i) => (n.order = i));
	layers.forEach(number);
	let best = layers.map((l) => [...l]), least = Infinity;
	for (let i = 0; i <= SWEEPS; i++) {
		const count = layers.reduce((s, l) => s + crossings(l), 0);
		if (count < least) {
			least = count;
			best = layers.map((l) => [...l]);
		}
		if (!least || i === SWEEPS) break;
		const down = i % 2 === 0;
		for (const layer of down ? layers : [...layers].reverse()) {
			const wish = new Map(layer.map((n) => [n, mean(down ? n.ins : n.outs, n.order)]));
			layer.sort((a, b) => /** @type {number} */ (wish.get(a)) - /** @type {number} */ (wish.get(b)) || a.order - b.order);
			number(layer);
		}
	}
	best.forEach((layer, i) => {
		layers[i] = layer;
		number(layer);
	});
}

/** As near to their wishes as the order and their heights allow. @param {Item[]} column @param {(n: Item) => number} wish */
function settle(column, wish) {
	/** @type {{sum: number, many: number, items: number}[]} */
	const blocks = [];
	const offsets = /** @type {number[]} */ ([]);
	let at = 0;
	for (const n of column) {
		offsets.push(at + n.tall / 2);
		at += n.tall;
	}
	column.forEach((n, i) => {
		let b = { sum: wish(n) - offsets[i], many: 1, items: 1 };
		for (let last = blocks.at(-1); last && last.sum / last.many >= b.sum / b.many; last = blocks.at(-1)) {
			blocks.pop();
			b = { sum: last.sum + b.sum, many: last.many + b.many, items: last.items + b.items };
		}
		blocks.push(b);
	});
	let i = 0;
	for (const b of blocks) for (let k = 0; k < b.items; k++, i++) column[i].y = b.sum / b.many + offsets[i];
}

/** Heights: each near the middle of its neighbours. @param {Item[][]} columns */
function straighten(columns) {
	for (const c of columns) settle(c, () => 0);
	const near = (/** @type {Item[]} */ list, /** @type {Item} */ n) => (list.length ? list.reduce((s, m) => s + m.y, 0) / list.length : n.y);
	for (let i = 0; i < SWEEPS; i++) {
		const down = i % 2 === 0;
		for (const c of down ? columns : [...columns].reverse()) settle(c, (n) => (i < SWEEPS - 2 ? near(down ? n.ins : n.outs, n) : near([...n.ins, ...n.outs], n)));
	}
	const all = columns.flat(), top = Math.min(...all.map((n) => n.y - n.tall / 2));
	for (const n of all) n.y -= top;
}

/** A layer that is too high stands in several columns. @param {Item[][]} layers @param {number} rows at most */
function columnsOf(layers, rows) {
	return layers.flatMap((layer) => {
		const many = Math.ceil(layer.filter((n) => !n.dummy).length / rows);
		if (many < 2) return [layer];
		const out = Array.from({ length: many }, () => /** @type {Item[]} */ ([]));
		let i = 0;
		for (const n of layer) out[n.dummy ? 0 : i++ % many].push(n);
		return out;
	});
}

/** @param {Item[][]} columns */
function setWidths(columns) {
	let x = 0;
	columns.forEach((c, i) => {
		const wide = Math.max(0, ...c.map((n) => n.width)), lines = c.reduce((s, n) => s + n.outs.length, 0);
		for (const n of c) {
			n.x = x;
			n.column = wide;
			if (!n.dummy) n.width = wide;
		}
		x += wide + (i < columns.length - 1 ? Math.min(GAP_MOST, GAP_LEAST + 2 * lines) : 0);
	});
	return x;
}

/** @param {{source: string, target: string, i: number}} e @param {Map<string, Item>} of @param {boolean} back */
function turn(e, of, back) {
	const a = /** @type {Item} */ (of.get(e.source)), b = /** @type {Item} */ (of.get(e.target));
	return { i: e.i, back, ends: /** @type {[Item, Item]} */ (back ? [b, a] : [a, b]) };
}

/** @typedef {{items: Item[], chains: Map<number, {items: Item[], back: boolean}>, width: number, height: number}} Block */

/** @param {string[]} ids @param {Map<string, number>} widths @param {{source: string, target: string, i: number}[]} edges without loops, in order @param {number} rows @returns {Block} */
function layBlock(ids, widths, edges, rows) {
	const items = ids.map((id) => item(id, widths.get(id) ?? 0, false)), of = new Map(items.map((n) => [n.id, n]));
	/** @type {Map<string, string[]>} */
	const outs = new Map();
	for (const e of edges) outs.set(e.source, [...(outs.get(e.source) ?? []), e.target]);
	const back = closing(ids, outs, new Set(edges.map((e) => e.target)));
	let turned = edges.map((e) => turn(e, of, back.has(`${e.source}\n${e.target}`)));
	for (const { ends } of turned) join(...ends);
	setLayers(items);
	if (Math.max(...items.map((n) => n.layer)) >= Math.max(10, Math.sqrt(items.length))) {
		for (const n of items) n.ins = [], n.outs = [];
		for (const e of edges) join(...turn(e, of, false).ends);
		setSteps(items);
		turned = edges.map((e) => turn(e, of, /** @type {Item} */ (of.get(e.source)).layer > /** @type {Item} */ (of.get(e.target)).layer));
	}
	const low = Math.min(...items.map((n) => n.layer)), chains = thread(items, turned.map((t) => t.ends));
	/** @type {Item[][]} */
	const layers = [];
	for (const n of items) (layers[n.layer - low] ??= []).push(n);
	const filled = layers.filter(Boolean);
	untangle(filled);
	const columns = columnsOf(filled, rows), width = setWidths(columns);
	straighten(columns);
	return { items, chains: new Map(turned.map((t, k) => [t.i, { items: chains[k], back: t.back }])), width, height: Math.max(...items.map((n) => n.y + n.tall / 2)) };
}

/** @param {Item[]} chain from left to right @param {boolean} back @param {number} dx @param {number} dy @returns {Point[]} */
function pointsOf(chain, back, dx, dy) {
	const out = /** @type {Point[]} */ ([]), shift = back ? 6 : 0, [a] = chain, z = chain[chain.length - 1]; // there and back are two lines
	if (a.x === z.x) return [a, z].map((n) => ({ x: n.x + dx + n.width, y: n.y + dy + 3 }));
	chain.forEach((n, i) => {
		const y = n.y + dy + shift;
		if (i > 0) out.push({ x: n.x + dx, y });
		if (i < chain.length - 1) out.push({ x: n.x + dx + (n.dummy ? n.column : n.width), y });
	});
	return back ? out.reverse() : out;
}

/** Blocks in rows, those that hang together first. @param {{width: number, height: number}[]} blocks @param {number} wide @returns {{at: Point[], width: number, height: number}} */
function shelve(blocks, wide) {
	let x = 0, y = 0, tall = 0, width = 0;
	const at = blocks.map((b) => {
		if (x && x + b.width > wide) {
			y += tall + SPACE / 3;
			x = tall = 0;
		}
		const p = { x, y };
		x += b.width + SPACE;
		tall = Math.max(tall, b.height);
		width = Math.max(width, x - SPACE);
		return p;
	});
	return { at, width, height: y + tall };
}

/**
 * @param {Box[]} boxes each id once @param {{source: string, target: string}[]} edges of which both ends are among them
 * @param {number} [aspect] how much wider than high it should be, about @returns {Layout}
 */
export function layOut(boxes, edges, aspect = 2) {
	const widths = new Map(boxes.map((b) => [b.id, b.width])), ids = [...widths.keys()].sort(byId);
	/** @type {Map<string, Set<string>>} */
	const near = new Map(ids.map((id) => [id, new Set()]));
	const good = edges.map((e, i) => ({ ...e, i })).filter((e) => e.source !== e.target && near.has(e.source) && near.has(e.target));
	good.sort((a, b) => byId(a.source, b.source) || byId(a.target, b.target));
	for (const { source, target } of good) {
		near.get(source)?.add(target);
		near.get(target)?.add(source);
	}
	const parts = components(ids, near), rows = Math.max(10, Math.ceil(1.6 * Math.sqrt((170 / ROW / aspect) * ids.length)));
	const home = new Map(parts.flatMap((p, k) => p.map((id) => [id, k])));
	const mine = parts.map(() => /** @type {typeof good} */ ([]));
	for (const e of good) mine[/** @type {number} */ (home.get(e.source))].push(e);
	const blocks = parts.map((p, k) => layBlock(p, widths, mine[k], rows));
	const area = blocks.reduce((s, b) => s + (b.width + SPACE) * (b.height + SPACE / 3), 0);
	const { at, width, height } = shelve(blocks, Math.max(600, Math.sqrt(area * aspect), ...blocks.map((b) => b.width)));
	/** @type {Map<string, Place>} */
	const places = new Map();
	const routes = /** @type {(Route | null)[]} */ (edges.map(() => null));
	blocks.forEach((b, k) => {
		for (const n of b.items) if (!n.dummy) places.set(n.id, { x: n.x + at[k].x, y: n.y + at[k].y, width: n.width });
		for (const [i, c] of b.chains) routes[i] = { points: pointsOf(c.items, c.back, at[k].x, at[k].y), loop: false };
	});
	edges.forEach((e, i) => {
		const p = e.source === e.target ? places.get(e.source) : undefined;
		if (p) routes[i] = { points: [{ x: p.x + p.width * 0.7, y: p.y }, { x: p.x + p.width * 0.9, y: p.y }], loop: true };
	});
	return { width, height, places, routes };
}

/** @param {number} n */
const r = (n) => Math.round(n * 10) / 10;

/** A route as a path, with the head of an arrow at its end. @param {Route} route */
export function pathOf({ points, loop }) {
	const [first] = points, last = points[points.length - 1], h = NODE_HEIGHT / 2;
	if (loop) return `M${r(first.x)} ${r(first.y - h)}C${r(first.x - 4)} ${r(first.y - h - 14)} ${r(last.x + 4)} ${r(last.y - h - 14)} ${r(last.x)} ${r(last.y - h)}m-5 -4l5 4l2 -6`;
	let d = `M${r(first.x)} ${r(first.y)}`;
	if (points.length === 2 && first.x === last.x) {
		const out = r(first.x + Math.min(60, 18 + Math.abs(last.y - first.y) / 5));
		return `${d}C${out} ${r(first.y)} ${out} ${r(last.y)} ${r(last.x)} ${r(last.y)}m7 -4l-7 4l7 4`;
	}
	for (let i = 1; i < points.length; i++) {
		const a = points[i - 1], b = points[i], mid = (a.x + b.x) / 2;
		d += Math.abs(a.y - b.y) < 0.5 ? `L${r(b.x)} ${r(b.y)}` : `C${r(mid)} ${r(a.y)} ${r(mid)} ${r(b.y)} ${r(b.x)} ${r(b.y)}`;
	}
	const way = points.length > 1 && points[points.length - 2].x > last.x ? -1 : 1;
	return `${d}m${-7 * way} -4l${7 * way} 4l${-7 * way} 4`;
}

/** Where a mark of an edge is put: on its middle. @param {Route} route @returns {Point} */
export function middleOf({ points, loop }) {
	if (loop) return { x: (points[0].x + points[1].x) / 2, y: points[0].y - NODE_HEIGHT / 2 - 11 };
	const k = Math.max(1, Math.ceil((points.length - 1) / 2)), a = points[k - 1], b = points[k];
	const bow = a.x === b.x ? 0.75 * Math.min(60, 18 + Math.abs(b.y - a.y) / 5) : 0;
	return { x: (a.x + b.x) / 2 + bow, y: (a.y + b.y) / 2 };
}

// The graph of who needs whom, drawn: nodes with their status as shape, colour and word, edges with what is wrong on them. The drawing
// stands still while values change; it is laid out anew only when services or dependencies come or go.
import { STATUSES, scoreText } from './diagread.js';
import { NODE_HEIGHT, layOut, middleOf, pathOf } from './diaglayout.js';
import { h, setAttr, setHidden, setText, svg } from './dom.js';
import { count, plural } from './format.js';

/** @typedef {import('./diagmodel.js').Picture} Picture @typedef {import('./diagread.js').Edge} Edge */
/** @typedef {{id: string, name: string, status: import('./diagread.js').Status, known: boolean, old: boolean, anomalies: number, score: number | null}} Node */

export const NODES_MAX = 300; // of more, those that are not well and whoever stands beside them
const EDGES_MAX = 1500, DENSE = 120;
const NAME_SHOWN = 22, LETTER = 7.1;
const PAD = 14;
const SETTLED_MS = 250, SETTLED_MOST_MS = 1500; // services come one by one: not laid out for each
const SCALES = [0.25, 0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2];
const READABLE = 0.8;
const SLICE = 60; // nodes made in a frame

/** Shapes that tell the status without colour, about 0 0. @type {Record<string, string>} */
const SHAPES = {
	healthy: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z', degraded: 'M0 -6L6.5 5.5H-6.5z', failed: 'M-5.5 -3L-3 -5.5L0 -2.5L3 -5.5L5.5 -3L2.5 0L5.5 3L3 5.5L0 2.5L-3 5.5L-5.5 3L-2.5 0z',
	unknown: 'M-4.5 -4.5h9v9h-9z',
};
const CROSS = 'm-4.5 -4.5l9 9m0 -9l-9 9', BANG = 'm-6 5l6 -11l6 11z';

/** @param {string} s */
const cut = (s) => (s.length > NAME_SHOWN ? `${s.slice(0, NAME_SHOWN - 1)}…` : s);

/**
 * Who is drawn: all, or of too many those that are not well, then their neighbours, then those that were drawn before.
 * @param {Picture} picture @param {Set<string>} before @returns {Set<string>}
 */
export function chosen({ services, edges }, before) {
	const all = new Set(services.map((s) => s.id));
	for (const e of edges) all.add(e.source).add(e.target);
	if (all.size <= NODES_MAX) return all;
	const out = new Set([...before].filter((id) => all.has(id)).slice(0, NODES_MAX));
	const add = (/** @type {string} */ id) => out.size < NODES_MAX && out.add(id);
	const ill = services.filter((s) => s.status === 'failed' || s.status === 'degraded');
	const marked = edges.filter((e) => e.failing || e.abnormal);
	if (ill.some((s) => !out.has(s.id)) && out.size >= NODES_MAX) out.clear();
	for (const s of ill) add(s.id);
	for (const e of marked) add(e.source) && add(e.target);
	for (const e of edges) if (out.has(e.source) || out.has(e.target)) add(e.source) && add(e.target);
	for (const s of services) add(s.id);
	return out;
}

/** What an edge is drawn as. @param {Edge} e @param {number} most the largest rate @returns {string} */
function lookOf(e, most) {
	if (e.failing) return 'failing';
	if (e.abnormal) return 'abnormal';
	if (!e.measured || e.rate === null) return 'silent';
	const share = most > 0 ? Math.log1p(e.rate) / Math.log1p(most) : 0;
	return share > 0.75 ? 'busy' : share > 0.35 ? 'some' : 'calm';
}
const LINES = ['silent', 'calm', 'some', 'busy', 'abnormal', 'failing'];

/** One service as it stands in the drawing. @param {Node} first @param {import('./diaglayout.js').Place} place */
function createNode(first, place) {
	const box = svg('rect', { class: 'diag-box', x: 0, y: -NODE_HEIGHT / 2, width: place.width, height: NODE_HEIGHT, rx: 7 });
	const shape = svg('path', { class: 'diag-shape', transform: 'translate(15 0)' }), name = svg('text', { class: 'diag-name', x: 28, y: 4.5 }, cut(first.name));
	const badge = svg('text', { class: 'diag-count', x: place.width - 8, y: 4.5, 'text-anchor': 'end' }), title = svg('title');
	const el = svg('g', { class: 'diag-node', role: 'option', tabindex: -1, transform: `translate(${place.x + PAD} ${place.y + PAD})`, dataset: { id: first.id } }, title, box, shape, name, badge);
	let drawn = '';
	/** @param {Node} n @param {string} words */
	function draw(n, words) {
		const key = `${n.status} ${n.known} ${n.old} ${n.anomalies} ${n.name} ${words}`;
		if (key === drawn) return;
		drawn = key;
		setAttr(el, 'data-status', n.known ? n.status : 'foreign');
		el.classList.toggle('old', n.old);
		setAttr(shape, 'd', SHAPES[n.status]);
		setText(name, cut(n.name));
		setText(badge, n.anomalies ? `!${n.anomalies > 99 ? '99+' : n.anomalies}` : '');
		setText(title, words);
		setAttr(el, 'aria-label', words);
	}
	return { el, draw, place };
}

/** The signs, each with how many there are. */
function createLegend() {
	const items = STATUSES.map((status) => ({ status, n: h('b') }));
	const sign = (/** @type {string} */ status) => svg('svg', { class: 'diag-sign', viewBox: '-8 -8 16 16', 'aria-hidden': 'true', 'data-status': status }, svg('path', { class: 'diag-shape', d: SHAPES[status] }));
	const line = (/** @type {string} */ look, /** @type {string} */ mark) => svg('svg', { class: 'diag-sign wide', viewBox: '0 -8 34 16', 'aria-hidden': 'true' }, svg('path', { class: `diag-line ${look}`, d: 'M1 0H30m-5 -4l5 4l-5 4' }), mark ? svg('path', { class: `diag-mark ${look}`, d: `M13 0${mark}` }) : null);
	const el = h('ul', { class: 'diag-legend', 'aria-label': 'Signs' }, items.map(({ status, n }) => h('li', null, sign(status), ` ${status} `, n)),
		h('li', null, line('some', ''), ' needs; thicker: more requests'), h('li', null, line('failing', CROSS), ' needs what is not well'), h('li', null, line('abnormal', BANG), ' abnormal traffic'));
	/** @param {Picture['counts']} counts */
	const draw = (counts) => items.forEach(({ status, n }) => setText(n, count(counts[status])));
	return { el, draw };
}

/** @param {{onOpen: (id: string) => void, onShow: (id: string) => void, isOld: (s: import('./diagread.js').Service) => boolean}} o onShow: somebody looks at it; '': at none */
export function createGraph({ onOpen, onShow, isOld }) {
	const lines = new Map(LINES.map((l) => [l, svg('path', { class: `diag-line ${l}` })]));
	const marks = new Map(['failing', 'abnormal'].map((l) => [l, svg('path', { class: `diag-mark ${l}` })]));
	const near = svg('path', { class: 'diag-line near' }), nodesBox = svg('g', { role: 'presentation' });
	const drawing = svg('svg', { class: 'diag-drawing', role: 'listbox', tabindex: -1, 'aria-label': 'Services and what they need', 'aria-orientation': 'horizontal' },
		svg('g', { role: 'presentation', transform: `translate(${PAD} ${PAD})` }, [...lines.values()], near, [...marks.values()]), nodesBox);
	const frame = h('div', { class: 'diag-frame' }, drawing), legend = createLegend(), left = h('p', { class: 'quiet', hidden: true });
	const button = (/** @type {string} */ label, /** @type {string} */ name, /** @type {() => void} */ run) => h('button', { type: 'button', class: 'btn', 'aria-label': name, title: name, on: { click: run } }, label);
	const tools = h('div', { class: 'diag-zoom', role: 'group', 'aria-label': 'Zoom' }, button('−', 'Smaller', () => zoom(-1)), button('+', 'Larger', () => zoom(1)), button('Whole', 'Show the whole graph', () => fit(true)));
	const el = h('div', { class: 'diag-graph' }, frame, legend.el, left);

	/** @type {Map<string, ReturnType<typeof createNode>>} */
	const nodes = new Map();
	/** @type {Map<string, import('./diaglayout.js').Route>} */
	let routes = new Map();
	let laid = { width: 0, height: 0 }, structure = '', wanted = '', changedAt = 0, since = 0, scale = 1, chose = false, shown = '', focused = '';
	let ids = new Set(/** @type {string[]} */ ([])), edges = /** @type {Edge[]} */ ([]), building = 0, pending = /** @type {string[]} */ ([]), fits = /** @type {((id: string) => boolean) | null} */ (null);
	let last = /** @type {Picture | null} */ (null);

	// --- its size ---

	function resize() {
		const w = laid.width + 2 * PAD, hgt = laid.height + 2 * PAD;
		setAttr(drawing, 'viewBox', `0 0 ${Math.max(1, w)} ${Math.max(1, hgt)}`);
		setAttr(drawing, 'width', String(Math.round(w * scale)));
		setAttr(drawing, 'height', String(Math.round(hgt * scale)));
	}
	/** @param {boolean} whole else as wide as there is room, while it can be read */
	function fit(whole) {
		const wide = (frame.clientWidth || 1000) - 2, tall = Math.max(200, Math.min(innerHeight * 0.7, 760)) - 4;
		const across = wide / (laid.width + 2 * PAD), down = tall / (laid.height + 2 * PAD);
		scale = whole ? Math.min(1.2, across, down) : Math.max(READABLE, Math.min(1.1, across));
		chose = whole;
		resize();
	}
	/** @param {number} step */
	function zoom(step) {
		const next = step > 0 ? SCALES.find((s) => s > scale + 0.01) : [...SCALES].reverse().find((s) => s < scale - 0.01);
		if (!next) return;
		const x = (frame.scrollLeft + frame.clientWidth / 2) / scale, y = (frame.scrollTop + frame.clientHeight / 2) / scale;
		scale = next;
		chose = true;
		resize();
		frame.scrollTo(x * scale - frame.clientWidth / 2, y * scale - frame.clientHeight / 2);
	}
	frame.addEventListener('wheel', (e) => {
		if (!e.ctrlKey) return; // the wheel alone scrolls
		e.preventDefault();
		zoom(e.deltaY < 0 ? 1 : -1);
	}, { passive: false });
	new ResizeObserver(() => structure && !chose && fit(false)).observe(el);

	// --- by pointer and keys ---

	/** @param {EventTarget | null} t */
	const idAt = (t) => (t instanceof Element ? (/** @type {SVGElement | null} */ (t.closest('.diag-node'))?.dataset.id ?? '') : '');

	/** @param {string} id */
	function show(id) {
		if (id === shown) return;
		shown = id;
		const beside = new Set([id]);
		let d = '';
		for (const e of edges) {
			if (e.source !== id && e.target !== id) continue;
			beside.add(e.source).add(e.target);
			const route = routes.get(e.key);
			if (route) d += pathOf(route);
		}
		setAttr(near, 'd', d || null);
		drawing.classList.toggle('shows', Boolean(id));
		for (const [key, n] of nodes) {
			n.el.classList.toggle('beside', Boolean(id) && beside.has(key));
			n.el.classList.toggle('shown', key === id);
		}
		onShow(id);
	}
	/** @param {string} id @param {boolean} [move] */
	function select(id, move = true) {
		const old = nodes.get(focused), next = nodes.get(id);
		if (!next) return; // one of them can always be reached
		if (old) setAttr(old.el, 'tabindex', '-1'), setAttr(old.el, 'aria-selected', 'false');
		focused = id;
		setAttr(next.el, 'tabindex', '0');
		if (!move) return;
		setAttr(next.el, 'aria-selected', 'true');
		next.el.focus({ preventScroll: true });
		next.el.scrollIntoView({ block: 'nearest', inline: 'nearest' });
		show(id);
	}
	/** The nearest that way. @param {number} dx @param {number} dy */
	function step(dx, dy) {
		const from = nodes.get(focused)?.place;
		if (!from) return;
		let best = '', least = Infinity;
		for (const [id, { place: p }] of nodes) {
			const x = p.x - from.x, y = p.y - from.y, along = dx * x + dy * y, off = Math.abs(dx ? y : x);
			if (id === focused || along < 4) continue;
			const far = along + off * (dx ? 2.5 : 4);
			if (far < least) [best, least] = [id, far];
		}
		if (best) select(best);
	}
	drawing.addEventListener('keydown', (e) => {
		const ways = /** @type {Record<string, [number, number]>} */ ({ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });
		if (ways[e.key]) step(...ways[e.key]);
		else if ((e.key === 'Enter' || e.key === ' ') && nodes.has(focused)) onOpen(focused);
		else if (e.key === 'Home') select([...nodes.keys()][0] ?? '');
		else if (e.key === 'End') select([...nodes.keys()].at(-1) ?? '');
		else return;
		e.preventDefault();
	});
	drawing.addEventListener('focusin', (e) => select(idAt(e.target)));
	drawing.addEventListener('pointerover', (e) => idAt(e.target) && show(idAt(e.target)));
	drawing.addEventListener('pointerleave', () => show(drawing.contains(document.activeElement) ? focused : ''));
	let drag = /** @type {{x: number, y: number, left: number, top: number, moved: boolean} | null} */ (null);
	frame.addEventListener('pointerdown', (e) => {
		if (e.pointerType === 'mouse' && e.button === 0) drag = { x: e.clientX, y: e.clientY, left: frame.scrollLeft, top: frame.scrollTop, moved: false };
	});
	addEventListener('pointermove', (e) => {
		if (!drag) return;
		drag.moved ||= Math.abs(e.clientX - drag.x) + Math.abs(e.clientY - drag.y) > 5;
		if (drag.moved) frame.scrollTo(drag.left - e.clientX + drag.x, drag.top - e.clientY + drag.y);
	}, { passive: true });
	addEventListener('pointerup', () => setTimeout(() => (drag = null)));
	drawing.addEventListener('click', (e) => {
		const id = idAt(e.target);
		if (!id || drag?.moved) return;
		if (matchMedia('(hover: hover)').matches || id === shown) onOpen(id);
		else select(id);
	});

	// --- what is drawn ---

	/** @param {string} id @returns {Node} */
	function nodeOf(id) {
		const s = last?.byId.get(id);
		return s ? { id, name: s.name, status: s.status, known: true, old: isOld(s), anomalies: s.anomalies.length, score: s.score } : { id, name: id, status: 'unknown', known: false, old: false, anomalies: 0, score: null };
	}
	/** How many each needs, how many of those are not well, and how many need it. @type {Map<string, {needs: number, bad: number, used: number}>} */
	let degrees = new Map();
	function countEdges() {
		degrees = new Map([...ids].map((id) => [id, { needs: 0, bad: 0, used: 0 }]));
		for (const e of edges) {
			const a = degrees.get(e.source), b = degrees.get(e.target);
			if (a) a.needs++, a.bad += Number(Boolean(e.failing));
			if (b) b.used++;
		}
	}
	/** @param {Node} n */
	function wordsOf(n) {
		const { needs, bad, used } = degrees.get(n.id) ?? { needs: 0, bad: 0, used: 0 };
		return [n.name, n.known ? scoreText(n.status, n.score) : 'not measured, only named as a dependency', n.old ? 'not seen of late' : '', n.anomalies ? plural(n.anomalies, 'anomaly', 'anomalies') : '',
			`needs ${count(needs)}${bad ? `, ${count(bad)} not well` : ''}`, `needed by ${count(used)}`].filter(Boolean).join('; ');
	}

	/** Nodes not yet made, as many as a frame bears. */
	function build(many = SLICE) {
		building = 0;
		for (const id of pending.splice(0, many)) {
			const place = places.get(id), node = nodeOf(id);
			if (!place || nodes.has(id)) continue;
			const n = createNode(node, place);
			nodes.set(id, n);
			nodesBox.append(n.el);
			n.draw(node, wordsOf(node));
			mark(id, n);
		}
		select(nodes.has(focused) || pending.includes(focused) ? focused : ([...nodes.keys()][0] ?? ''), false);
		if (pending.length) building = requestAnimationFrame(() => build());
	}
	/** @param {string} id @param {ReturnType<typeof createNode>} n */
	const mark = (id, n) => n.el.classList.toggle('passed', fits !== null && !fits(id));

	let places = /** @type {Map<string, import('./diaglayout.js').Place>} */ (new Map());
	/** @param {Picture} picture */
	function lay(picture) {
		const names = [...ids].map((id) => ({ id, width: Math.max(70, cut(picture.byId.get(id)?.name ?? id).length * LETTER + 56) }));
		const l = layOut(names, edges, Math.max(0.8, Math.min(3, (frame.clientWidth || 1000) / 560)));
		const held = drawing.contains(document.activeElement) ? focused : '';
		laid = l;
		drawing.classList.toggle('dense', edges.length > DENSE);
		places = l.places;
		routes = new Map(edges.flatMap((e, i) => (l.routes[i] ? [[e.key, /** @type {any} */ (l.routes[i])]] : [])));
		cancelAnimationFrame(building);
		nodes.clear();
		nodesBox.replaceChildren();
		pending = [...places.keys()];
		if (chose) resize();
		else fit(false);
		build(held ? Infinity : SLICE);
		if (held) select(held);
		const was = shown;
		shown = '';
		show(places.has(was) ? was : '');
	}

	function drawLines() {
		const most = edges.reduce((m, e) => Math.max(m, e.rate ?? 0), 0), d = /** @type {Record<string, string>} */ ({}), m = /** @type {Record<string, string>} */ ({});
		for (const e of edges) {
			const route = routes.get(e.key), look = lookOf(e, most);
			if (!route) continue;
			d[look] = (d[look] ?? '') + pathOf(route);
			if (!e.failing && !e.abnormal) continue;
			const { x, y } = middleOf(route), put = (/** @type {string} */ mark, /** @type {number} */ at, /** @type {string} */ shape) => (m[mark] = `${m[mark] ?? ''}M${Math.round(at)} ${Math.round(y)}${shape}`);
			if (e.failing) put('failing', x, CROSS);
			if (e.abnormal) put('abnormal', e.failing ? x + 14 : x, BANG); // beside one another: each says something of its own
		}
		for (const [look, path] of lines) setAttr(path, 'd', d[look] ?? null);
		for (const [look, path] of marks) setAttr(path, 'd', m[look] ?? null);
	}

	return {
		el, tools,
		/** @param {Picture} picture @param {((id: string) => boolean) | null} filter who is looked for @returns {boolean} whether it wants to be drawn again soon */
		draw(picture, filter) {
			last = picture;
			fits = filter;
			legend.draw(picture.counts);
			ids = chosen(picture, ids);
			edges = picture.edges.filter((e) => ids.has(e.source) && ids.has(e.target));
			if (edges.length > EDGES_MAX) edges = edges.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, EDGES_MAX); // not those of the moment: it would jump
			countEdges();
			const now = performance.now(), key = `${[...ids].sort().join('\n')}\n\n${edges.map((e) => e.key).sort().join('\n\n')}`;
			if (key !== wanted) {
				wanted = key;
				changedAt = now;
				since ||= now;
			}
			const waits = key !== structure && structure !== '' && now - changedAt < SETTLED_MS && now - since < SETTLED_MOST_MS;
			if (key !== structure && !waits) {
				structure = key;
				since = 0;
				lay(picture);
			}
			drawLines();
			for (const [id, n] of nodes) {
				const node = nodeOf(id);
				n.draw(node, wordsOf(node));
				mark(id, n);
			}
			const more = picture.byId.size - ids.size;
			setText(left, more > 0 ? `${plural(more, 'service')} more not drawn: here are those that are not well, and who stands beside them. The table has all.` : '');
			setHidden(left, more <= 0);
			return waits;
		},
		get shown() { return shown; },
	};
}

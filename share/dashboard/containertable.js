// The table of containers as elements: rows are kept by key, written in place, moved only when their order changed. Who is far from
// the screen waits its turn, so that thousands of rows never hold up the page.
import { bytesPerSecond, count, plain } from './format.js';
import { NAME_SHOWN, addressName, cpuText, healthLook, memoryText, toMove } from './containerrows.js';
import { h, setAttr, setHidden } from './dom.js';
import { containerPath } from './pages.js';
import { createSparkline } from './sparkline.js';

/**
 * @typedef {import('./containerrows.js').Row} Row
 * @typedef {import('./containerrows.js').Column} Column
 * @typedef {{cpu: import('./ring.js').Ring, memory: import('./ring.js').Ring}} Rings
 * @typedef {ReturnType<typeof createLine>} Line
 */

const SLICE_MS = 4; // of a frame: for rows to be made, and of a draw for those out of sight
const MOVES = 30; // of rows in one frame
const MANY = 40; // rows: from there on those out of sight wait
const SLOW = 300; // rows: from there on those out of sight are not laid out, and the order changes less often
const SLOW_MS = 5000;
const NEAR_PX = 200; // beyond the edges of the window, drawn as if in sight
const HOLD_MS = 10000; // after the last movement over the rows: they stay where they are

/** @type {[Column, string, string][]} */
const HEADS = [
	['name', 'Name', ''], ['status', 'Status', 'Worst first'], ['cpu', 'CPU', '100 % is one core; line: the last 10 minutes'],
	['memory', 'Memory', 'Line: the last 10 minutes'], ['network', 'Network', 'Sorted by the sum of both'], ['disk', 'Disk', 'Sorted by the sum of both'],
	['restarts', 'Restarts', ''], ['pids', 'PIDs', 'Processes and threads'],
];
export const CPU_SCALE = { floor: 5 }, MEMORY_SCALE = { floor: 4, zero: false };

/** Text that is written only when it changed, without asking the document. @param {string} [className] */
function cell(className) {
	const node = document.createTextNode(''), el = h('span', className ? { class: className } : null, node);
	let said = '';
	/** @param {string} s */
	const set = (s) => {
		if (s !== said) node.data = said = s;
	};
	return { el, set };
}

/** A mark of shape and colour; the word stands beside it. */
export function createMark() {
	const mark = h('span', { class: 'mark quiet', 'aria-hidden': 'true' }), word = cell('status-word'), health = cell('health');
	let drawn = '';
	/** @param {Row} r */
	function draw(r) {
		const key = `${r.look} ${r.status} ${r.health}`;
		if (key === drawn) return;
		drawn = key;
		mark.className = `mark ${r.look}`;
		word.set(r.status || 'unknown');
		word.el.className = `status-word ${r.look === 'gone' ? 'bad' : r.look}`;
		health.set(r.health);
		health.el.className = `health ${healthLook(r.health)}`;
		setHidden(health.el, !r.health);
	}
	return { els: [mark, word.el, ' ', health.el], draw };
}

/** @param {string} label @param {...(Node | string)} children */
const td = (label, ...children) => h('td', { role: 'cell', class: `c-${label.toLowerCase()}`, dataset: { label } }, children);

/** Two figures, one below the other, each with its word. @param {string} a @param {string} b */
function pair(a, b) {
	const first = cell(), second = cell();
	const els = [h('span', { class: 'two' }, h('span', { class: 'quiet' }, a), ' ', first.el), ' ', h('span', { class: 'two' }, h('span', { class: 'quiet' }, b), ' ', second.el)];
	/** @param {number | null} x @param {number | null} y */
	function set(x, y) {
		first.set(bytesPerSecond(x));
		second.set(bytesPerSecond(y));
	}
	return { els, set };
}

/** @param {string} s */
const cut = (s) => (s.length > NAME_SHOWN ? `${s.slice(0, NAME_SHOWN - 1)}…` : s);

/** One row. @param {Row} first */
function createLine(first) {
	const image = cell('image quiet'), mark = createMark(), cpu = cell(), memory = cell(), network = pair('in', 'out'), disk = pair('read', 'write');
	const restarts = cell(), pids = cell(), cpuSpark = createSparkline('cpu'), memorySpark = createSparkline('memory');
	const link = h('a', { href: containerPath(addressName(first.key)), title: first.name, dir: 'auto' }, cut(first.name));
	const tr = h('tr', { role: 'row' },
		h('th', { scope: 'row', role: 'rowheader', class: 'c-name' }, link, image.el), td('Status', ...mark.els),
		td('CPU', cpu.el, cpuSpark.el), td('Memory', memory.el, memorySpark.el), td('Network', ...network.els), td('Disk', ...disk.els),
		td('Restarts', restarts.el), td('PIDs', pids.el));
	let drawn = /** @type {Row | null} */ (null), sparked = -1;

	/** @param {Row} r */
	function write(r) {
		drawn = r;
		image.set(cut(r.image));
		mark.draw(r);
		cpu.set(cpuText(r.cpu));
		memory.set(memoryText(r));
		network.set(r.rx, r.tx);
		disk.set(r.read, r.write);
		restarts.set(count(r.restarts));
		pids.set(count(r.pids));
		setAttr(tr, 'data-look', r.look);
	}
	return {
		tr, link, row: first,
		/** @param {Row} r */
		draw(r) {
			if (r !== drawn) write(r);
		},
		/** @param {Rings | undefined} rings @param {number} t seconds @param {number} version of the rings */
		spark(rings, t, version) {
			if (!rings || version === sparked) return;
			sparked = version;
			cpuSpark.draw(rings.cpu, t, CPU_SCALE);
			memorySpark.draw(rings.memory, t, MEMORY_SCALE);
		},
	};
}

/** The sums below. */
function createFoot() {
	const cpu = cell('figure'), cpuOf = cell('quiet of'), memory = cell('figure'), network = pair('in', 'out'), disk = pair('read', 'write'), restarts = cell(), pids = cell(), of = cell('quiet of');
	const el = h('tfoot', { role: 'rowgroup' }, h('tr', { role: 'row' }, h('th', { scope: 'row', role: 'rowheader', class: 'c-name' }, 'Total ', of.el), td('Status'),
		td('CPU', cpu.el, ' ', cpuOf.el), td('Memory', memory.el), td('Network', ...network.els), td('Disk', ...disk.els), td('Restarts', restarts.el), td('PIDs', pids.el)));
	return {
		el,
		/** @param {ReturnType<typeof import('./containerrows.js').totals>} sum @param {string} what @param {string} reference of the CPU */
		draw(sum, what, reference) {
			of.set(what);
			cpu.set(cpuText(sum.cpu));
			cpuOf.set(sum.cpu === null ? '' : reference);
			memory.set(memoryText(sum));
			network.set(sum.rx, sum.tx);
			disk.set(sum.read, sum.write);
			restarts.set(plain(sum.restarts));
			pids.set(plain(sum.pids));
		},
	};
}

/** @param {(by: Column) => void} onSort */
function createHead(onSort) {
	const heads = HEADS.map(([by, label, title]) => {
		const mark = h('span', { class: 'arrow', 'aria-hidden': 'true' });
		const th = h('th', { scope: 'col', role: 'columnheader', class: `c-${by}` }, h('button', { type: 'button', title: title || null, on: { click: () => onSort(by) } }, label, mark));
		return { by, th, mark };
	});
	return {
		el: h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, heads.map((x) => x.th))),
		/** @param {import('./containerrows.js').Sorting} sorting */
		draw({ by, down }) {
			for (const x of heads) {
				setAttr(x.th, 'aria-sort', x.by === by ? (down ? 'descending' : 'ascending') : null);
				const arrow = x.by === by ? (down ? '▼' : '▲') : '';
				if (x.mark.textContent !== arrow) x.mark.textContent = arrow;
			}
		},
	};
}

/**
 * Makes the body hold just these elements in this order, with as few moves as can be, from the top; true when no move is left for later.
 * @param {HTMLElement} body @param {Element[]} wanted @param {Element | null} pinned
 */
function arrange(body, wanted, pinned) {
	const want = new Set(wanted), have = [...body.children];
	for (const el of have) if (!want.has(el)) el.remove();
	const stay = have.filter((el) => want.has(el)), there = new Set(stay);
	const moving = toMove(stay, wanted.filter((el) => there.has(el)), pinned);
	let left = MOVES, last = /** @type {Element | null} */ (null);
	for (const el of wanted) {
		const place = last ? last.nextElementSibling : body.firstElementChild;
		if (el !== place && (moving.has(el) || !there.has(el))) {
			if (moving.has(el) && !left--) return false; // new ones are few: they are made in slices
			body.insertBefore(el, place);
		}
		last = el;
	}
	return true;
}

/** The first child that ends below a height of the window. @param {HTMLCollection} rows @param {number} y */
function firstBelow(rows, y) {
	let low = 0, high = rows.length;
	while (low < high) {
		const mid = (low + high) >> 1;
		if (rows[mid].getBoundingClientRect().bottom > y) high = mid;
		else low = mid + 1;
	}
	return low;
}

/**
 * @param {{onSort: (by: Column) => void, onOpen: (row: Row) => void, rings: (key: string) => Rings | undefined, now: () => number}} o
 */
export function createTable({ onSort, onOpen, rings, now }) {
	/** @type {Map<string, Line>} */
	const lines = new Map();
	/** @type {WeakMap<Element, Line>} */
	const ofTr = new WeakMap();
	const body = h('tbody', { role: 'rowgroup' }), head = createHead(onSort), foot = createFoot();
	const el = h('table', { role: 'table', 'aria-label': 'Containers', class: 'containers' }, head.el, body, foot.el);
	let rows = /** @type {Row[]} */ ([]), order = /** @type {Row[]} */ ([]), version = 0, waiting = 0, touched = -Infinity, over = false, ordered = -Infinity, next = 0;

	/** Who is near the window; few are so all. */
	function look() {
		if (lines.size <= MANY) return lines.forEach(show);
		const { children } = body, from = firstBelow(children, -NEAR_PX), to = Math.min(children.length, firstBelow(children, innerHeight + NEAR_PX) + 1);
		for (const line of [...children].slice(from, to).map((tr) => ofTr.get(tr))) if (line) show(line);
	}

	/** @param {Line} line */
	function show(line) {
		line.draw(line.row);
		line.spark(rings(line.row.key), now() / 1000, version);
	}

	/** @param {Row} row */
	function add(row) {
		const line = createLine(row);
		lines.set(row.key, line);
		ofTr.set(line.tr, line);
		line.draw(row);
		return line;
	}

	/** @param {Line} line */
	function drop(line) {
		line.tr.remove();
		lines.delete(line.row.key);
	}

	const touch = () => (touched = performance.now());
	const held = () => performance.now() - touched < HOLD_MS && (over || body.contains(document.activeElement));

	/** As it shall stand; while somebody points or reads there, what stood keeps its place and the new come last. @param {boolean} force */
	function place(force) {
		const t = performance.now(), waits = held() || (rows.length > SLOW && t - ordered < SLOW_MS);
		if (force || !order.length || !waits) {
			ordered = t;
			return rows;
		}
		const at = new Map(order.map((r, i) => [r.key, i]));
		return [...rows].sort((a, b) => (at.get(a.key) ?? Infinity) - (at.get(b.key) ?? Infinity) || 0);
	}

	/** Rows that are not there yet, as many as a slice bears; true when all are there and in their order. @param {number} until */
	function build(until) {
		/** @type {Element[]} */
		const there = [];
		for (const row of order) {
			let line = lines.get(row.key);
			if (!line && performance.now() > until) break;
			line ??= add(row);
			there.push(line.tr);
		}
		const active = document.activeElement, { children } = body;
		const right = there.length === children.length && there.every((tr, i) => children[i] === tr);
		const arranged = right || arrange(body, there, active && body.contains(active) ? active.closest('tr') : null);
		return arranged && there.length === order.length;
	}

	/** Of those out of sight, some at a time, in turn. @param {number} until */
	function writeSome(until) {
		for (let i = 0; i < order.length && performance.now() < until; i++) {
			const line = lines.get(order[next % order.length].key);
			next++;
			line?.draw(line.row);
		}
	}

	let looking = 0;
	function lookSoon() {
		looking ||= requestAnimationFrame(() => {
			looking = 0;
			if (el.isConnected) look();
		});
	}
	const scrolled = () => lines.size > MANY && lookSoon();
	addEventListener('scroll', scrolled, { passive: true });
	addEventListener('resize', scrolled, { passive: true });

	/** Looks first, while the layout is that of the last frame: to ask for it after a change would make it twice. */
	function work() {
		waiting = 0;
		look();
		if (build(performance.now() + SLICE_MS)) lookSoon();
		else waiting ||= requestAnimationFrame(work);
	}

	/** @param {EventTarget | null} target */
	const lineAt = (target) => (target instanceof Element ? ofTr.get(target.closest('tr') ?? target) : undefined);
	body.addEventListener('click', (e) => {
		const line = lineAt(e.target);
		if (!line || e.defaultPrevented || e.ctrlKey || e.metaKey || e.shiftKey || (e.target instanceof Element && e.target.closest('a'))) return;
		if (String(getSelection() ?? '')) return; // somebody is copying a name
		onOpen(line.row);
	});
	body.addEventListener('pointermove', () => {
		over = true;
		touch();
	}, { passive: true });
	body.addEventListener('pointerleave', () => (over = false));
	body.addEventListener('focusin', touch);
	body.addEventListener('keydown', touch);

	return {
		el,
		get held() { return held(); },
		/** @param {import('./containerrows.js').Sorting} sorting */
		sorted: (sorting) => head.draw(sorting),
		/** The rows to be seen, in order; force: somebody asked for this order. @param {Row[]} wanted @param {number} ringVersion @param {boolean} force */
		draw(wanted, ringVersion, force) {
			rows = wanted;
			version = ringVersion;
			el.classList.toggle('many', wanted.length > SLOW);
			order = place(force);
			const keys = new Set(order.map((r) => r.key));
			for (const [key, line] of lines) if (!keys.has(key)) drop(line);
			for (const row of order) {
				const line = lines.get(row.key);
				if (line) line.row = row;
			}
			work();
			writeSome(performance.now() + SLICE_MS);
		},
		total: foot.draw,
		/** The next draw may put all rows where they belong. */
		release() {
			over = false;
			touched = -Infinity;
		},
		/** @param {string} key */
		focus(key) {
			const line = lines.get(key);
			if (line) line.link.focus({ preventScroll: true });
			return Boolean(line);
		},
		get size() { return lines.size; },
	};
}

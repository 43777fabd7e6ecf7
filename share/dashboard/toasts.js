// Toasts, at the lower right: at most three, one a key with a count; errors stay, others go after ten seconds unless someone looks at
// them. The end of an alert takes its toast away without a word: it stands in the sidebar, with how long it lasted.
// What was there before the page, or before this connection, raises none; what was missed meanwhile at most one, that says how many.
import { toastsSetting } from './alertsettings.js';
import { LEVEL_WORD, TONE, factsText } from './alertwords.js';
import { h, setAttr, setHidden, setText } from './dom.js';
import { count } from './format.js';
import { SEEN_MAX, createToastQueue } from './toastqueue.js';

/** @typedef {import('./toastqueue.js').Toast} Toast */
/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {{alertlog: import('./alertlog.js').AlertLog, openAlerts: (key?: string) => void, alerts?: any, live?: any, hello?: number|null, now: () => number}} Ctx */

const AT_ONCE = 10; // drawn at once within one frame; more wait for the next
const GATHER_MS = 400; // what was missed comes in a bunch
const OLD_MS = 60000; // while polling, older ones were missed
const TEXT_MAX = 300;

/** @param {string} s */
const short = (s) => (s.length > TEXT_MAX ? `${s.slice(0, TEXT_MAX - 1)}…` : s);

/** @param {string} key @param {{open: (key: string) => void, dismiss: (key: string) => void}} how */
function createBox(key, how) {
	const badge = h('span', { class: 'badge' }), label = h('strong'), times = h('span', { class: 'toast-count' });
	const message = h('span', { class: 'toast-message' }), facts = h('span', { class: 'quiet' });
	const body = h('button', { type: 'button', class: 'toast-open', title: 'Show in the list of alerts', on: { click: () => how.open(key) } },
		h('span', { class: 'toast-head' }, badge, label, times), message, facts);
	const dismiss = h('button', { type: 'button', class: 'btn small toast-dismiss', on: { click: () => how.dismiss(key) } }, 'Dismiss');
	const el = h('div', { class: 'toast', role: 'group' }, body, dismiss);
	/** @param {Toast} t */
	function draw(t) {
		badge.className = `badge ${TONE[t.level]}`;
		el.dataset.stand = t.level;
		setAttr(el, 'aria-label', `${LEVEL_WORD[t.level]}: ${t.label}`);
		setText(badge, LEVEL_WORD[t.level]);
		setText(label, t.label);
		setHidden(times, t.count < 2 || !t.entry);
		setText(times, `×${count(t.count)}`);
		setText(message, short(t.message));
		setText(facts, t.entry ? factsText(t.entry) : '');
	}
	return { key, el, dismiss, draw };
}

/** @param {Ctx} ctx */
export function createToasts(ctx) {
	const queue = createToastQueue();
	const polite = h('div', { class: 'toast-stack', 'aria-live': 'polite', 'aria-relevant': 'additions text' });
	const assertive = h('div', { class: 'toast-stack', 'aria-live': 'assertive', 'aria-relevant': 'additions text' });
	const moreText = h('button', { type: 'button', class: 'toast-open', on: { click: () => openAll() } });
	const more = h('div', { class: 'toast toast-more', hidden: true }, moreText,
		h('button', { type: 'button', class: 'btn small', on: { click: () => hideRest() } }, 'Hide these'));
	const el = h('section', { class: 'toasts', 'aria-label': 'Notifications', on: { keydown, mouseenter: hold, mouseleave: letGo, focusin: hold, focusout: letGo } }, more, polite, assertive);
	/** @type {Map<string, ReturnType<typeof createBox>>} */
	const boxes = new Map();
	let hovered = false, timer = 0, from = Date.now();

	// --- time ---
	const held = () => hovered || document.hidden || el.contains(document.activeElement);
	let wasHeld = false;
	/** Counts the time since it was last looked at, unless it was held, and sets the next alarm. */
	function run() {
		const now = Date.now();
		const went = !wasHeld && queue.pass(Math.max(0, now - from));
		from = now;
		wasHeld = held();
		clearTimeout(timer);
		if (!wasHeld && Number.isFinite(queue.next)) timer = window.setTimeout(run, queue.next);
		if (went) paint();
	}
	/** @param {Event} e */
	function hold(e) {
		if (e.type === 'mouseenter') hovered = true;
		run();
	}
	/** @param {Event} e */
	function letGo(e) {
		if (e.type === 'mouseleave') hovered = false;
		queueMicrotask(run); // the focus has moved on by then
	}

	// --- drawing ---
	let inFrame = 0, waiting = false;
	function paintSoon() {
		if (inFrame === 0) requestAnimationFrame(() => {
			inFrame = 0;
			if (waiting) paint();
		});
		if (++inFrame <= AT_ONCE) paint();
		else waiting = true;
	}
	/** @param {HTMLElement} stack @param {Toast[]} list */
	function fillStack(stack, list) {
		list.forEach((t, i) => {
			let box = boxes.get(t.key);
			if (!box) boxes.set(t.key, (box = createBox(t.key, { open: openOne, dismiss })));
			box.draw(t);
			if (stack.children[i] === box.el) return;
			const focused = box.el.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
			stack.insertBefore(box.el, stack.children[i] ?? null);
			focused?.focus();
		});
	}
	function paint() {
		waiting = false;
		const { shown, more: left } = queue.seen(), keys = new Set(shown.map((t) => t.key));
		for (const [key, box] of boxes) {
			if (keys.has(key)) continue;
			box.el.remove();
			boxes.delete(key);
		}
		fillStack(polite, shown.filter((t) => t.level !== 'error'));
		fillStack(assertive, shown.filter((t) => t.level === 'error'));
		setHidden(more, !left);
		setText(moreText, left ? `and ${count(left)} more` : '');
		if (!boxes.size) hovered = false; // it went from under the pointer
	}

	// --- what a person does ---
	/** @param {string} key */
	function openOne(key) {
		const t = queue.all().find((x) => x.key === key);
		queue.dismiss(key);
		paint();
		run();
		ctx.openAlerts(t?.entry ? key : undefined);
	}
	function openAll() {
		ctx.openAlerts();
	}
	function hideRest() {
		queue.dismissRest();
		paint();
		run();
	}
	/** @param {string} key */
	function dismiss(key) {
		const inside = el.contains(document.activeElement);
		queue.dismiss(key);
		paint();
		if (inside) ([...boxes.values()][0]?.dismiss ?? ctx.alerts?.button)?.focus();
		run();
	}
	/** @param {KeyboardEvent} e */
	function keydown(e) {
		if (e.key !== 'Escape' || !(e.target instanceof Element)) return;
		const box = [...boxes.values()].find((b) => b.el.contains(/** @type {Element} */ (e.target)));
		if (!box) return;
		e.preventDefault();
		dismiss(box.key);
	}

	// --- what comes ---
	/** @type {Entry[]} */
	let missed = [];
	function sayMissed() {
		const firing = missed.filter((e) => ctx.alertlog.episodes.get(e.episode)?.unread && ctx.alertlog.episodes.get(e.episode)?.state === 'firing');
		missed = [];
		const episodes = new Map(firing.map((e) => [e.episode, e]));
		if (!episodes.size || !toastsSetting.on) return;
		run();
		queue.missed([...episodes.values()]);
		run();
		paint();
	}
	/** @param {Entry} e @param {{recovered?: boolean}} origin */
	function wasMissed(e, origin) {
		const hello = ctx.alerts?.hello;
		if (origin?.recovered || (hello && e.offset !== null && e.offset <= hello.offset)) return true;
		return ctx.live?.status?.state === 'polling' && e.at < ctx.now() - OLD_MS;
	}
	/** It came while the page was still being put together, so it is known from the history alone. @param {Entry} e */
	function isNew(e) {
		const hello = ctx.alerts?.hello;
		return !!hello && e.epoch === hello.epoch && e.offset !== null && e.offset > hello.offset;
	}
	/** @param {Entry[]} entries @param {{live?: boolean, recovered?: boolean}} origin */
	function onFresh(entries, origin) {
		if (!toastsSetting.on) return;
		let raised = false;
		run();
		for (const e of entries) {
			if (e.state === 'resolved') raised = queue.resolve(e) || raised;
			else if (origin?.live === false && !origin.recovered && !isNew(e)) continue;
			else if (!wasMissed(e, origin)) raised = queue.raise(e) || raised;
			else if (missed.push(e) === 1) setTimeout(sayMissed, GATHER_MS);
		}
		if (!raised) return;
		run();
		paintSoon();
	}
	/** What was read or cleared elsewhere needs no toast. */
	function forgetRead() {
		checking = false;
		const { episodes } = ctx.alertlog;
		let went = false;
		for (const t of queue.all()) if (t.entry && !episodes.get(t.entry.episode)?.unread) went = queue.drop(t.key) || went;
		if (went) paint();
	}
	let checking = false;
	function checkSoon() {
		if (checking || !queue.all().length) return;
		checking = true;
		setTimeout(forgetRead, 100);
	}
	ctx.alertlog.on('fresh', onFresh);
	ctx.alertlog.on('change', checkSoon);
	toastsSetting.listen((on) => {
		if (on) return;
		queue.clear();
		paint();
	});
	document.addEventListener('visibilitychange', run);
	return { el, max: SEEN_MAX };
}

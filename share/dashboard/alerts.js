// The history of alerts: a button for the header that counts the unread ones, and a sidebar beside the page.
import { createAlertFill } from './alertfill.js';
import { isOpen } from './alertfilter.js';
import { createAlertList } from './alertlist.js';
import { PREFIX } from './alertmarks.js';
import { createAlertSettings } from './alertswitches.js';
import { h, setAttr, setHidden, setText } from './dom.js';
import { count, dateTime, plural } from './format.js';
import { createNotifier } from './notify.js';
import { typeLabel } from './alertentry.js';

/** @typedef {{alertlog: import('./alertlog.js').AlertLog, live: any, request: (path: string) => Promise<Response>, now: () => number, keys?: any, hello?: any, openAlerts: (key?: string) => void}} Ctx */

const BUSY_SHARE = 10; // drawing takes at most this part of the time
const MANY = 500, MANY_MS = 250; // a long list is drawn four times a second at most
const BEHIND_MS = 100;
const BADGE_MAX = 99;

/** @param {string} label @param {HTMLElement} field */
function labelled(label, field) {
	field.id = `alerts-${label.toLowerCase()}`;
	return h('div', { class: 'alert-field' }, h('label', { for: field.id }, label), field);
}

/** @param {[string, string][]} options */
const choice = (options) => h('select', null, options.map(([value, text]) => h('option', { value }, text)));

/** Why marks will not be kept, when the browser forbids it. */
function keepFault() {
	try {
		localStorage.getItem(PREFIX);
		return '';
	} catch {
		return 'This browser does not let the page keep anything: what is read will be unread after a reload.';
	}
}

/** @param {string} text @param {number} now */
function download(text, now) {
	const url = URL.createObjectURL(new Blob([text], { type: 'application/x-ndjson' }));
	const a = h('a', { href: url, download: `kato-alerts-${dateTime(now).replace(/[-:]/g, '').replace(' ', '-')}.ndjson`, hidden: true });
	document.body.append(a);
	a.click();
	a.remove();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** @param {Ctx} ctx */
export function createAlerts(ctx) {
	const log = ctx.alertlog;

	// --- the button ---
	const badge = h('span', { class: 'badge', 'aria-hidden': 'true', hidden: true });
	const button = h('button', { type: 'button', class: 'btn alerts-button', 'aria-expanded': 'false', 'aria-controls': 'alerts', title: 'Alerts (a)', on: { click: () => (el.hidden ? open() : close()) } }, 'Alerts', badge);

	// --- the sidebar ---
	const severity = choice([['', 'All'], ['error', 'Error'], ['warning', 'Warning'], ['info', 'Info']]);
	const type = choice([['', 'All']]), state = choice([['', 'All'], ['firing', 'Firing'], ['resolved', 'Resolved']]);
	const search = h('input', { type: 'search', placeholder: 'Message, container, key …', 'aria-label': 'Search alerts', autocomplete: 'off', spellcheck: 'false' });
	const summary = h('p', { class: 'quiet alert-summary' }), found = h('p', { class: 'visually-hidden', 'aria-live': 'polite' });
	const readAll = h('button', { type: 'button', class: 'btn', on: { click: () => log.markRead('all') } }, 'Mark all read');
	const clear = h('button', { type: 'button', class: 'btn', title: 'Takes away what is shown, for good', on: { click: () => log.clear(filter()) } }, 'Clear');
	const save = h('button', { type: 'button', class: 'btn', title: 'What is shown, as the original records, one a line', on: { click: () => download(log.export(filter()), ctx.now()) } }, 'Export');
	const empty = h('p', { class: 'alert-empty quiet' }), showAll = h('button', { type: 'button', class: 'btn small', on: { click: reset } }, 'Show all');
	const fault = h('p', { class: 'alert-fault' });
	const title = h('h2', { id: 'alerts-title', tabindex: '-1' }, 'Alerts');
	const list = createAlertList({ onOpen: log.markRead, onRead: log.markRead, episodes: () => log.episodes });
	const el = h('aside', { id: 'alerts', class: 'alerts', role: 'complementary', 'aria-labelledby': 'alerts-title', hidden: true },
		h('div', { class: 'alerts-top' }, title, h('button', { type: 'button', class: 'btn', on: { click: close } }, 'Close')),
		h('div', { class: 'alerts-filter', role: 'search', 'aria-label': 'Which alerts' }, labelled('Severity', severity), labelled('Type', type), labelled('State', state), search),
		h('div', { class: 'alerts-tools' }, readAll, clear, save), summary, found, fault,
		h('div', { class: 'alerts-scroll' }, ...list.nodes, h('div', { class: 'alerts-none' }, empty, showAll)), createAlertSettings());
	const fill = createAlertFill({ log, live: ctx.live, hello: ctx.hello, request: ctx.request, onState: ask });

	const filter = () => ({ severity: severity.value, type: type.value, state: state.value, text: search.value });
	function refilter() {
		list.reset();
		draw();
		setText(found, `Found: ${plural(log.filter(filter()).length, 'alert')}`); // what comes by itself is told by toasts
	}
	function reset() {
		for (const field of [severity, type, state, search]) field.value = '';
		refilter();
	}

	// --- drawing ---
	let asked = false, notBefore = 0, timer = 0, frame = 0;
	function ask() {
		if (asked) return;
		asked = true;
		const wait = Math.max(0, notBefore - performance.now());
		frame = 0;
		timer = window.setTimeout(drawAsked, wait + BEHIND_MS); // a page behind others has no frames
		if (wait < 16) frame = requestAnimationFrame(drawAsked);
	}
	function drawAsked() {
		const began = performance.now();
		asked = false;
		clearTimeout(timer);
		cancelAnimationFrame(frame);
		draw();
		const took = performance.now() - began;
		notBefore = performance.now() + Math.max(took * BUSY_SHARE, log.entries.length > MANY ? MANY_MS : 0);
	}
	function drawButton() {
		const n = log.unread();
		setAttr(button, 'aria-label', `Alerts, ${n} unread`);
		setText(badge, n > BADGE_MAX ? `${BADGE_MAX}+` : String(n));
		setHidden(badge, !n);
	}
	function drawTypes() {
		const types = log.types, chosen = type.value;
		if (chosen && !types.includes(chosen)) types.push(chosen);
		if (type.options.length === types.length + 1 && types.every((t, i) => type.options[i + 1].value === t)) return;
		type.replaceChildren(h('option', { value: '' }, 'All'), ...types.map((t) => h('option', { value: t }, typeLabel(t))));
		type.value = chosen;
	}
	/** @param {import('./alertfilter.js').ShownGroup[]} groups @param {boolean} all */
	function drawSummary(groups, all) {
		const messages = groups.reduce((n, g) => n + g.entries.length, 0), firing = groups.filter((g) => g.current.state === 'firing' && !g.current.once).length;
		setText(summary, groups.length ? `${plural(messages, 'message')}${all ? '' : ` of ${count(log.entries.length)}`}, ${count(firing)} firing, ${count(log.unread())} unread` : '');
		setText(empty, groups.length ? '' : log.entries.length ? 'No alert is like that.' : fill.state === 'loading' ? 'Reading the history …' : 'No alerts so far.');
		setHidden(showAll, !!groups.length || !log.entries.length);
		setText(fault, fill.state === 'failed' ? `The history could not be read: ${fill.reason}. It is tried again.` : log.fault || keepFault());
	}
	function draw() {
		drawButton();
		if (el.hidden) return;
		drawTypes();
		const f = filter(), groups = log.filter(f);
		list.draw(groups, ctx.now());
		drawSummary(groups, isOpen(f));
		readAll.disabled = !log.unread();
		clear.disabled = save.disabled = !groups.length;
	}

	// --- open and closed ---
	/** @type {HTMLElement|null} */
	let opener = null;
	let release = () => {};
	/** @param {string} [key] */
	function open(key) {
		if (el.hidden) {
			opener = /** @type {HTMLElement|null} */ (document.activeElement);
			el.hidden = false;
			document.documentElement.classList.add('alerts-open');
			setAttr(button, 'aria-expanded', 'true');
			release = ctx.keys?.onEscape?.(close) ?? release;
		}
		draw();
		if (key === undefined || !show(key)) title.focus({ preventScroll: true });
	}
	/** @param {string} key */
	function show(key) {
		if (!list.reach(key)) reset();
		const card = list.reach(key);
		if (!card) return false;
		card.toggle(true);
		card.head.focus({ preventScroll: true });
		card.el.scrollIntoView({ block: 'center' });
		return true;
	}
	function close() {
		if (el.hidden) return;
		const writes = /** @type {Element|null} */ (document.activeElement)?.matches('input, textarea, select') && !el.contains(document.activeElement);
		el.hidden = true;
		document.documentElement.classList.remove('alerts-open');
		setAttr(button, 'aria-expanded', 'false');
		release();
		if (!writes) (opener?.isConnected && opener !== document.body && opener.checkVisibility?.() ? opener : button).focus();
	}
	/** The sidebar begins below the header, however high that is. */
	function follow() {
		const top = document.querySelector('body > header');
		if (!top || !globalThis.ResizeObserver) return;
		new ResizeObserver(() => document.documentElement.style.setProperty('--header', `${top.getBoundingClientRect().height}px`)).observe(top);
	}

	for (const field of [severity, type, state]) field.addEventListener('change', refilter);
	search.addEventListener('input', refilter);
	log.on('change', ask);
	globalThis.addEventListener('storage', (e) => {
		if (e.key === null || e.key.startsWith(PREFIX)) log.reload();
	});
	setInterval(() => {
		if (!el.hidden && !document.hidden) list.tick(ctx.now());
	}, 1000);
	createNotifier(ctx);
	follow();
	drawButton();
	fill.fill();
	return {
		button, el, open, close,
		/** Where the server stood when this connection began: what is not behind that is not new. */
		get hello() {
			return fill.hello;
		},
	};
}

// One group of alerts in the sidebar: its newest message, and on opening the single ones.
import { LEVEL_WORD, TONE, factsText, standing, stateText, valueText } from './alertwords.js';
import { levelOf } from './alertfilter.js';
import { h, relTime, setAttr, setHidden, setRelTime, setText, timeEl } from './dom.js';
import { count, duration } from './format.js';

/** @typedef {import('./alertfilter.js').ShownGroup} ShownGroup */
/** @typedef {import('./alertentry.js').Entry} Entry */
/** @typedef {import('./alertindex.js').Episode} Episode */
/** @typedef {ReturnType<typeof createCard>} Card */

const MESSAGES_FIRST = 20;
const MESSAGES_MORE = 100;
let ids = 0;

/** What a card draws; the same text: nothing to do. @param {ShownGroup} g */
const signature = (g) =>
	`${g.newest.uid} ${g.entries.length} ${g.unread} ${g.current.state} ${g.current.resolvedAt} ${g.current.level} ${g.current.since}`;

/** @param {Entry} e @param {Episode|undefined} p */
function messageRow(e, p) {
	const over = e.state === 'resolved', level = p ? levelOf(e, p) : e.level, tone = over ? 'good' : TONE[level];
	const word = over ? (p?.lasted ? `Resolved after ${duration(p.lasted)}` : 'Resolved') : LEVEL_WORD[level];
	return h('li', null, h('span', { class: 'alert-when' }, timeEl(e.at, { short: true }), ' ', h('span', { class: tone }, word)), ' ',
		h('span', { class: 'alert-text' }, e.message), factsText(e) ? h('span', { class: 'quiet alert-facts' }, factsText(e)) : null);
}

/** What a single message holds besides what its card shows. @param {Entry} e @param {Episode} p */
function details(e, p) {
	/** @type {[string, Node|string][]} */
	const rows = [['Told', timeEl(e.at)], ['Since', timeEl(p.since)]];
	if (p.resolvedAt !== null) rows.push(['Resolved', timeEl(p.resolvedAt)]);
	if (valueText(e)) rows.push(['Value', valueText(e)]);
	rows.push(['Key', e.key]);
	if (e.source) rows.push(['Told by', e.source]);
	if (e.demo) rows.push(['Demo', 'from the bundled recording']);
	return h('dl', { class: 'alert-details' }, rows.map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
}

/**
 * @param {string} key
 * @param {{onOpen: (key: string) => void, onRead: (key: string) => void, episodes: () => Map<string, Episode>}} how
 */
export function createCard(key, how) {
	const badge = h('span', { class: 'badge' }), label = h('span', { class: 'alert-type' }), times = h('span', { class: 'alert-count' });
	const mark = h('span', { class: 'alert-unread' }, h('span', { class: 'visually-hidden' }, 'unread')), when = relTime(Date.now());
	const id = `alert-${++ids}`;
	const head = h('button', { type: 'button', class: 'alert-head', 'aria-expanded': 'false', 'aria-controls': id, on: { click: () => toggle() } },
		mark, badge, label, times);
	const message = h('p', { class: 'alert-message' }), facts = h('p', { class: 'quiet alert-facts' }), state = h('span');
	const read = h('button', { type: 'button', class: 'btn small', on: { click: markRead } }, 'Mark read');
	const more = h('div', { id, class: 'alert-more', hidden: true });
	const el = h('li', { class: 'alert-card' }, h('h3', null, head), h('div', { class: 'alert-body', on: { click: onBody } }, message, facts),
		h('p', { class: 'alert-foot' }, state, ' ', when, read), more);
	/** @type {ShownGroup|null} */
	let group = null;
	let seen = '', opened = false, limit = MESSAGES_FIRST;

	function markRead() {
		how.onRead(key);
		head.focus();
	}
	/** The text is there to be copied, too. */
	function onBody() {
		if (!globalThis.getSelection()?.toString()) toggle();
	}
	function drawMore() {
		if (!group) return;
		const { entries } = group, episodes = how.episodes();
		if (entries.length === 1 || !opened) return more.replaceChildren(...(opened ? [details(entries[0], group.current)] : []));
		const left = entries.length - limit;
		more.replaceChildren(h('ol', { class: 'alert-messages', 'aria-label': 'Messages' }, entries.slice(0, limit).map((e) => messageRow(e, episodes.get(e.episode)))));
		if (left > 0) more.append(h('p', { class: 'quiet' }, `and ${count(left)} older `, h('button', { type: 'button', class: 'btn small', on: { click: grow } }, 'Show more')));
	}
	function grow() {
		limit += MESSAGES_MORE;
		drawMore();
	}
	/** @param {boolean} [open] */
	function toggle(open = !opened) {
		opened = open;
		limit = MESSAGES_FIRST;
		setAttr(head, 'aria-expanded', String(opened));
		setHidden(more, !opened);
		drawMore();
		if (opened) how.onOpen(key);
	}
	/** @param {ShownGroup} g @param {number} now */
	function update(g, now) {
		group = g;
		const sign = signature(g);
		if (sign !== seen) draw(g);
		seen = sign;
		tick(now);
	}
	/** @param {ShownGroup} g */
	function draw(g) {
		const { newest, current } = g, stand = standing(current);
		el.dataset.stand = stand;
		badge.className = `badge ${TONE[stand]}`;
		setText(badge, LEVEL_WORD[stand]);
		setText(label, newest.label);
		setText(times, g.entries.length > 1 ? `×${count(g.entries.length)}` : '');
		setHidden(times, g.entries.length < 2);
		setText(message, newest.message);
		setText(facts, factsText(newest));
		setHidden(facts, !facts.textContent);
		setRelTime(when, newest.at);
		setHidden(mark, !g.unread);
		setHidden(read, !g.unread);
		setAttr(read, 'aria-label', `Mark read: ${newest.label}`);
		el.classList.toggle('unread', g.unread > 0);
		if (opened) drawMore();
	}
	/** @param {number} now */
	function tick(now) {
		if (group) setText(state, stateText(group.current, now) + (group.current.state === 'resolved' && group.current.fired ? ` (was ${LEVEL_WORD[group.current.level].toLowerCase()})` : ''));
	}
	return { el, head, update, tick, toggle };
}

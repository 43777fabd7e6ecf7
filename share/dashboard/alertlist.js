// The list of the sidebar: as many cards as a person looks through, the rest as a number.
import { createCard } from './alertcard.js';
import { h, setHidden, setText } from './dom.js';
import { count } from './format.js';

/** @typedef {import('./alertfilter.js').ShownGroup} ShownGroup */
/** @typedef {import('./alertcard.js').Card} Card */

const FIRST = 50;
const MORE = 100;
export const CARDS_MAX = 1000;

/** @param {Parameters<typeof createCard>[1]} how */
export function createAlertList(how) {
	/** @type {Map<string, Card>} */
	const cards = new Map();
	const ol = h('ol', { class: 'alert-list' });
	const rest = h('span'), button = h('button', { type: 'button', class: 'btn small', on: { click: grow } }, 'Show more');
	const older = h('p', { class: 'alert-older quiet', hidden: true }, rest, ' ', button);
	/** @type {ShownGroup[]} */
	let groups = [];
	let limit = FIRST, now = 0;

	function grow() {
		const next = limit;
		limit = Math.min(CARDS_MAX, limit + MORE);
		draw(groups, now);
		cards.get(groups[next]?.key)?.head.focus();
	}
	/** @param {ShownGroup} g */
	function cardOf(g) {
		let card = cards.get(g.key);
		if (!card) cards.set(g.key, (card = createCard(g.key, how)));
		return card;
	}
	/** Puts a card where it belongs; moving takes the focus away, so it is given back. @param {HTMLElement} el @param {number} i */
	function place(el, i) {
		if (ol.children[i] === el) return;
		const focused = el.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
		ol.insertBefore(el, ol.children[i] ?? null);
		focused?.focus({ preventScroll: true });
	}
	function drawRest() {
		const left = groups.length - limit, messages = groups.slice(limit).reduce((n, g) => n + g.entries.length, 0);
		setHidden(older, left <= 0);
		setHidden(button, limit >= CARDS_MAX);
		setText(rest, left > 0 ? `and ${count(messages)} older: narrow the filter${limit >= CARDS_MAX ? '' : ', or'}` : '');
	}
	/** @param {ShownGroup[]} list @param {number} at */
	function draw(list, at) {
		groups = list;
		now = at;
		const shown = list.slice(0, limit), keys = new Set(shown.map((g) => g.key));
		for (const [key, card] of cards) {
			if (keys.has(key)) continue;
			card.el.remove();
			cards.delete(key);
		}
		shown.forEach((g, i) => {
			const card = cardOf(g);
			card.update(g, at);
			place(card.el, i);
		});
		drawRest();
	}
	return {
		nodes: [ol, older],
		draw,
		/** Durations move on. @param {number} at */
		tick(at) {
			for (const card of cards.values()) card.tick(at);
		},
		/** Another filter: begin at the top again. */
		reset() {
			limit = FIRST;
		},
		/** The card of a key, made to be there if it is in the list at all. @param {string} key */
		reach(key) {
			const i = groups.findIndex((g) => g.key === key);
			if (i >= limit && i < CARDS_MAX) {
				limit = i + 1;
				draw(groups, now);
			}
			return cards.get(key) ?? null;
		},
	};
}

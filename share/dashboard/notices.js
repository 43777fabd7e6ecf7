// Standing notices above the page: demo data, what the server does not push, what the link is worth. Each drawn only on change.
import { h } from './dom.js';

/** @typedef {{key: string, level: 'info'|'warn'|'bad', text: string, button?: {label: string, run: () => void}}} Notice */

/** What can be switched off: in the server, then the page polls it; for the page, then it leaves it alone. */
const OFF = [
	{ flag: 'container_stats', option: 'containerStats', what: 'Container statistics are', every: 'every 5 s' },
	{ flag: 'session_events', option: 'sessionEvents', what: 'Session counts and events are', every: 'every 10 s' },
	{ flag: 'system_alerts', option: 'alerts', what: 'Alerts are', every: 'every 5 s' },
];

/** @param {any} flags @param {any} config @returns {Notice[]} */
export function flagNotices(flags, config) {
	/** @type {Notice[]} */
	const list = [];
	for (const { flag, option, what, every } of OFF) {
		if (config?.[option] === false) list.push({ key: flag, level: 'info', text: `${what} switched off for this page.` });
		else if (flags?.[flag] === false) list.push({ key: flag, level: 'info', text: `${what} not pushed: polled ${every}.` });
	}
	return list;
}

/** @param {boolean} demo @returns {Notice[]} */
export const demoNotice = (demo) => (demo ? [{ key: 'demo', level: 'warn', text: 'Demo data: a bundled recording, not your system.' }] : []);

/** @param {any} status @param {() => void} ask @returns {Notice[]} */
export function tokenNotice(status, ask) {
	if (status?.state !== 'unauthorized') return [];
	return [{ key: 'token', level: 'bad', text: 'The server asks for a token: nothing is shown without one.', button: { label: 'Give a token', run: ask } }];
}

/** @param {HTMLElement} el where they stand */
export function createNotices(el) {
	let drawn = '';
	/** @param {Notice[]} list */
	return function draw(list) {
		const key = JSON.stringify(list);
		if (key === drawn) return;
		drawn = key;
		el.replaceChildren(...list.map((n) => h('p', { class: `notice ${n.level}`, dataset: { notice: n.key } }, n.text, ' ',
			n.button ? h('button', { class: 'btn', type: 'button', on: { click: n.button.run } }, n.button.label) : null)));
	};
}

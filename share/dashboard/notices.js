// Standing notices above the page: demo data, what the server does not push, what the link is worth. Each drawn only on change.
import { h } from './dom.js';

/** @typedef {{key: string, level: 'info'|'warn'|'bad', text: string, button?: {label: string, run: () => void}}} Notice */

/** What is not pushed, and how it comes instead: by the server's flags and by the page's own settings. */
const OFF = [
	{ flag: 'container_stats', option: 'containerStats', text: 'Container statistics are not pushed: polled every 5 s.' },
	{ flag: 'session_events', option: 'sessionEvents', text: 'Session counts and events are not pushed: polled every 10 s.' },
	{ flag: 'system_alerts', option: 'alerts', text: 'Alerts are not pushed: polled every 5 s.' },
];

/** @param {any} flags @param {any} config @returns {Notice[]} */
export function flagNotices(flags, config) {
	return OFF.filter((o) => flags?.[o.flag] === false || config?.[o.option] === false).map((o) => ({ key: o.flag, level: 'info', text: o.text }));
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

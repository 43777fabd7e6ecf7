// Alerts as notifications of the browser, while the page is not looked at. Permission is asked for on the click alone.
import { notifySetting } from './alertsettings.js';
import { LEVEL_WORD, factsText } from './alertwords.js';

/** @typedef {import('./alertentry.js').Entry} Entry */

const AT_ONCE = 3; // within WINDOW_MS; more than these come as one
const WINDOW_MS = 10000;
const OPEN_MAX = 20;

const known = () => 'Notification' in globalThis;

/** Why there are none although they are switched on; empty: there is no reason. */
export function whyNot() {
	if (!known()) return 'This browser has no notifications.';
	if (!globalThis.isSecureContext) return 'The browser allows notifications only over HTTPS or on this very machine.';
	if (Notification.permission === 'denied') return 'The browser blocks them: allow notifications for this page in its settings.';
	return '';
}

export const isNotifying = () => notifySetting.on && known() && Notification.permission === 'granted';

/** To be called from a click. @param {boolean} on @returns {Promise<boolean>} whether they are on now */
export async function setNotifying(on) {
	if (on && known() && Notification.permission === 'default') await Notification.requestPermission().catch(() => {});
	notifySetting.set(on && known() && Notification.permission === 'granted');
	return notifySetting.on;
}

/** @param {{alertlog: import('./alertlog.js').AlertLog, openAlerts: (key?: string) => void}} ctx */
export function createNotifier(ctx) {
	/** @type {Map<string, Notification>} */
	const open = new Map();
	let windowFrom = -Infinity, inWindow = 0, timer = 0;

	/** @param {string} tag @param {string} title @param {string} body @param {string|undefined} key */
	function notify(tag, title, body, key) {
		try {
			const n = new Notification(title, { body, tag, icon: '/icon.svg' });
			n.onclick = () => {
				globalThis.focus();
				ctx.openAlerts(key);
				n.close();
			};
			n.onclose = () => open.delete(tag);
			open.set(tag, n);
		} catch {
			notifySetting.set(false); // browsers of phones refuse the constructor
		}
		for (const tag of open.keys()) {
			if (open.size <= OPEN_MAX) return;
			open.get(tag)?.close();
			open.delete(tag);
		}
	}
	function many() {
		timer = 0;
		notify('\nmany', `${inWindow} alerts within ${WINDOW_MS / 1000} s`, 'Open KATO Live to see them.', undefined);
	}
	/** @param {Entry} e */
	function announce(e) {
		if (performance.now() - windowFrom > WINDOW_MS) {
			windowFrom = performance.now();
			inWindow = 0;
		}
		if (++inWindow <= AT_ONCE) notify(e.key, `${LEVEL_WORD[e.level]}: ${e.label}`, [e.message.slice(0, 300), factsText(e)].filter(Boolean).join('\n'), e.key);
		else if (!timer) timer = window.setTimeout(many, 1000);
	}
	/** @param {Entry[]} entries @param {{live?: boolean, recovered?: boolean}} origin */
	function onFresh(entries, origin) {
		for (const e of entries) if (e.state === 'resolved') open.get(e.key)?.close();
		if (origin?.live === false || !isNotifying() || (!document.hidden && document.hasFocus())) return;
		for (const e of entries) if (e.state === 'firing') announce(e);
	}
	ctx.alertlog.on('fresh', onFresh);
}

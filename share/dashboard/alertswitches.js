// The settings row of the sidebar: toasts, and notifications of the browser.
import { notifySetting, toastsSetting } from './alertsettings.js';
import { h, setText } from './dom.js';
import { isNotifying, setNotifying, whyNot } from './notify.js';

/** @param {string} label @param {boolean} on @param {(on: boolean) => void} change */
function createSwitch(label, on, change) {
	const box = h('input', { type: 'checkbox', role: 'switch', checked: on, on: { change: () => change(box.checked) } });
	return { box, el: h('label', { class: 'alert-switch' }, box, ' ', label) };
}

export function createAlertSettings() {
	const why = h('p', { class: 'quiet', 'aria-live': 'polite' });
	const toasts = createSwitch('Toasts', toastsSetting.on, toastsSetting.set);
	const notifications = createSwitch('Browser notifications', isNotifying(), async (on) => {
		notifications.box.checked = await setNotifying(on);
		setText(why, on && !notifications.box.checked ? whyNot() || 'The browser was not allowed to show them.' : '');
	});
	if (notifySetting.on) setText(why, whyNot());
	toastsSetting.listen((on) => (toasts.box.checked = on));
	notifySetting.listen(() => (notifications.box.checked = isNotifying()));
	return h('div', { class: 'alerts-settings', role: 'group', 'aria-label': 'Settings of alerts' }, toasts.el, notifications.el, why);
}

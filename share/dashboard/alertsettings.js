// The switches of the alerts, kept by the browser and shared by its tabs.
import { local } from './http.js';

/** @param {string} name @param {boolean} otherwise */
function setting(name, otherwise) {
	const key = `kato_live_${name}`;
	/** @type {Set<(on: boolean) => void>} */
	const ears = new Set();
	const s = {
		get on() {
			const v = local.getItem(key);
			return v === null ? otherwise : v === 'on';
		},
		/** @param {boolean} on */
		set(on) {
			local.setItem(key, on ? 'on' : 'off');
			for (const f of ears) f(on);
		},
		/** @param {(on: boolean) => void} f */
		listen(f) {
			ears.add(f);
		},
	};
	globalThis.window?.addEventListener('storage', (e) => {
		if (e.key === key || e.key === null) for (const f of ears) f(s.on);
	});
	return s;
}

export const toastsSetting = setting('toasts', true);
export const notifySetting = setting('notifications', false);

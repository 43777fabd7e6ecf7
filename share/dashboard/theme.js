// System, light or dark. Whoever draws on a canvas listens to 'themechange' on the document and reads the custom properties again.
import { h } from './dom.js';
import { local } from './storage.js';

const KEY = 'kato_live_theme';
const CHOICES = [['system', 'System'], ['light', 'Light'], ['dark', 'Dark']];

export function currentTheme() {
	const kept = local.getItem(KEY);
	return kept === 'light' || kept === 'dark' ? kept : 'system';
}

const changed = () => document.dispatchEvent(new CustomEvent('themechange'));

/** @param {string} theme */
export function setTheme(theme) {
	if (theme === 'light' || theme === 'dark') {
		local.setItem(KEY, theme);
		document.documentElement.dataset.theme = theme;
	} else {
		local.removeItem(KEY);
		delete document.documentElement.dataset.theme;
	}
	changed();
}

/** The switch for the header; also follows the system and the other tabs. */
export function createTheme() {
	const el = h('select', { 'aria-label': 'Theme', title: 'Theme: as the system, light or dark', on: { change: () => setTheme(el.value) } },
		CHOICES.map(([value, label]) => h('option', { value }, label)));
	el.value = currentTheme();
	setTheme(el.value);
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
	addEventListener('storage', (e) => {
		if (e.key !== KEY && e.key !== null) return;
		el.value = currentTheme();
		setTheme(el.value);
	});
	return { el };
}

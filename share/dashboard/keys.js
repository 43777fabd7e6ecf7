// The keyboard: single keys with a help that lists them, and Esc for whatever lies on top.
import { h } from './dom.js';

/**
 * @typedef {{keys: string[], label: string, run: () => void}} Key   keys: ways to press it, 'g o' is two keys one after the other
 * @typedef {ReturnType<typeof createKeys>} Keys
 */

const GO_MS = 1500; // after `g`, the second key

/** Does the key belong to a field that is being written in? @param {EventTarget | null} t */
function isField(t) {
	if (!(t instanceof HTMLElement)) return false;
	if (t.isContentEditable || t instanceof HTMLTextAreaElement || t instanceof HTMLSelectElement) return true;
	return t instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'range'].includes(t.type);
}

/** @param {Key[]} list */
function helpText(list) {
	const caps = (/** @type {string} */ keys) => keys.split(' ').flatMap((x, i) => [i ? ' ' : null, h('kbd', null, x)]);
	const ways = (/** @type {string[]} */ all) => all.flatMap((keys, i) => [i ? ' or ' : null, ...caps(keys)]);
	const rows = list.flatMap((k) => [h('dt', null, ways(k.keys)), h('dd', null, k.label)]);
	return h('dl', { class: 'keys' }, rows);
}

export function createKeys() {
	/** @type {Key[]} */
	const list = [];
	/** @type {(() => void)[]} */
	const layers = [];
	let first = '', firstAt = 0;

	const dialog = h('dialog', { 'aria-labelledby': 'keys-title' });
	function help() {
		if (dialog.open) return dialog.close();
		dialog.replaceChildren(h('h2', { id: 'keys-title' }, 'Keys'), helpText([...list, { keys: ['Esc'], label: 'Close what lies on top', run() {} }]),
			h('div', { class: 'row' }, h('button', { class: 'btn', type: 'button', on: { click: () => dialog.close() } }, 'Close')));
		dialog.showModal();
	}

	/** @param {KeyboardEvent} e */
	function escape(e) {
		if (document.querySelector('dialog:modal')) return; // the browser closes it
		const close = layers.at(-1);
		if (!close) return;
		e.preventDefault();
		close();
	}

	/** @param {KeyboardEvent} e */
	function press(e) {
		if (e.defaultPrevented || e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
		if (e.key === 'Escape') return escape(e);
		if (isField(e.target) || (document.querySelector('dialog:modal') && e.key !== '?')) return;
		const before = performance.now() - firstAt < GO_MS ? first : '';
		const k = list.find((x) => x.keys.includes(`${before} ${e.key}`)) ?? list.find((x) => x.keys.includes(e.key));
		first = e.key;
		firstAt = performance.now();
		if (!k) return;
		first = '';
		e.preventDefault();
		k.run();
	}
	document.addEventListener('keydown', press);

	return {
		el: dialog,
		help,
		/** @param {string | string[]} keys a key, two after one another ("g o"), or several such ways @param {string} label @param {() => void} run */
		add(keys, label, run) {
			list.push({ keys: [keys].flat(), label, run });
		},
		/** Esc calls close while this is the topmost thing open; call what you get once it is closed. @param {() => void} close */
		onEscape(close) {
			layers.push(close);
			return () => {
				const i = layers.lastIndexOf(close);
				if (i >= 0) layers.splice(i, 1);
			};
		},
	};
}

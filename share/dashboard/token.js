// Asks for the token when the server wants one. It is kept for this tab alone.
import { h, setText } from './dom.js';
import { text } from './format.js';
import { saveToken, savedToken } from './http.js';

/** @param {{live: any, onToken: () => void}} of */
export function createTokenDialog({ live, onToken }) {
	const input = h('input', { type: 'password', id: 'token', autocomplete: 'off', spellcheck: 'false', required: true });
	const why = h('p', { class: 'bad', role: 'alert' });
	const form = h('form', { method: 'dialog', on: { submit } },
		h('h2', { id: 'token-title' }, 'This server asks for a token'),
		h('p', null, 'Whoever runs the server can give you one. It is kept until this tab is closed.'),
		h('p', null, h('label', { for: 'token' }, 'Token'), ' ', input), why,
		h('div', { class: 'row' }, h('button', { class: 'btn', type: 'button', on: { click: () => el.close() } }, 'Not now'),
			h('button', { class: 'btn primary', type: 'submit' }, 'Connect')));
	const el = h('dialog', { 'aria-labelledby': 'token-title' }, form);
	let asked = false;

	/** @param {Event} e */
	function submit(e) {
		e.preventDefault();
		const token = input.value.trim();
		if (!token) return;
		saveToken(token);
		asked = false;
		el.close();
		live.setToken(token);
		onToken();
	}

	function ask() {
		if (el.open) return;
		input.value = '';
		el.showModal();
	}

	/** @param {any} status */
	function onStatus(status) {
		if (status?.state !== 'unauthorized') {
			if (status?.state === 'live' && el.open) el.close();
			if (status?.state === 'live') asked = false;
			return;
		}
		setText(why, savedToken() ? `Not accepted: ${text(status.reason, 200) || 'the server refused it'}` : '');
		if (asked) return;
		asked = true;
		ask();
	}
	return { el, ask, onStatus };
}

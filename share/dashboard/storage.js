// The browser's storages, which may be missing, full or forbidden: then things hold until the page is left.

/** @typedef {{getItem(key: string): string | null, setItem(key: string, value: string): void, removeItem(key: string): void}} Keep */

/** @param {() => Storage} of @returns {Keep} */
function guarded(of) {
	/** @type {Map<string, string>} */
	const memory = new Map();
	/** @template T @param {(s: Storage) => T} f @param {T} otherwise */
	const attempt = (f, otherwise) => {
		try {
			return f(of());
		} catch {
			return otherwise;
		}
	};
	return {
		getItem: (key) => memory.get(key) ?? attempt((s) => s.getItem(key), null),
		setItem(key, value) {
			if (attempt((s) => (s.setItem(key, value), true), false)) memory.delete(key);
			else memory.set(key, value);
		},
		removeItem(key) {
			memory.delete(key);
			attempt((s) => s.removeItem(key), undefined);
		},
	};
}

export const local = guarded(() => localStorage);
export const session = guarded(() => sessionStorage);

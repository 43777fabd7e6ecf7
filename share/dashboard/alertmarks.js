// What a person has read and cleared, kept over reloads and shared by tabs. Works without storage, only then it is forgotten. Pure.

/** @typedef {Pick<Storage, 'getItem'|'setItem'|'removeItem'>} Keep */
/** @typedef {{at: number, epoch: string|null, offset: number|null}} First */

export const MARKS_MAX = 20000; // of each kind; the oldest go
export const PREFIX = 'kato_live_alerts_';
const READ = `${PREFIX}read`, CLEARED = `${PREFIX}cleared`, FIRST = `${PREFIX}first`;

/** @param {Map<string, number>} map @param {number} max */
function prune(map, max) {
	for (const name of map.keys()) {
		if (map.size <= max) return;
		map.delete(name);
	}
}

/** Words `name` + one digit. @param {string} text @param {Map<string, number>} into */
function parse(text, into) {
	for (const word of text.split(' ')) {
		const rank = Number(word.slice(-1)), name = word.slice(0, -1);
		if (name && Number.isInteger(rank) && !(/** @type {number} */ (into.get(name)) >= rank)) into.set(name, rank);
	}
	prune(into, MARKS_MAX);
}

/** @param {Map<string, number>} map */
function print(map) {
	const words = [];
	for (const [name, rank] of map) words.push(name + rank);
	return words.join(' ');
}

/** @param {string|null} text @returns {First|null} */
function parseFirst(text) {
	const [at, epoch, offset] = (text ?? '').split(' ');
	if (!at || !Number.isFinite(Number(at))) return null;
	return { at: Number(at), epoch: epoch || null, offset: offset ? Number(offset) : null };
}

/** @param {Keep|null|undefined} storage */
export function createMarks(storage) {
	/** @type {Map<string, number>} */
	const read = new Map();
	/** @type {Map<string, number>} */
	const cleared = new Map();
	/** @type {First|null} */
	let first = null;
	let fault = '';

	/** @param {string} key */
	function get(key) {
		try {
			return storage?.getItem(key) ?? null;
		} catch {
			fault = 'This browser does not let the page keep anything: what is read will be unread after a reload.';
			return null;
		}
	}
	/** @param {string} key @param {string} value */
	function put(key, value) {
		try {
			storage?.setItem(key, value);
			return true;
		} catch {
			return false;
		}
	}
	/** Another tab may have written meanwhile: both sets count. @param {string} key @param {Map<string, number>} map */
	function save(key, map) {
		const ours = new Map(map);
		map.clear();
		parse(get(key) ?? '', map);
		for (const [name, rank] of ours) {
			const stored = map.get(name) ?? 0;
			map.delete(name);
			map.set(name, Math.max(rank, stored));
		}
		prune(map, MARKS_MAX);
		if (put(key, print(map)) || put(key, print(new Map([...map].slice(map.size >> 1))))) return;
		fault = 'There is no room to keep what is read: it will be unread after a reload.';
	}
	function reload() {
		parse(get(READ) ?? '', read);
		parse(get(CLEARED) ?? '', cleared);
		first = parseFirst(get(FIRST)) ?? first;
	}
	if (!storage) fault = 'This browser does not let the page keep anything: what is read will be unread after a reload.';
	reload();
	return {
		/** Why marks are lost at a reload; empty: they are kept. */
		get fault() {
			return fault;
		},
		get first() {
			return first;
		},
		/** @param {First} f */
		begin(f) {
			first = f;
			put(FIRST, `${f.at} ${f.epoch ?? ''} ${f.offset ?? ''}`);
		},
		/** The level up to which it was read, 0: never. @param {string} id */
		readRank: (id) => read.get(id) ?? 0,
		/** @param {Iterable<[string, number]>} marks */
		markRead(marks) {
			for (const [id, rank] of marks) {
				if (!(/** @type {number} */ (read.get(id)) >= rank)) {
					read.delete(id);
					read.set(id, rank);
				}
			}
			prune(read, MARKS_MAX);
			save(READ, read);
		},
		/** @param {string} uid */
		isCleared: (uid) => cleared.has(uid),
		/** @param {Iterable<string>} uids */
		markCleared(uids) {
			for (const uid of uids) cleared.set(uid, 1);
			prune(cleared, MARKS_MAX);
			save(CLEARED, cleared);
		},
		/** What another tab has written. */
		reload,
	};
}

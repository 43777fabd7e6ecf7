// What a component has of a shared connection: it is rendered again when a member it has read changes, and not for the rest.
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

/** @template S @typedef {import('./shared.js').Shared<S>} Shared */
/** @template S @typedef {(key: keyof S) => any} Read */

/** @template {object} S @param {Shared<S>} shared */
function createReader(shared) {
	/** @type {Set<keyof S>} */
	const used = new Set();
	let seen = shared.state;
	return {
		snapshot: () => {
			const now = shared.state;
			for (const k of used) if (now[k] !== seen[k]) return (seen = now);
			return seen;
		},
		/** @param {S} snapshot @param {keyof S} key */
		read: (snapshot, key) => {
			if (used.has(key) || snapshot === shared.initial) return used.add(key) && snapshot[key];
			used.add(key); // read for the first time: the snapshot may be older than what is known
			return shared.state[key];
		},
	};
}

/** @template {object} S @param {Shared<S>} shared @returns {Read<S>} */
export function useShared(shared) {
	const reader = useMemo(() => createReader(shared), [shared]);
	const snapshot = useSyncExternalStore(shared.subscribe, reader.snapshot, () => shared.initial);
	return (key) => reader.read(snapshot, key);
}

/**
 * Members under all their names, each a getter that tells the reader.
 * @template S @param {Record<string, keyof S>} names @param {Read<S>} read @returns {PropertyDescriptorMap}
 */
export function members(names, read) {
	/** @type {PropertyDescriptorMap} */
	const all = {};
	for (const [name, key] of Object.entries(names)) all[name] = { enumerable: true, get: () => read(key) };
	return all;
}

/** Holds it while the component is there; the one it held before is let go at once. @param {Shared<any>} shared @param {object} who @param {boolean} [wanted] */
export function useHold(shared, who, wanted = true) {
	const before = useRef(shared);
	useEffect(() => {
		if (wanted) shared.hold(who);
		if (before.current !== shared) before.current.settle();
		before.current = shared;
		return () => shared.release(who);
	}, [shared, wanted]);
}

/** Tells each message to what the component said last. @param {{listen: (f: (message: any, meta?: any) => void) => () => void}} shared @param {((...of: any[]) => void) | null | undefined} f */
export function useMessages(shared, f) {
	const handler = useRef(f);
	useEffect(() => {
		handler.current = f;
	});
	useEffect(() => shared.listen((message, meta) => handler.current?.(message, meta)), [shared]);
}

/** Options that hold from now on; an object made anew at each render says nothing new. @param {{adopt: (options: any) => void}} shared @param {object} options */
export function useOptions(shared, options) {
	useEffect(() => shared.adopt(options), [shared, JSON.stringify(options)]);
}

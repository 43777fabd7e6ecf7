// What is said of the connection, in a state and in words; and the moments at which to look after it.

/** idle: HTTP alone, by option · refused: not with the same request @typedef {'off'|'idle'|'dialing'|'up'|'waiting'|'refused'|'unauthorized'} Phase */

/** What is known of the present link. @param {number} at when it began */
export const newLink = (at) => ({ at, greeted: false, heard: false, substance: false, quiet: false, ended: '' });

/**
 * @param {{phase: Phase, why: string, host: string, up: boolean, quiet: boolean, ended: string, unpushed: string[], polls: boolean, answers: boolean|null,
 *   fallback: string, before: boolean}} of up: connected and heard of; polls: HTTP is asked; answers: and answers (null: not yet); before: this is not the first try
 * @returns {[import('./live.js').State, string]}
 */
export function say(of) {
	const { phase, why, host } = of;
	if (phase === 'off' || phase === 'unauthorized') return [phase, why];
	if (of.up) return connected(of);
	if (of.polls && of.answers) return ['polling', of.fallback || why];
	const nobody = of.polls && of.answers === false && phase !== 'refused';
	return [of.before ? 'reconnecting' : 'connecting', nobody ? `No answer from ${host}` : why];
}

/** @param {{host: string, quiet: boolean, ended: string, unpushed: string[]}} of @returns {[import('./live.js').State, string]} */
function connected({ host, quiet, ended, unpushed }) {
	if (quiet) return ['stale', `Connected to ${host}, which does not answer`];
	if (ended) return ['stale', `Connected, but nothing new will come: ${ended}`];
	if (!unpushed.length) return ['live', `Connected to ${host}`];
	return ['live', `Connected to ${host}; asked for every few seconds, as the server does not push it: ${unpushed.join(', ')}`];
}

/** Calls back when a link is likely to be dead or a server to be there again: the page is looked at again, the network changed. @param {() => void} f @returns {() => void} */
export function onWake(f) {
	const doc = globalThis.document, names = ['online', 'offline', 'pageshow'];
	if (!doc?.addEventListener) return () => {};
	const seen = () => void (doc.visibilityState === 'hidden' || f());
	doc.addEventListener('visibilitychange', seen);
	for (const name of names) globalThis.addEventListener(name, f);
	return () => {
		doc.removeEventListener('visibilitychange', seen);
		for (const name of names) globalThis.removeEventListener(name, f);
	};
}

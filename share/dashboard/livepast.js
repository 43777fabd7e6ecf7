// No event is lost and none comes twice: where we stand in the server's events, what is asked for after a gap, what was seen already.
import { createSeen, isObject, isOf, isOffset } from './livewire.js';

const SEEN_MAX = 10000; // as many as the server's history has
const HELD_MAX = 5000; // events that wait for older ones
const AT_ONCE = 10000; // of one answer
const NONE = 'this server keeps no history';
const EPOCH_MAX = 64; // characters
const PATIENCE_MS = 10000;
const HOLD_MS = 20000; // without a connection: HTTP, asked after 15 s, may bring the older ones
const RETRIES_MS = [1000, 2000, 4000, 8000, 16000, 30000];

/** @param {any} m */
const isPlace = (m) => typeof m?.epoch === 'string' && m.epoch.length <= EPOCH_MAX && isOffset(m.offset);

/**
 * @typedef {{epoch: string, offset: number}} Place
 * @typedef {{polled: boolean, late?: boolean}} How late: it happened before, and comes now
 * @typedef {{from: Place, ahead: Place, held: any[] | null, reading: boolean, tried: number}} Gap what lies behind `from` is not known yet;
 *   events that come meanwhile are held, or no longer (null)
 */

/**
 * @param {{get: (path: string) => Promise<{status: number, body: any}>, later: import('./livelink.js').Later, topics: () => string[],
 *   deliver: (message: any, how: How) => void}} of
 */
export function createPast({ get, later, topics, deliver }) {
	const seen = createSeen(SEEN_MAX);
	/** @type {Place | null} */
	let place = null;
	/** @type {Gap | null} */
	let gap = null;
	/** @type {import('./livelink.js').Timer | null} */
	let timer = null;
	/** @type {import('./livelink.js').Timer | null} */
	let hold = null; // while there is no connection, and events are held
	let turn = 0; // counts connections: an answer of an earlier one does not move us

	/** @param {any} m */
	const keyOf = (m) => (typeof m.id === 'string' && m.id && m.id.length < 200 ? `${m.type} ${m.id}` : `${(gap?.ahead ?? place)?.epoch} ${m.offset}`);

	/** @param {any} m @param {How} how */
	function pass(m, how) {
		if (seen.fresh(keyOf(m))) deliver(m, how);
	}

	/** @param {number} offset */
	function advance(offset) {
		if (gap) gap.ahead = { epoch: gap.ahead.epoch, offset: Math.max(gap.ahead.offset, offset) };
		else if (place && offset > place.offset) place = { epoch: place.epoch, offset };
	}

	function fill() {
		const now = gap;
		if (!now || now.reading) return;
		now.reading = true;
		const mine = turn;
		read(now.from).then((body) => mine === turn && gap === now && filled(body), (error) => mine === turn && gap === now && unfilled(error?.message === NONE));
	}

	/** @param {Place} from @param {string} [type] @returns {Promise<any>} */
	async function read(from, type) {
		const { status, body } = await get(`/api/v1/events?since=${encodeURIComponent(`${from.epoch}:${from.offset}`)}&limit=${AT_ONCE}${type ? `&type=${type}` : ''}`);
		if (status !== 200 || !isObject(body) || !Array.isArray(body.events)) throw new Error(status === 404 ? NONE : `HTTP ${status}`);
		return body;
	}

	/** The answer of the history, oldest first, as far as anybody wants it. @param {any} body */
	function passAll(body) {
		const wanted = topics();
		for (const m of body.events.slice().reverse()) if (isObject(m) && typeof m.type === 'string' && isOf(wanted, m)) pass(m, { polled: true, late: true });
	}

	/** @param {any} body */
	function filled(body) {
		const held = unheld();
		place = /** @type {Gap} */ (gap).ahead;
		gap = null;
		passAll(body);
		if (body.epoch === place.epoch && isOffset(body.offset)) advance(body.offset);
		for (const m of held) pass(m, { polled: false });
	}

	// What came meanwhile waits no longer; the gap is asked for again, unless there is no history at all.
	/** @param {boolean} never */
	function unfilled(never) {
		const now = /** @type {Gap} */ (gap);
		now.reading = false;
		letGo();
		if (never) {
			place = now.ahead;
			gap = null;
			return;
		}
		timer?.cancel();
		timer = later(RETRIES_MS[Math.min(now.tried++, RETRIES_MS.length - 1)], fill);
	}

	/** @returns {any[]} what was held until now */
	function unheld() {
		const held = gap?.held ?? [];
		hold?.cancel();
		hold = null;
		if (gap) gap.held = null;
		return held;
	}

	function letGo() {
		for (const m of unheld()) pass(m, { polled: false });
	}

	/** What was held of a server that has forgotten since is older than all it has. @param {string} epoch its present one */
	function meet(epoch) {
		if (gap && gap.ahead.epoch !== epoch) letGo();
	}

	return {
		/** The newest place seen or told of. */
		get place() {
			return gap ? gap.ahead : place;
		},
		/** Where a new connection is to begin: behind the last event that surely came. */
		get since() {
			return gap ? gap.from : place;
		},
		/** The first `connected` of a connection. @param {any} m */
		greet(m) {
			turn++;
			if (!isPlace(m)) return;
			const here = { epoch: m.epoch, offset: m.offset };
			meet(here.epoch);
			if (!place) {
				place = here;
				return;
			}
			if (place.epoch === here.epoch && place.offset === here.offset) return;
			gap = { from: place, ahead: here, held: gap?.held ?? [], reading: false, tried: 0 };
			timer = later(PATIENCE_MS, fill);
			if (place.epoch !== here.epoch || here.offset < place.offset) fill();
		},
		/** @param {any} m a `subscribed` */
		subscribed(m) {
			if (!gap || gap.reading || typeof m.recovered !== 'boolean') return;
			if (!m.recovered) return fill();
			timer?.cancel();
			// what was held comes again with the replay; we stand where we stood until it has come
			unheld();
			gap = null;
			if (m.replayed === 0 && isOffset(m.offset)) advance(m.offset);
		},
		/** An answer to what was asked after the subscription: a server that knows of resuming would have said so by now. */
		answered() {
			if (gap && !gap.reading && !gap.tried) fill();
		},
		/** @param {any} m a live event, with its offset */
		take(m) {
			if (gap?.held && gap.held.length < HELD_MAX) return void (gap.held.push(m), advance(m.offset));
			letGo();
			advance(m.offset);
			pass(m, { polled: false });
		},
		/** An event of a server without offsets. @param {any} m */
		takeBare(m) {
			if (typeof m.id !== 'string' || seen.fresh(keyOf(m))) deliver(m, { polled: false });
		},
		/** The connection is gone. What is held waits for the next resume or for HTTP to bring the older ones, but not for ever. */
		cut() {
			turn++;
			timer?.cancel();
			gap = gap?.held?.length ? { ...gap, reading: false, tried: 0 } : null;
			if (gap) hold ??= later(HOLD_MS, letGo);
		},
		letGo,
		/** What happened since, by HTTP; of a type alone since `from`. @param {string} [type] @param {Place | null} [from] @returns {Promise<Place | null>} where that stands now */
		async poll(type, from = place) {
			const mine = turn;
			if (!from) return first(mine);
			const body = await read(from, type);
			const now = isPlace(body) ? { epoch: body.epoch, offset: body.offset } : from;
			if (type) passAll(body);
			else if (mine === turn) {
				meet(now.epoch);
				const held = unheld();
				place = now;
				gap = null;
				passAll(body);
				for (const m of held) pass(m, { polled: false });
			}
			return now;
		},
	};

	/** Nothing was seen yet: from now on. @param {number} mine */
	async function first(mine) {
		const { status, body } = await get('/api/v1/events?limit=1');
		if (status === 200 && mine === turn && !place && isPlace(body)) place = { epoch: body.epoch, offset: body.offset };
		return place;
	}
}

// The server's history into the log: all of it at load, and after a connection that was gone what was missed. Large answers are
// taken piece by piece, so that nothing on the page waits for them.
import { ENTRIES_MAX } from './alertlog.js';

const SLICE_MS = 8;
const HELLO_MS = 300; // after a greeting, for the word whether the server replays what was missed
const RETRY_MS = 10000, RETRY_MAX_MS = 300000;
const BRACE = 123, BRACE_END = 125, BRACKET = 91, BRACKET_END = 93, QUOTE = 34, BACKSLASH = 92;

/**
 * Cuts `{"events":[{…},{…}],…}` into its elements as its text comes; what is around them stays as `frame`.
 * @param {(text: string) => void} onElement
 */
export function createSplitter(onElement) {
	let depth = 0, inText = false, escaped = false, element = '', frame = '';

	/** What is between elements but for the comma. @param {string} s @param {boolean} between */
	function keep(s, between) {
		frame += between ? s.replace(/^\s*,/, '') : s;
	}
	/** @param {string} s */
	function feed(s) {
		let from = 0, between = depth === 2;
		for (let i = 0; i < s.length; i++) {
			const c = s.charCodeAt(i);
			if (inText) {
				if (escaped) escaped = false;
				else if (c === BACKSLASH) escaped = true;
				else if (c === QUOTE) inText = false;
			} else if (c === QUOTE) inText = true;
			else if (c === BRACE || c === BRACKET) {
				if (depth === 2) {
					keep(s.slice(from, i), between);
					from = i;
				}
				depth++;
			} else if (c === BRACE_END || c === BRACKET_END) {
				depth--;
				if (depth === 2) {
					onElement(element + s.slice(from, i + 1));
					element = '';
					from = i + 1;
					between = true;
				}
			}
		}
		if (depth > 2) element += s.slice(from);
		else keep(s.slice(from), between);
	}
	return {
		feed,
		/** The object without the elements; null if the text was cut short. @returns {any} */
		end() {
			try {
				return depth === 0 ? JSON.parse(frame) : null;
			} catch {
				return null;
			}
		},
	};
}

/** @param {any} m */
const placeOf = (m) => ({ epoch: typeof m.epoch === 'string' ? m.epoch : '', offset: Number(m.offset) || 0 });

/** The next turn, whatever the clock does. */
function turn() {
	return new Promise((done) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			done(undefined);
		};
		port2.postMessage(0);
	});
}

/** @param {Response} answer @param {(record: unknown) => void} take @returns {Promise<any>} */
async function readEvents(answer, take) {
	/** @type {string[]} */
	let waiting = [];
	const splitter = createSplitter((text) => waiting.push(text));
	const drain = async () => {
		let began = performance.now();
		for (const text of waiting.splice(0)) {
			try {
				take(JSON.parse(text));
			} catch {
				// one that cannot be read costs itself alone
			}
			if (performance.now() - began < SLICE_MS) continue;
			await turn();
			began = performance.now();
		}
	};
	const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
	for (;;) {
		const part = await reader?.read();
		if (!part || part.done) return splitter.end();
		for (let i = 0; i < part.value.length; i += 65536) {
			splitter.feed(part.value.slice(i, i + 65536));
			await drain();
			await turn();
		}
	}
}

/**
 * @param {{log: import('./alertlog.js').AlertLog, live: any, hello?: any, request: (path: string) => Promise<Response>, onState: () => void}} of
 *   hello: the greeting, if the server has said it before this was called
 */
export function createAlertFill({ log, live, hello: said = null, request, onState }) {
	const s = { state: /** @type {'loading'|'done'|'failed'} */ ('loading'), reason: '', hello: /** @type {{epoch: string, offset: number}|null} */ (null) };
	/** @type {number|null} */
	let gapFrom = null; // behind this, something may have been missed
	let epoch = '', newest = 0, filled = false, again = false, busy = false, timer = 0, hello = 0, retry = RETRY_MS;

	const status = () => live.status ?? {};

	async function fill() {
		if (busy) return void (again = true);
		busy = true;
		const since = filled && epoch ? `&since=${encodeURIComponent(`${epoch}:${gapFrom ?? newest}`)}` : '';
		try {
			await load(since);
		} catch (error) {
			failed(error instanceof Error && error.name !== 'TypeError' ? error.message : 'the server does not answer');
		}
		busy = false;
		onState();
		if (again) {
			again = false;
			fill();
		}
	}
	/** @param {string} since */
	async function load(since) {
		const answer = await request(`/api/v1/events?type=system_alert&limit=${ENTRIES_MAX}${since}`);
		if (answer.status === 404 || answer.status === 503) return done(null); // a server without a history
		if (!answer.ok) return failed(answer.status === 401 || answer.status === 403 ? 'the server asks for a token' : `the server answered ${answer.status}`);
		const origin = { live: false, recovered: filled, epoch: status().epoch ?? null };
		const frame = await readEvents(answer, (record) => void log.take(record, origin));
		if (!frame) return failed('the answer was cut short');
		done(frame);
	}
	/** @param {any} frame */
	function done(frame) {
		s.state = 'done';
		filled = true;
		gapFrom = null;
		retry = RETRY_MS;
		if (typeof frame?.epoch !== 'string') return;
		if (frame.epoch !== epoch) newest = 0;
		epoch = frame.epoch;
		newest = Math.max(newest, Number(frame.offset) || 0);
		log.met({ epoch, offset: newest });
	}
	/** @param {string} reason */
	function failed(reason) {
		s.state = filled ? 'done' : 'failed';
		s.reason = reason;
		clearTimeout(timer);
		timer = window.setTimeout(fill, retry);
		retry = Math.min(RETRY_MAX_MS, retry * 2);
	}

	/** @param {any} m */
	function greeted(m) {
		const place = placeOf(m);
		s.hello = place;
		log.met(place);
		if (filled && place.epoch === epoch && place.offset <= newest) return;
		if (filled && place.epoch !== epoch) {
			epoch = '';
			newest = 0;
		}
		gapFrom ??= newest;
		clearTimeout(hello);
		hello = window.setTimeout(fill, HELLO_MS);
	}
	function replayed() {
		clearTimeout(hello);
		gapFrom = null;
	}
	live.on('message', (/** @type {any} */ m) => {
		if (m?.type === 'connected') greeted(m);
		else if (m?.type === 'subscribed' && m.recovered === true && filled) replayed();
		else if (m?.type === 'system_alert' && typeof m.offset === 'number' && m.offset > newest && status().epoch === epoch) newest = m.offset;
	});
	let before = '';
	live.on('status', (/** @type {any} */ now) => {
		if (now?.state === 'polling' && before && before !== 'polling') fill();
		before = now?.state ?? '';
	});
	document.addEventListener('tokenchange', () => fill());
	if (said) {
		s.hello = placeOf(said);
		log.met(s.hello);
	}
	return Object.assign(s, { fill });
}

// Stands in for live.js where a test wants a state of the link that a real server does not stay in: globalThis.fakeLive.
const OFF = { state: 'connecting', retryAt: null, latency: null, heard: null, since: Date.now(), tries: 0, code: null, reason: '', flags: null, epoch: '', offset: 0, skew: 0 };

export function createLive(options) {
	const ears = { message: new Set(), status: new Set() };
	const live = {
		options,
		wishes: {},
		refreshed: 0,
		status: OFF,
		on(kind, f) {
			ears[kind].add(f);
			if (kind === 'status') f(live.status);
			return () => ears[kind].delete(f);
		},
		want: (owner, topics, how) => (live.wishes[owner] = { topics, ...how }),
		refresh: () => live.refreshed++,
		setToken: (token) => (live.token = token),
		close() {},
		say(more) {
			live.status = { ...live.status, ...more };
			for (const f of ears.status) f(live.status);
		},
		give(...messages) {
			for (const m of messages) for (const f of ears.message) f({ timestamp: new Date().toISOString(), ...m }, { polled: false, received: Date.now() });
		},
	};
	return (globalThis.fakeLive = live);
}

// The connection to OpenRisk's dashboard, for all components of a page that name the same url.
import { withDefaults } from './connection.js';
import { INITIAL, forgive, reduce, takeData, takeStatus } from './dashboard-state.js';
import { Fed, atLeast, createRegistry, tokenOf } from './fed.js';
import { placeOf } from './feedplace.js';

const SYSTEM = { path: '/api/v1/ws/dashboard', poll: '/api/v1/dashboard/complete' };
const RULES = { initial: INITIAL, reduce, takePolled: takeData, takeStatus, forgive };
const TOKEN = 'auth_token'; // where OpenRisk's page keeps it

/** @type {Set<() => void>} */
const watchers = new Set();

/** Throws where a browser forbids it. */
const kept = () => globalThis.localStorage?.getItem(TOKEN) ?? '';

/** @extends {Fed<import('./feeds.js').DashboardState>} */
export class Dashboard extends Fed {
	plan() {
		const o = this.options, all = withDefaults({ ...o, url: undefined });
		return {
			place: placeOf({ url: o.url, server: all.url, page: globalThis.location?.href }, SYSTEM), token: tokenOf(all.token, kept), ping: '{"action":"ping"}',
			pingMs: atLeast(o.heartbeatInterval, 1, 30000), enabled: all.enabled !== false, reconnect: true, attempts: atLeast(o.maxReconnectAttempts, 0, 5),
			delayMs: atLeast(o.reconnectInterval, 1, 1000), poll: o.fallbackToPoll !== false || all.enabled === false, pollMs: atLeast(o.pollInterval, 1, 30000),
		};
	}

	/** @param {import('./feeds.js').DashboardState} next */
	become(next) {
		super.become(next);
		for (const f of [...watchers]) f();
	}

	/** The analytics now, over whatever there is; while there is no connection, the next try is now. */
	refresh() {
		if (!this.send({ action: 'refresh' })) this.retry();
	}
}

const registry = createRegistry((options) => new Dashboard(RULES, options));

/** @param {import('./feeds.js').WebSocketDashboardConfig} options */
export const dashboardFor = (options) => registry.get(options);

/** The one that is open on this page, if there is any; watch tells when it may be another one, or says something else. */
export const openDashboard = () => registry.all().find((c) => c.running) ?? null;
/** @param {() => void} f */
export function watchDashboards(f) {
	watchers.add(f);
	return () => void watchers.delete(f);
}

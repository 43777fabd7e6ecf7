// useWebSocketStatus: the state of the page's connection alone; it opens none.
import { useRef, useSyncExternalStore } from 'react';
import { connectionFor } from './connection.js';
import { openDashboard, watchDashboards } from './dashboard.js';
import { useShared } from './use-shared.js';


/** How OpenRisk's page says it; the same object while it is the same. @returns {any} null: there is no such connection on this page */
function useDashboardStatus() {
	const last = useRef(/** @type {any} */ (null));
	const snapshot = () => {
		const s = openDashboard()?.state, now = s ? { connected: s.connected, reconnecting: s.reconnecting, error: s.error, isHealthy: s.connected && !s.error } : null;
		if (JSON.stringify(now) !== JSON.stringify(last.current)) last.current = now;
		return last.current;
	};
	return useSyncExternalStore(watchDashboards, snapshot, () => null);
}

/** @type {typeof import('./index.js').useWebSocketStatus} */
export function useWebSocketStatus(options = {}) {
	const read = useShared(connectionFor(options)), dashboard = useDashboardStatus();
	const own = { status: read('status'), isConnected: read('isConnected'), connectionType: read('connectionType') };
	const error = own.status === 'error' ? (read('connection')?.reason ?? 'error') : null;
	const same = { connected: own.isConnected, reconnecting: own.status === 'connecting', error, isHealthy: own.isConnected };
	return /** @type {any} */ ({ ...own, ...(dashboard ?? same) });
}

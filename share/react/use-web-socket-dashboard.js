// useWebSocketDashboard and useDashboardWithWebSocket: an application's analytics, live, as OpenRisk's plan has it.
import { useMemo, useState } from 'react';
import { dashboardFor } from './dashboard.js';
import { members, useHold, useMessages, useOptions, useShared } from './use-shared.js';

/** @type {Record<string, keyof import('./feeds.js').DashboardState>} */
const MEMBERS = { data: 'data', loading: 'loading', error: 'error', connected: 'connected', reconnecting: 'reconnecting', clientCount: 'clientCount' };

/** @param {import('./feeds.js').WebSocketDashboardConfig & {enabled?: boolean}} config @param {typeof MEMBERS} names */
function useDashboard({ onMessage, ...options }, names) {
	const connection = dashboardFor(options);
	const [own] = useState(() => ({}));
	useMessages(connection, onMessage);
	useOptions(connection, options);
	useHold(connection, own);
	const read = useShared(connection);
	const refresh = useMemo(() => () => connection.refresh(), [connection]);
	return /** @type {any} */ (Object.defineProperties({ refresh }, members(names, read)));
}

/** @type {typeof import('./index.js').useWebSocketDashboard} */
export const useWebSocketDashboard = (config = {}) => useDashboard(config, MEMBERS);

/** @type {typeof import('./index.js').useDashboardWithWebSocket} */
export const useDashboardWithWebSocket = (webSocketEnabled = true) => useDashboard(webSocketEnabled ? {} : { enabled: false }, { ...MEMBERS, source: 'source' });

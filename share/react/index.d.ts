import type {
	DashboardStatus, DashboardWithWebSocketReturn, LiveDiagnosticsConfig, LiveDiagnosticsReturn, WebSocketDashboardConfig, WebSocketDashboardReturn,
} from './feeds.js';
import type { ConnectionOptions, LiveState, UseWebSocketOptions, UseWebSocketReturn } from './types.js';

export type * from './feeds.js';
export type * from './types.js';

/** What KATO says, live. All components of a page that name the same url share one connection. */
export declare function useWebSocket(options?: UseWebSocketOptions): UseWebSocketReturn;
export declare function useWebSocket(
	autoConnect?: boolean,
	onMessage?: UseWebSocketOptions['onMessage'] | null,
	subscriptions?: UseWebSocketOptions['subscriptions'],
): UseWebSocketReturn;
export declare function useWebSocket(enabled: boolean | undefined, url: string, subscriptions?: UseWebSocketOptions['subscriptions']): UseWebSocketReturn;

/**
 * The state of the page's connection; opens none. The members of DashboardStatus are those of the page's OpenRisk dashboard where there is one, else they say
 * the same of the connection to KATO.
 */
export declare function useWebSocketStatus(options?: ConnectionOptions): Pick<LiveState, 'status' | 'isConnected' | 'connectionType'> & DashboardStatus;

/** TopDeck's live diagnostics. All components of a page that name the same url share one connection. */
export declare function useLiveDiagnosticsWebSocket(config?: LiveDiagnosticsConfig): LiveDiagnosticsReturn;

/** OpenRisk's dashboard. All components of a page that name the same url share one connection. */
export declare function useWebSocketDashboard(config?: WebSocketDashboardConfig): WebSocketDashboardReturn;

/** The same, with where the data comes from; false: by HTTP alone. */
export declare function useDashboardWithWebSocket(webSocketEnabled?: boolean): DashboardWithWebSocketReturn;

/** What all hooks of the page start from; call it before the first is mounted. */
export declare function configure(options: ConnectionOptions): void;

/** Options of VITE_WS_URL (else VITE_API_URL), VITE_WS_ENABLED, VITE_WS_CONTAINER_STATS, VITE_WS_SESSION_EVENTS, VITE_WS_ALERTS, VITE_WS_SELECTIVE_SUBSCRIPTIONS. */
export declare function optionsFromEnv(env: Record<string, any>): ConnectionOptions;

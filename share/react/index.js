// React hooks for KATO Live.
export { configure } from './connection.js';
export { optionsFromEnv } from './env.js';
export { useLiveDiagnosticsWebSocket } from './use-live-diagnostics-web-socket.js';
export { useDashboardWithWebSocket, useWebSocketDashboard } from './use-web-socket-dashboard.js';
export { useWebSocket } from './use-web-socket.js';
export { useWebSocketStatus } from './use-web-socket-status.js';

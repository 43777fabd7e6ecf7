// React hooks for KATO Live.
export { configure } from './connection.js';
export { optionsFromEnv } from './env.js';
export { useWebSocket } from './use-web-socket.js';
export { useWebSocketStatus } from './use-web-socket-status.js';

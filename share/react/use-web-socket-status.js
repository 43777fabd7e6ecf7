// useWebSocketStatus: the state of the page's connection alone; it opens none.
import { connectionFor } from './connection.js';
import { useConnectionState } from './use-web-socket.js';

/** @type {typeof import('./index.js').useWebSocketStatus} */
export function useWebSocketStatus(options = {}) {
	const read = useConnectionState(connectionFor(options));
	return /** @type {any} */ ({ status: read('status'), isConnected: read('isConnected'), connectionType: read('connectionType') });
}

// useWebSocketStatus: the state of the page's connection alone; it opens none.
import { connectionFor } from './connection.js';
import { useShared } from './use-shared.js';

/** @type {typeof import('./index.js').useWebSocketStatus} */
export function useWebSocketStatus(options = {}) {
	const read = useShared(connectionFor(options));
	return /** @type {any} */ ({ status: read('status'), isConnected: read('isConnected'), connectionType: read('connectionType') });
}

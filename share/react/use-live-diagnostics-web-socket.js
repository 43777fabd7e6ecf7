// useLiveDiagnosticsWebSocket: services, anomalies, traffic and failing dependencies, live, as TopDeck's plan has it.
import { useCallback, useEffect, useMemo, useState } from 'react';
import { concerning } from './diagnostics-state.js';
import { diagnosticsFor } from './diagnostics.js';
import { members, useHold, useMessages, useOptions, useShared } from './use-shared.js';

/** @param {unknown} list @returns {string[]} */
const idsOf = (list) => (Array.isArray(list) ? list.filter((id) => typeof id === 'string' && id !== '') : []);

/** What this component looks at; none: everything. */
function useIds() {
	const [ids, setIds] = useState(/** @type {string[]} */ ([]));
	const subscribe = useCallback((/** @type {unknown} */ list) => setIds((old) => [...new Set([...old, ...idsOf(list)])]), []);
	const unsubscribe = useCallback((/** @type {unknown} */ list) => setIds((old) => old.filter((id) => !idsOf(list).includes(id))), []);
	return { ids, subscribe, unsubscribe };
}

/** @param {import('./diagnostics.js').Diagnostics} connection @param {unknown} interval @param {string[]} ids */
function useWish(connection, interval, ids) {
	const [own] = useState(() => ({ mounted: false }));
	useEffect(() => {
		own.mounted = true;
		connection.wish(own, { interval, ids });
		return () => {
			own.mounted = false;
			connection.wish(own, null);
		};
	}, [connection, interval, ids]);
	return own;
}

/** @type {typeof import('./index.js').useLiveDiagnosticsWebSocket} */
export function useLiveDiagnosticsWebSocket(config = {}) {
	const { updateInterval, onMessage, ...options } = config;
	const connection = diagnosticsFor(options);
	const { ids, subscribe, unsubscribe } = useIds();
	const own = useWish(connection, updateInterval, ids);
	useMessages(connection, onMessage);
	useOptions(connection, options);
	useHold(connection, own);
	const read = useShared(connection);
	const seen = useMemo(() => ({ of: /** @type {any} */ (null), is: /** @type {any} */ (null) }), [ids]);
	const snapshot = () => {
		const all = read('snapshot');
		if (seen.of !== all) Object.assign(seen, { of: all, is: concerning(all, ids) });
		return seen.is;
	};
	const actions = useMemo(() => ({
		connect() {
			if (own.mounted) connection.hold(own);
			connection.retry();
		},
		disconnect: () => connection.disconnect(),
		requestSnapshot: () => connection.refresh(),
		sendMessage: (/** @type {string | object} */ message) => connection.send(message),
	}), [connection]);
	const values = { ...members({ connectionStatus: 'connectionStatus', error: 'error' }, read), snapshot: { enumerable: true, get: snapshot } };
	return /** @type {any} */ (Object.defineProperties({ ...actions, subscribe, unsubscribe }, values));
}

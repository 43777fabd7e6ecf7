// useWebSocket: what KATO says, live, in a component. Its three ways to be called are those of the plan, its phase 4 and the dashboard's code.
import { useEffect, useMemo, useState } from 'react';
import { DEFAULT_TOPICS, connectionFor } from './connection.js';
import { members, useHold, useMessages, useShared } from './use-shared.js';

/** @typedef {import('./types.js').UseWebSocketOptions} Options @typedef {import('./types.js').LiveState} LiveState @typedef {import('./connection.js').Connection} Connection */

/** The members that are known under an older name as well. @type {Record<string, keyof LiveState>} */
const MEMBERS = {
	metrics: 'metrics', data: 'metrics', containers: 'containers', containerStats: 'containers', sessions: 'sessions', sessionSummary: 'sessions',
	sessionEvents: 'sessionEvents', sessionEvent: 'sessionEvent', alerts: 'alerts', systemAlerts: 'systemAlerts', unreadAlertCount: 'unreadAlertCount',
	status: 'status', isConnected: 'isConnected', connectionType: 'connectionType', connection: 'connection',
};

/** (autoConnect, onMessage, subscriptions), (enabled, url, subscriptions), or one object. @param {any[]} args @returns {Options} */
export function optionsOf([first, second, subscriptions]) {
	if (typeof first === 'object' && first !== null) return first;
	return { autoConnect: first, ...(typeof second === 'function' ? { onMessage: second } : typeof second === 'string' ? { url: second } : {}), subscriptions };
}

/** @param {readonly unknown[] | undefined} list @returns {string[]} */
const topicsOf = (list) => [...new Set((list ?? []).filter((t) => typeof t === 'string').filter(Boolean))].sort();

/** What a component wants: its list, and what it asked for and took back by itself. @param {Connection} connection @param {Options['subscriptions']} list */
function useTopics(connection, list) {
	const [own] = useState(() => ({ more: new Set(), less: new Set(), base: /** @type {string[]} */ ([]), mounted: false }));
	const key = JSON.stringify(topicsOf(list));
	const effective = () => topicsOf([...(own.base.length ? own.base : DEFAULT_TOPICS), ...own.more]).filter((t) => !own.less.has(t));
	useEffect(() => {
		own.base = JSON.parse(key);
		own.mounted = true;
		connection.want(own, effective());
		return () => {
			own.mounted = false;
			connection.want(own, null);
		};
	}, [connection, key]);
	return useMemo(() => ({
		own,
		/** @param {string | string[]} topics */
		subscribe(topics) {
			for (const t of topicsOf([topics].flat())) own.less.delete(t), own.more.add(t);
			if (own.mounted) connection.want(own, effective());
		},
		/** @param {string | string[]} topics */
		unsubscribe(topics) {
			for (const t of topicsOf([topics].flat())) own.more.delete(t), own.less.add(t);
			if (own.mounted) connection.want(own, effective());
		},
	}), [connection]);
}

/** @type {typeof import('./index.js').useWebSocket} */
export function useWebSocket(/** @type {any[]} */ ...args) {
	const options = optionsOf(args);
	const { autoConnect = true, onMessage, subscriptions, ...rest } = options;
	const connection = connectionFor(rest);
	const topics = useTopics(connection, subscriptions);
	const read = useShared(connection);
	useMessages(connection, onMessage);
	useHold(connection, topics.own, autoConnect);
	useEffect(() => {
		if (rest.token !== undefined) connection.setToken(rest.token);
	}, [connection, rest.token]);
	const actions = useMemo(() => ({
		subscribe: topics.subscribe,
		unsubscribe: topics.unsubscribe,
		sendMessage: (/** @type {string | object} */ message) => connection.send(message),
		connect: () => topics.own.mounted && connection.hold(topics.own),
		disconnect: () => connection.disconnect(),
		refresh: () => connection.refresh(),
		markAlertsAsRead: () => connection.readAlerts(),
		clearAllAlerts: () => connection.clearAlerts(),
	}), [connection]);
	const activeSessionCount = { enumerable: true, get: () => read('sessions')?.active_count ?? null };
	return /** @type {any} */ (Object.defineProperties({ ...actions }, { ...members(MEMBERS, read), activeSessionCount }));
}

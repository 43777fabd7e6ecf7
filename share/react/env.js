// The names of the plan's environment, as options: configure(optionsFromEnv(import.meta.env)).

/** @param {unknown} v a flag is on unless it is said to be off */
const on = (v) => !/^(false|0|no|off)$/i.test(String(v ?? ''));

/** @type {typeof import('./index.js').optionsFromEnv} */
export function optionsFromEnv(env) {
	const url = env.VITE_WS_URL || (env.VITE_API_URL ? `${String(env.VITE_API_URL).replace(/^http/, 'ws').replace(/\/+$/, '')}/ws` : undefined);
	return {
		...(url ? { url } : {}), enabled: on(env.VITE_WS_ENABLED), containerStats: on(env.VITE_WS_CONTAINER_STATS), sessionEvents: on(env.VITE_WS_SESSION_EVENTS),
		alerts: on(env.VITE_WS_ALERTS), selectiveSubscriptions: on(env.VITE_WS_SELECTIVE_SUBSCRIPTIONS),
	};
}

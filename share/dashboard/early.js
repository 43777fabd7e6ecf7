// A classic script on purpose. Before the first paint, so that a page asked to be dark is never shown light:
try {
	const chosen = localStorage.getItem('kato_live_theme');
	if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
	// no storage: the system decides
}
// Asked for before the modules are read, which takes longer; app.js waits for it, and never long.
globalThis.katoConfig = fetch('/config.json', { signal: AbortSignal.timeout(1000) })
	.then((answer) => (answer.ok ? answer.json() : null))
	.catch(() => null);

// Before the first paint, so that a page asked to be dark is never shown light. A classic script on purpose.
try {
	const chosen = localStorage.getItem('kato_live_theme');
	if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
	// no storage: the system decides
}

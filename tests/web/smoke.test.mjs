import assert from 'node:assert/strict';
import { alert, containers, metrics, open, sessions, start, test } from './harness.mjs';

test('the page shows what comes', async () => {
	const b = await start();
	b.feed(metrics({ active: 42 }), containers(), sessions(42), alert());
	const page = await open(b.url);
	await page.getByText('42').first().waitFor();
	assert.deepEqual(page.faults, []);
});

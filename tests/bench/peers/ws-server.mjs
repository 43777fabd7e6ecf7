// The peer "Node ws": each line of standard input to every client. ws-server.mjs [--deflate]
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { WebSocketServer } = require('ws');

const perMessageDeflate = process.argv.includes('--deflate')
	? { threshold: 0, serverNoContextTakeover: true, clientNoContextTakeover: true }
	: false;
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, path: '/ws', backlog: 4096, perMessageDeflate }, () => {
	console.log(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
});
server.on('connection', (/** @type {import('ws').WebSocket} */ client) => {
	client.on('message', () => client.send('{"type":"heartbeat"}'));
	client.on('error', () => client.terminate());
});
createInterface({ input: process.stdin }).on('line', (line) => {
	const bytes = Buffer.from(line);
	for (const client of server.clients) client.send(bytes, { binary: false });
});

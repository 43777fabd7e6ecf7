// The client of Node's ws package: deflate-node.mjs URL prints what was agreed on and all messages up to "subscribed".
import { createRequire } from 'node:module';

const WebSocket = createRequire(new URL('../web/package.json', import.meta.url))('ws');
const socket = new WebSocket(process.argv[2], { perMessageDeflate: { threshold: 0 } });

socket.on('open', () => {
	console.log(socket.extensions);
	socket.send('{"type":"subscribe","subscriptions":["weather"]}');
});
socket.on('message', (text) => {
	console.log(String(text));
	if (String(text).includes('"subscribed"')) socket.close();
});
socket.on('error', (error) => {
	console.log(`error: ${error.message}`);
	process.exit(1);
});

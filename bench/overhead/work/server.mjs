// Serves the work over HTTP on a free loopback port, whose number it prints. Requests and answers are JSON, as they would be for media.
import { createServer } from 'node:http';
import { shout } from './provider/work.mjs';

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const { text } = JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ text: shout(text) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();

import { createServer } from 'node:http';
import WebSocket, { WebSocketServer } from 'ws';
import { listening } from '../support/serve.js';

export default async () => {
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: true });
  sockets.on('connection', (socket) => socket.on('message', (data, binary) => socket.send(`${String(data)} ${binary}`)));
  return listening(server, async (address) => {
    const client = new WebSocket(address.replace('http', 'ws'));
    const got: string[] = [];
    await new Promise<void>((resolve, reject) => {
      client.on('error', reject);
      client.on('open', () => {
        client.send('text');
        client.send(Buffer.from('bytes'));
      });
      client.on('message', (data) => got.push(String(data)) === 2 && resolve());
    });
    client.terminate();
    sockets.close();
    return got.join(', ');
  });
};

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { listening } from '../support/serve.js';

export default async () => {
  const http = createServer();
  const server = new Server(http);
  server.on('connection', (socket) => {
    socket.on('shout', (text: string, data: Buffer, answer: (text: string) => void) => answer(`${text.toUpperCase()} ${data.length}`));
  });
  return listening(http, async (address) => {
    const said: string[] = [];
    for (const transport of ['websocket', 'polling']) {
      const client = io(address, { transports: [transport], reconnection: false });
      said.push((await client.timeout(10_000).emitWithAck('shout', 'moo', Buffer.from('1234'))) as string);
      client.disconnect();
    }
    server.disconnectSockets(true);
    return said.join(' ');
  });
};

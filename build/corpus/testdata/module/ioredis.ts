import { createServer, type AddressInfo } from 'node:net';
import { Redis } from 'ioredis';

export default async () => {
  const store = new Map<string, string>();
  // As much of the protocol as the calls below need: arrays of bulk strings in, simple answers out.
  const server = createServer((socket) => {
    socket.on('data', (data) => {
      const words = data.toString().split('\r\n');
      for (let at = 0; words[at]?.startsWith('*'); ) {
        const count = Number(words[at]?.slice(1));
        const [name = '', key = '', value = ''] = Array.from({ length: count }, (_, i) => words[at + 2 + 2 * i] ?? '');
        at += 1 + 2 * count;
        if (name.toLowerCase() === 'set') store.set(key, value);
        const kept = store.get(key);
        if (name.toLowerCase() === 'get') socket.write(kept === undefined ? '$-1\r\n' : `$${kept.length}\r\n${kept}\r\n`);
        else if (['set', 'client', 'hello', 'quit'].includes(name.toLowerCase())) socket.write('+OK\r\n');
        else socket.write(`-ERR unknown command '${name}'\r\n`);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const redis = new Redis({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, enableReadyCheck: false, lazyConnect: true, maxRetriesPerRequest: 1 });
  await redis.connect();
  const set = await redis.set('a', 'moo');
  const got = [await redis.get('a'), await redis.get('b')];
  const failed = await redis.call('NOPE').catch((error: Error) => `${error.name}: ${error.message}`);
  redis.disconnect();
  server.close();
  return `${set} ${JSON.stringify(got)} ${String(failed)}`;
};

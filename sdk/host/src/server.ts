import { writeSync } from 'node:fs';
import { createServer, type Http2Server } from 'node:http2';
import { join } from 'node:path';
import { ProviderDefinition } from './gen/provider';
import { goPluginServices } from './goplugin';
import { Router } from './grpc';
import type { Parameters } from './parameters';
import { endGroup } from './parent';
import type { ProviderHost } from './provider';

/** Milliseconds without any connection after which conduit counts as gone. */
const lonely = 3000;

/** Bytes that conduit may send before it waits for us: a large text should not take a round trip per 64 KiB. */
const window = 1 << 20;

/** Serves the contract on a unix socket (a loopback port on Windows) and writes go-plugin's handshake line. */
export async function serve(parameters: Parameters, provider: ProviderHost): Promise<void> {
  const router = new Router().service(ProviderDefinition, provider.routes());
  goPluginServices(router);
  const server = createServer({ settings: { initialWindowSize: window } });
  router.attach(server, parameters.token);
  watchSessions(server);
  const address = await listen(server, parameters.socketDir);
  writeSync(1, `1|1|${address}|grpc|\n`);
}

function listen(server: Http2Server, socketDir: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (process.platform === 'win32' || socketDir === '') {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address === null || typeof address === 'string') throw new Error('no address');
        resolve(`tcp|127.0.0.1:${address.port}`);
      });
      return;
    }
    const path = join(socketDir, 'provider.sock');
    server.listen(path, () => resolve(`unix|${path}`));
  });
}

/** Ends the process when conduit has connected and later lost all its connections. */
function watchSessions(server: Http2Server): void {
  let open = 0;
  let timer: NodeJS.Timeout | undefined;
  server.on('session', (session) => {
    open += 1;
    clearTimeout(timer);
    session.on('close', () => {
      open -= 1;
      if (open === 0) timer = setTimeout(endGroup, lonely);
    });
    session.on('error', () => session.destroy());
  });
}

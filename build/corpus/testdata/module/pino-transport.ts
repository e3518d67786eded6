import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    const destination = join(folder, 'log');
    const transport = pino.transport({ target: 'pino/file', options: { destination } }); // a worker thread writes
    const log = pino({ timestamp: false, base: null }, transport);
    log.info({ a: 1 }, 'from a worker');
    await new Promise<void>((resolve, reject) => {
      transport.on('close', resolve).on('error', reject);
      transport.on('ready', () => transport.end());
    });
    return readFile(destination, 'utf8');
  });

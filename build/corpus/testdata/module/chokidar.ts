import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { watch } from 'chokidar';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (cwd) => {
    await writeFile(join(cwd, 'before.txt'), '1');
    const watcher = watch('.', { cwd, usePolling: true, interval: 20 });
    const said: string[] = [];
    watcher.on('add', (name) => said.push(`add ${name}`));
    await new Promise((resolve) => watcher.on('ready', () => resolve(undefined)));
    const seen = new Promise((resolve) => watcher.on('all', (event, name) => name === 'after.txt' && resolve(event)));
    await writeFile(join(cwd, 'after.txt'), '2');
    await seen;
    await watcher.close();
    return [...new Set(said)].join('; ');
  });

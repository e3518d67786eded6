import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    const filename = join(folder, 'worker.mjs');
    await writeFile(filename, 'export default ({ a, b }) => a * b; export const named = (text) => text.length;\n');
    const pool = new Piscina({ filename, maxThreads: 2 });
    const products = await Promise.all([pool.run({ a: 2, b: 3 }), pool.run({ a: 4, b: 5 })]) as number[];
    const named = await pool.run('moo', { name: 'named' }) as number;
    await pool.destroy();
    return `${products.join()} ${named} ${Piscina.isWorkerThread}`;
  });

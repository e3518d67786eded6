import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import archiver from 'archiver';
import { inFolder } from '../support/files.js';
import { bytes, digest } from '../support/serve.js';

export default () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'one.txt'), 'moo');
    const said: string[] = [];
    for (const format of ['zip', 'tar'] as const) {
      const archive = archiver(format, { store: true });
      archive.append('content', { name: 'dir/a.txt', date: new Date('2020-01-01T00:00:00Z'), mode: 0o644 });
      archive.glob('*.txt', { cwd: folder }, { date: new Date('2020-01-01T00:00:00Z'), mode: 0o644, stats: undefined });
      void archive.finalize();
      const data = await bytes(archive);
      said.push(`${format} ${data.includes('one.txt')} ${data.includes('content')} ${archive.pointer() === data.length} ${digest(data.subarray(0, 4))}`);
    }
    return said.join(' ');
  });

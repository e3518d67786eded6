import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tar from 'tar';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'a.txt'), 'moo');
    await tar.create({ gzip: true, file: join(folder, 'x.tgz'), cwd: folder, portable: true }, ['a.txt']);
    const entries: string[] = [];
    await tar.list({ file: join(folder, 'x.tgz'), onReadEntry: (entry) => entries.push(`${entry.path} ${entry.size}`) });
    await writeFile(join(folder, 'a.txt'), 'changed');
    await tar.extract({ file: join(folder, 'x.tgz'), cwd: folder });
    return `${entries.join()} ${await readFile(join(folder, 'a.txt'), 'utf8')}`;
  });

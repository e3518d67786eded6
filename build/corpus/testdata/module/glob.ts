import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { glob, globSync } from 'glob';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (cwd) => {
    await mkdir(join(cwd, 'a/b'), { recursive: true });
    for (const name of ['a/one.js', 'a/b/two.js', 'a/b/.three.js', 'four.ts']) await writeFile(join(cwd, name), '');
    const all = await glob('**/*.{js,ts}', { cwd, posix: true });
    return `${all.sort().join()} ${globSync('a/**', { cwd, dot: true, nodir: true, ignore: '**/two.js', posix: true }).sort().join()}`;
  });

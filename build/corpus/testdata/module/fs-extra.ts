import { join } from 'node:path';
import fs from 'fs-extra';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    await fs.outputJson(join(folder, 'a/b/c.json'), { moo: [1] }, { spaces: 1 });
    await fs.copy(join(folder, 'a'), join(folder, 'z'));
    await fs.move(join(folder, 'a/b/c.json'), join(folder, 'moved.json'));
    await fs.emptyDir(join(folder, 'a'));
    return `${JSON.stringify(await fs.readJson(join(folder, 'z/b/c.json')))} ${(await fs.readdir(folder)).sort().join()} ${await fs.pathExists(join(folder, 'a/b'))}`;
  });

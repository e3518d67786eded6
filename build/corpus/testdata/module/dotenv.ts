import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import dotenv from 'dotenv';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    const path = join(folder, '.env');
    await writeFile(path, 'A=1\nB="two\\nlines" # note\nexport C=\'$A\'\nPATH=never\n');
    const into: Record<string, string> = { PATH: 'kept' };
    dotenv.config({ path, processEnv: into, quiet: true });
    return JSON.stringify([into, dotenv.parse('X = y z ')]);
  });

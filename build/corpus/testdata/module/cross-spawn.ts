import spawn from 'cross-spawn';
import { bytes } from '../support/serve.js';

export default async () => {
  const child = spawn(process.execPath, ['-e', 'console.log(process.argv.slice(1).join("|"))', 'a b', 'c"d'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const out = (await bytes(child.stdout!)).toString().trim();
  const { status } = spawn.sync(process.execPath, ['-e', 'process.exit(3)']);
  const missing = await new Promise<string>((resolve) => spawn('no-such-program').on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code))));
  return `${out} ${status} ${missing}`;
};

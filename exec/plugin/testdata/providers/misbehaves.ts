// One model for each way to fail in the middle of a call.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { BaseProvider } from './base';
import { Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';
const acts: Record<string, (input: any, options: any) => any> = {
  exit: () => process.exit(7),
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  memory: () => { for (const all: any[] = []; ; ) all.push(new Array(1 << 16).fill(0.5)); },
  // Both end by themselves where nothing stops them, so that a test fails before the machine does.
  buffers: async () => {
    for (const all: any[] = []; all.length < 128; await new Promise((resolve) => setTimeout(resolve, 5))) all.push(Buffer.alloc(16 << 20, 1));
    throw new Error('got all the memory it wanted');
  },
  childMemory: () => new Promise((_resolve, reject) => {
    const script = 'const all = []; setInterval(() => { all.push(Buffer.alloc(16 << 20, 1)); if (all.length > 128) process.exit(3); }, 5)';
    spawn(process.execPath, ['-e', script]).on('exit', (code) => reject(new Error(code === 3 ? 'got all the memory it wanted' : 'my child was ended')));
  }),
  loop: () => { for (;;); },
  never: () => new Promise(() => {}),
  child: async () => {
    const child = spawn('sleep', ['300'], { stdio: 'inherit' });
    return `${process.pid} ${child.pid}`;
  },
  inherit: async () => {
    await new Promise((resolve) => spawn('echo', ['from a child on the real stdout'], { stdio: 'inherit' }).on('exit', resolve));
    return 'ok';
  },
  megabytes: async () => {
    const line = 'x'.repeat(1023) + '\n';
    for (let i = 0; i < 8 * 1024; i++) process.stdout.write(line);
    console.log('y'.repeat(4 << 20));
    return `rss ${process.memoryUsage.rss()}`;
  },
  late: async () => {
    setTimeout(() => { throw new Error('thrown late'); }, 1);
    void Promise.reject(new Error('rejected late'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    return 'still here';
  },
  refused: async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as any;
    await new Promise((resolve) => server.close(resolve)); // nobody listens there now
    await fetch(`http://127.0.0.1:${port}/`);
  },
  nothing: async () => undefined,
  stream: async function* () { yield 'one '; yield 'two '; yield 'three'; },
  progress: async (_input: any, options: any) => {
    options.onProgress(0.25);
    options.onProgress({ progress: 50, message: 'half way' });
    return Text.fromString(JSON.stringify(options), 'en', 0.5);
  },
  abort: async (_input: any, options: any) => new Promise((_resolve, reject) => {
    console.log('waiting for abort');
    options.signal.addEventListener('abort', () => { console.log('aborted by signal'); reject(new Error('aborted')); });
  }),
  env: async () => JSON.stringify(process.env),
  stdin: async () => new Promise((resolve) => process.stdin.on('data', () => {}).on('end', () => resolve('end of input'))),
  string: async () => ({ not: 'media' }),
};
export default class MisbehavingProvider extends BaseProvider {
  get models() { return [...Object.keys(acts), 'shapeless'].map((id) => ({ id, name: id, capabilities: ['text-to-text'] })); }
  async getModel(id: string) {
    if (id === 'shapeless') return {};
    if (!acts[id]) throw new Error(`Unknown model: ${id}`);
    return { transform: acts[id] };
  }
}

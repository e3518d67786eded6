import { spawn } from 'node:child_process';

const acts: Record<string, () => unknown> = {
  // Loops here and in sixteen processes.
  loop: () => {
    for (let i = 0; i < 16; i++) spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    for (;;);
  },
  memory: async () => {
    for (const all: Buffer[] = []; ; await new Promise((resolve) => setImmediate(resolve))) all.push(Buffer.alloc(16 << 20, 1));
  },
  fork: async () => {
    const bomb = 'f() { f | f & }; f';
    for (;;) {
      await new Promise((resolve) => spawn('/bin/sh', ['-c', bomb], { stdio: 'ignore' }).on('error', resolve).on('exit', resolve));
    }
  },
};
const models = Object.keys(acts).map((id) => ({
  id, name: id, capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'], transform: acts[id],
}));

export default class HogProvider {
  readonly id = 'hog';
  readonly name = 'Hog';
  readonly type = 'remote';
  readonly capabilities = ['text-to-text'];
  readonly models = models;
  async configure() {}
  async isAvailable() {
    return true;
  }
  getModelsForCapability() {
    return models;
  }
  async getModel(id: string) {
    return models.find((each) => each.id === id);
  }
  async getHealth() {
    return { status: 'healthy' };
  }
}

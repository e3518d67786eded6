import { rmSync } from 'node:fs';
import { exit } from './faults';
import type { Parameters } from './parameters';

/** How often the watcher looks for conduit, in milliseconds; a provider is to be gone 5 s after it. */
const interval = 500;

let socketDir = '';

/**
 * Ends this process and all that it started, when conduit is dead. Where nobody does so from outside, a thread of its
 * own watches, because the provider's code may keep the main one busy for ever; it is text because a worker needs a module
 * of its own and we are one file.
 */
export function watchParent(parameters: Parameters): void {
  socketDir = parameters.socketDir;
  process.on('SIGTERM', () => endGroup());
  if (parameters.watched) return;
  const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
  const watcher = new Worker(watch, {
    eval: true,
    execArgv: [],
    workerData: { parent: parameters.parent, interval, socketDir },
  });
  watcher.unref();
  watcher.on('error', () => endGroup());
}

const watch = `
const { rmSync } = require('node:fs');
const { parent, interval, socketDir } = require('node:worker_threads').workerData;
function alive() {
  if (process.platform !== 'win32') return process.ppid === parent;
  try { process.kill(parent, 0); return true; } catch (error) { return error.code !== 'ESRCH'; }
}
setInterval(() => {
  if (alive()) return;
  try { if (socketDir) rmSync(socketDir, { recursive: true, force: true }); } catch {}
  try { process.kill(-process.pid, 'SIGKILL'); } catch {}
  process.kill(process.pid, 'SIGKILL');
}, interval);
`;

/** Ends this process and its group at once; nobody is left to ask. */
export function endGroup(): never {
  try {
    if (socketDir) rmSync(socketDir, { recursive: true, force: true });
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    // no group of our own: started by hand, or on Windows
  }
  return exit(1);
}

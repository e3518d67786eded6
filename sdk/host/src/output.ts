import { writeSync } from 'node:fs';
import { Console } from 'node:console';
import { Writable } from 'node:stream';

/** The levels of log records. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Characters of a message that make one record: its line stays below conduit's limit of 64 KiB however it is escaped. */
const longest = 8192;

/**
 * Writes one log record to standard error, synchronously: what a provider says must not gather in memory while conduit
 * reads, and must have been said when the process ends.
 */
export function record(level: Level, message: string): void {
  for (let at = 0; at === 0 || at < message.length; at += longest) {
    writeAll(JSON.stringify({ level, message: message.slice(at, at + longest) }) + '\n');
  }
}

const clock = new Int32Array(new SharedArrayBuffer(4));

function writeAll(line: string): void {
  let rest: Uint8Array = Buffer.from(line);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return; // conduit is gone, and so are we in a moment
      Atomics.wait(clock, 0, 0, 2); // the pipe is full: wait 2 ms for conduit to read
    }
  }
}

/** The level of what is being written: console methods set it around the write that they do. */
let level: Level | undefined;

/** Stands in for process.stdout and process.stderr: each line becomes a record. */
class RecordStream extends Writable {
  readonly isTTY = false;
  private partial = '';

  constructor(
    readonly fd: number,
    private readonly usual: Level,
  ) {
    super({ decodeStrings: false });
  }

  override write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString('utf8');
    const all = this.partial + text;
    const end = all.lastIndexOf('\n');
    if (end >= 0) record(level ?? this.usual, all.slice(0, end));
    this.partial = all.slice(end + 1);
    if (this.partial.length > longest) this.flush();
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  }

  override end(): this {
    this.flush();
    return this;
  }

  flush(): void {
    if (this.partial !== '') record(this.usual, this.partial);
    this.partial = '';
  }
}

// Defined anew and never read before: Node would open a handle on the real standard output, which is the handshake's.
const streams = { stdout: new RecordStream(1, 'info'), stderr: new RecordStream(2, 'error') };
for (const name of ['stdout', 'stderr'] as const) {
  Object.defineProperty(process, name, { configurable: true, enumerable: true, value: streams[name] });
}
process.on('exit', () => Object.values(streams).forEach((stream) => stream.flush()));

const methods: Record<string, Level> = {
  log: 'info', info: 'info', dir: 'info', dirxml: 'info', table: 'info', group: 'info', groupCollapsed: 'info',
  count: 'info', timeEnd: 'info', timeLog: 'info', debug: 'debug', trace: 'debug', warn: 'warn', assert: 'warn', error: 'error',
};
const inner = new Console({ stdout: streams.stdout, stderr: streams.stderr, colorMode: false });
for (const [name, own] of Object.entries(methods)) {
  const method = (inner as unknown as Record<string, (...args: unknown[]) => void>)[name]!;
  (console as unknown as Record<string, unknown>)[name] = (...args: unknown[]) => {
    const outer = level;
    level = own;
    try {
      method.apply(inner, args);
    } finally {
      level = outer;
    }
  };
}
for (const name of ['groupEnd', 'countReset', 'time'] as const) console[name] = inner[name].bind(inner);

import type { Readable } from 'node:stream';
import { Code, StatusError } from './status';

/** A message as it travels: a byte that says it is not compressed, four bytes of length, the message. */
const prefix = 5;

/** The frame of a message. */
export function frame(message: Uint8Array): Uint8Array {
  const all = Buffer.allocUnsafe(prefix + message.length);
  all[0] = 0;
  all.writeUInt32BE(message.length, 1);
  all.set(message, prefix);
  return all;
}

/** The messages of a stream of frames, each as soon as it is complete. */
export class Messages<T> implements AsyncIterable<T> {
  constructor(
    private readonly stream: Readable,
    private readonly decode: (bytes: Uint8Array) => T,
  ) {}

  /** The single message of a stream. */
  async only(): Promise<T> {
    const chunks: Buffer[] = [];
    await new Promise<void>((resolve) => {
      this.stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      this.stream.once('end', resolve);
      this.stream.once('close', resolve);
    });
    const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    const size = length(all);
    if (size === undefined || all.length !== prefix + size) {
      throw new StatusError(Code.INTERNAL, `the request is ${all.length} bytes that are not one message`);
    }
    return this.decode(all.subarray(prefix));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of this.stream as AsyncIterable<Buffer>) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      for (let size = length(rest); size !== undefined && rest.length >= prefix + size; size = length(rest)) {
        yield this.decode(rest.subarray(prefix, prefix + size));
        rest = rest.subarray(prefix + size);
      }
    }
  }
}

/** Length of the message that begins here, undefined before its prefix is complete. */
function length(bytes: Buffer): number | undefined {
  if (bytes.length < prefix) return undefined;
  if (bytes[0] !== 0) throw new StatusError(Code.UNIMPLEMENTED, 'compressed messages are not understood');
  return bytes.readUInt32BE(1);
}

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on a free port of this machine while work runs, and hands it the address, without a slash at the end. */
export async function listening<T>(server: Server, work: (address: string) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Answers requests with handler while work runs. */
export function serving<T>(handler: RequestListener, work: (address: string) => Promise<T>): Promise<T> {
  return listening(createServer(handler), work);
}

/** Answers every request with what the function makes of it, as JSON. */
export function answering<T>(answer: (request: IncomingMessage, body: string) => unknown, work: (address: string) => Promise<T>): Promise<T> {
  return serving(async (request, response) => {
    const value = answer(request, (await bytes(request)).toString());
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }, work);
}

/** Everything that a stream holds. */
export async function bytes(stream: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

/** The first hexadecimal digits of the SHA-256 of data: large results compare by it. */
export function digest(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex').slice(0, 16);
}

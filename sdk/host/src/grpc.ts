import { timingSafeEqual } from 'node:crypto';
import type { Http2Server, Http2Session, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { Call } from './call';
import { Status } from './gen/status';
import { Messages, frame } from './messages';
import { Code, StatusError } from './status';

/** A message type as the generated code describes it. */
interface Codec<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** A method of a service definition of the generated code. */
interface Definition {
  name: string;
  requestType: Codec<any>;
  requestStream: boolean;
  responseType: Codec<any>;
  responseStream: boolean;
}

type Message<T> = T extends Codec<infer M> ? M : never;
type Request<D extends Definition> = D['requestStream'] extends true ? AsyncIterable<Message<D['requestType']>> : Message<D['requestType']>;

/** Sends a message, and waits where the connection takes no more. Where the caller has gone it does nothing. */
export type Send<T> = (message: T) => Promise<void> | void;

type Method<D extends Definition> = D['responseStream'] extends true
  ? (request: Request<D>, call: Call, send: Send<Message<D['responseType']>>) => Promise<void>
  : (request: Request<D>, call: Call) => Promise<Message<D['responseType']>>;

/** The functions that implement a service, by the names of its definition. */
export type Implementation<S extends { methods: Record<string, Definition> }> = {
  [name in keyof S['methods']]: Method<S['methods'][name]>;
};

type Route = { definition: Definition; run: (request: any, call: Call, send: Send<any>) => Promise<any> };

/**
 * Serves gRPC over HTTP/2 (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md) as far as conduit's own client
 * uses it: no compression, and deadlines are kept by the client, which resets the stream. Libraries that serve all of gRPC
 * take longer to load than a provider does.
 */
export class Router {
  private readonly routes = new Map<string, Route>();
  private readonly quiet = new Set<string>();

  /** Adds a service. */
  service<S extends { fullName: string; methods: Record<string, Definition> }>(service: S, implementation: Implementation<S>): this {
    for (const [name, definition] of Object.entries(service.methods)) {
      this.routes.set(`/${service.fullName}/${definition.name}`, { definition, run: implementation[name]! });
    }
    return this;
  }

  /** A method with two streams on which nothing is ever said. */
  silent(path: string): this {
    this.quiet.add(path);
    return this;
  }

  /** Answers the server's streams, of connections whose first one carries the token. */
  attach(server: Http2Server, token: string): void {
    const trusted = new WeakSet<Http2Session>();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {}); // the caller has gone; 'close' follows
      const { session } = stream;
      if (!session) return;
      if (!trusted.has(session)) {
        if (!same(headers['conduit-token'], token)) {
          stream.respond({ ':status': 401 }, { endStream: true });
          session.close();
          return;
        }
        trusted.add(session);
      }
      if (!String(headers['content-type']).startsWith('application/grpc')) {
        stream.respond({ ':status': 415 }, { endStream: true });
        return;
      }
      const path = String(headers[':path']);
      if (this.quiet.has(path)) stream.resume();
      else void answer(stream, headers, this.routes.get(path));
    });
  }
}

function same(given: unknown, token: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function answer(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, route: Route | undefined): Promise<void> {
  const call = new Call();
  stream.on('close', () => call.leave());
  try {
    if (!route) throw new StatusError(Code.UNIMPLEMENTED, `no method ${String(headers[':path'])}`);
    const { definition, run } = route;
    const requests = new Messages(stream, (bytes) => definition.requestType.decode(bytes));
    const request = definition.requestStream ? requests : await requests.only();
    const write = (message: unknown) => send(stream, definition, message);
    const last = await run(request, call, write);
    if (!definition.responseStream) await write(last);
    call.end();
    end(stream, {});
  } catch (error) {
    end(stream, error instanceof StatusError ? error : new StatusError(Code.INTERNAL, String(error)));
  }
}

const head = { ':status': 200, 'content-type': 'application/grpc' };

function send(stream: ServerHttp2Stream, { responseType }: Definition, message: unknown): Promise<void> | void {
  if (stream.closed || stream.destroyed) return; // the caller has gone
  if (!stream.headersSent) stream.respond(head, { waitForTrailers: true });
  if (stream.write(frame(responseType.encode(message).finish()))) return;
  return new Promise<void>((resolve) => {
    stream.once('drain', resolve);
    stream.once('close', resolve);
  });
}

function end(stream: ServerHttp2Stream, { code = Code.OK, message = '', detail }: Partial<StatusError>): void {
  if (stream.closed || stream.destroyed) return;
  const trailers: Record<string, string> = { 'grpc-status': String(code) };
  // By way of bytes: encodeURIComponent refuses half of a surrogate pair, which a message that was cut may end with.
  if (message) trailers['grpc-message'] = encodeURIComponent(Buffer.from(message).toString());
  if (detail) {
    const details = [{ typeUrl: `type.googleapis.com/${detail.type}`, value: Buffer.from(detail.value) }];
    trailers['grpc-status-details-bin'] = Buffer.from(Status.encode({ code, message, details }).finish()).toString('base64');
  }
  if (!stream.headersSent) {
    stream.respond({ ...head, ...trailers }, { endStream: true });
    return;
  }
  stream.once('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end();
}

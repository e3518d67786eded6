import { Error as WireError, Error_Kind } from './gen/provider';
import { frames } from './faults';
import { Code, StatusError } from './status';

/** Characters of a message or stack that travel: they go in HTTP/2 trailers, which Node limits to 64 KiB. */
const longest = 8192;

/** An error that the host itself raises, or one of conduit about a service. */
export class HostError extends Error {
  constructor(
    readonly kind: Error_Kind,
    message: string,
    readonly remedy = '',
  ) {
    super(message);
  }
}

const codes: Partial<Record<Error_Kind, Code>> = {
  [Error_Kind.CONFIGURATION]: Code.FAILED_PRECONDITION,
  [Error_Kind.MODEL]: Code.NOT_FOUND,
  [Error_Kind.INPUT]: Code.INVALID_ARGUMENT,
  [Error_Kind.SERVICE]: Code.FAILED_PRECONDITION,
  [Error_Kind.CANCELLED]: Code.CANCELLED,
};

/** Makes of whatever was thrown the error that travels, with the provider's own words. */
export function toStatusError(thrown: unknown, kind: Error_Kind): StatusError {
  if (thrown instanceof StatusError) return thrown;
  const own = chain(thrown).find((each): each is HostError => each instanceof HostError);
  const shown = own?.kind ?? kind;
  const error = thrown instanceof Error ? thrown : undefined;
  const message = words(thrown);
  const value = WireError.encode({
    kind: shown,
    message: cut(message),
    stack: error && !(error instanceof HostError) ? cut(frames(error).join('\n')) : '',
    retryable: chain(thrown).some(retryable),
    name: error && !(error instanceof HostError) ? error.name : '',
    remedy: own?.remedy ?? '',
    missing: [],
  }).finish();
  return new StatusError(codes[shown] ?? Code.ABORTED, message.slice(0, 200), { type: 'conduit.provider.v1.Error', value });
}

/** The error and its causes, outermost first. */
function chain(thrown: unknown): unknown[] {
  const all: unknown[] = [];
  for (let each = thrown; each !== undefined && each !== null && !all.includes(each) && all.length < 8; ) {
    all.push(each);
    each = (each as { cause?: unknown }).cause;
  }
  return all;
}

/** The message with those of its causes: "fetch failed: connect ECONNREFUSED 127.0.0.1:80". */
function words(thrown: unknown): string {
  const parts: string[] = [];
  for (const each of chain(thrown)) {
    const part = each instanceof Error ? each.message || aggregate(each) || each.name : text(each);
    if (part && !parts.some((said) => said.includes(part))) parts.push(part);
  }
  return parts.join(': ');
}

function aggregate(error: Error): string {
  const { errors } = error as { errors?: unknown };
  return Array.isArray(errors) ? errors.map((each) => (each instanceof Error ? each.message : text(each))).join('; ') : '';
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

const passing = new Set(['ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EAI_AGAIN', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT']);

function retryable(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const { code, status, statusCode, response } = thrown as Record<string, unknown>;
  const answer = [status, statusCode, (response as { status?: unknown } | undefined)?.status].find((each) => typeof each === 'number');
  if (typeof answer === 'number') return answer === 408 || answer === 429 || answer >= 500;
  return typeof code === 'string' && passing.has(code);
}

function cut(all: string): string {
  return all.length > longest ? `${all.slice(0, longest)} …` : all;
}

import { Error_Kind as Kind, type TransformRequest, type TransformResponse, type TransformResult } from './gen/provider';
import type { Call } from './call';
import { HostError } from './errors';
import type { Send } from './grpc';
import type { JsonObject } from './json';
import { fromWire, toWire } from './media';
import { listModels } from './models';
import { record } from './output';
import type { Loaded } from './loaded';

/** What the models of providers have in common. */
interface AnyModel {
  transform(input: unknown, options?: unknown): unknown;
}

type Event = NonNullable<TransformResponse['event']>;

/** Runs one model and sends its progress, further pieces of text, and last its result. */
export async function transform(loaded: Loaded, request: TransformRequest, call: Call, send: Send<TransformResponse>): Promise<void> {
  const model = await findModel(loaded, request);
  const roles = request.inputs.map((each) => loaded.sdk.toRole(toWire(each)));
  const input = roles.length === 1 ? roles[0] : roles;
  let over = false; // nothing may follow the result or an error
  const tell = (event: Event): Promise<void> | void => {
    if (!over && !call.gone) return send({ event });
  };
  const options = { ...request.parameters };
  // Not enumerable: models that pass their options on to an API must not send these.
  Object.defineProperty(options, 'signal', { get: () => call.signal });
  Object.defineProperty(options, 'onProgress', { value: (progress: unknown) => void tell(toEvent(progress)) });
  try {
    const answer = await collect(await model.transform(input, options), call, tell);
    await tell({ $case: 'result', value: await result(answer, loaded, request.outputDir || loaded.outputDir) });
  } finally {
    over = true;
  }
}

/** The model that a request means: by its id, else the first that has the capability. */
async function findModel({ instance }: Loaded, request: TransformRequest): Promise<AnyModel> {
  let id = request.model;
  if (!id) {
    const known = knownModels(instance);
    const first = known.find((model) => !request.capability || model.capabilities.includes(request.capability));
    if (!first?.id) {
      const wanted = request.capability ? ` for ${request.capability}` : '';
      throw new HostError(Kind.MODEL, known.length > 0 ? `it has no model${wanted}` : 'it lists no models; name one');
    }
    id = first.id;
  }
  let model: unknown;
  try {
    model = await instance.getModel(id);
  } catch (error) {
    const list = others(instance, id);
    if (!list || !(error instanceof Error)) throw error;
    throw new HostError(Kind.MODEL, error.message.includes(id) ? error.message + list : `no model ${id}: ${error.message}${list}`);
  }
  if (model === undefined || model === null) throw new HostError(Kind.MODEL, `it has no model ${id}${others(instance, id)}`);
  if (typeof (model as AnyModel).transform !== 'function') {
    throw new HostError(Kind.CONTRACT, `model ${id} lacks transform(input, options): every model has to have it; add it to the class`);
  }
  return model as AnyModel;
}

/** The listed models as the end of a message, "" where there are none or the one in question is among them. */
function others(instance: Loaded['instance'], id: string): string {
  const known = knownModels(instance);
  if (known.length === 0 || known.some((model) => model.id === id)) return '';
  return `; it has ${known.map((model) => model.id).slice(0, 20).join(', ')}`;
}

/** The listed models; a list that cannot be had does not keep a model from being asked for by its id. */
function knownModels(instance: Loaded['instance']): ReturnType<typeof listModels> {
  try {
    return listModels(instance);
  } catch (error) {
    record('warn', `its list of models cannot be had: ${String(error)}`);
    return [];
  }
}

/** The answer itself; one that comes in pieces is told piece by piece and put together. It waits for whoever reads the pieces. */
async function collect(answer: unknown, call: Call, tell: (event: Event) => Promise<void> | void): Promise<unknown> {
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return answer;
  const pieces: unknown[] = [];
  for await (const piece of answer as AsyncIterable<unknown>) {
    if (call.gone) throw new HostError(Kind.CANCELLED, 'cancelled by the caller');
    if (typeof piece === 'string') await tell({ $case: 'partial', value: piece });
    pieces.push(piece);
  }
  return pieces.every((piece) => typeof piece === 'string') ? pieces.join('') : pieces;
}

async function result(answer: unknown, { sdk }: Loaded, outputDir: string): Promise<TransformResult> {
  const outputs = [];
  for (const each of Array.isArray(answer) ? answer : [answer]) outputs.push(fromWire(await sdk.fromRole(each), outputDir));
  const metadata: JsonObject = {};
  const first = outputs.length === 1 ? outputs[0]?.metadata : undefined;
  for (const key of ['usage', 'cost']) if (first?.[key] !== undefined) metadata[key] = first[key];
  return { outputs, metadata };
}

function toEvent(progress: unknown): Event {
  if (typeof progress === 'number') return { $case: 'progress', value: { fraction: fraction(progress), message: '' } };
  const { progress: done, fraction: part, message, status, text } = (progress ?? {}) as Record<string, unknown>;
  if (typeof text === 'string') return { $case: 'partial', value: text };
  const said = [message, status, progress].find((each) => typeof each === 'string') as string | undefined;
  return { $case: 'progress', value: { fraction: fraction(typeof part === 'number' ? part : done), message: said ?? '' } };
}

/** Providers count to 1 or to 100. */
function fraction(done: unknown): number {
  const value = typeof done === 'number' && Number.isFinite(done) ? done : -1;
  return value > 1 ? Math.min(value / 100, 1) : value;
}

import type { MediaProvider } from '../../src/media/types/provider';
import { Error_Kind as Kind, type HealthResponse, type LoadRequest, type Model, type ProviderDefinition } from './gen/provider';
import { HostError, toStatusError } from './errors';
import type { Call } from './call';
import type { Implementation } from './grpc';
import { toObject } from './json';
import { load } from './load';
import type { Artifact, Loaded } from './loaded';
import { describeProvider, listModels } from './models';
import { record } from './output';
import { ServiceClient } from './services';
import { mapStacks } from './stacks';
import { transform } from './transform';

/** Milliseconds that Models waits for a provider that finds its models out in the background. */
const discovery = 10_000;

/** Runs one artifact's provider for conduit. */
export class ProviderHost {
  private readonly services = new ServiceClient();
  private module: Promise<Artifact> | undefined;
  private loading: Promise<Loaded> | undefined;

  constructor(private readonly entry: string) {}

  /** Starts to import the artifact; conduit connects meanwhile. */
  import(): void {
    mapStacks(this.entry);
    this.module = load(this.entry) as Promise<Artifact>;
    this.module.catch(() => {}); // told by Load
  }

  /** The contract's methods. */
  routes(): Implementation<typeof ProviderDefinition> {
    return {
      load: (request) =>
        guard(Kind.LOAD, async () => {
          await (this.loading ??= this.load(request));
          return {};
        }),
      describe: () => guard(Kind.EXECUTION, async () => ({ description: describeProvider((await this.loaded()).instance) })),
      configure: (request) =>
        guard(Kind.CONFIGURATION, async () => {
          await (await this.loaded()).instance.configure({ ...request.config });
          return {};
        }),
      health: () => guard(Kind.EXECUTION, async () => health((await this.loaded()).instance)),
      models: (_request, call) => guard(Kind.EXECUTION, async () => ({ models: await discover((await this.loaded()).instance, call) })),
      transform: async (request, call, send) => {
        try {
          await transform(await this.loaded(), request, call, send);
        } catch (error) {
          throw toStatusError(error, call.gone ? Kind.CANCELLED : Kind.EXECUTION);
        }
      },
      services: (answers, call, send) => this.services.stream(answers, call, send),
    };
  }

  private loaded(): Promise<Loaded> {
    if (!this.loading) throw new HostError(Kind.LOAD, 'Load has not been called');
    return this.loading;
  }

  private async load(request: LoadRequest): Promise<Loaded> {
    const artifact = await this.module!;
    const sdk = artifact.sdk?.host;
    if (!sdk || !artifact.provider) throw new HostError(Kind.LOAD, `${this.entry} is no artifact of this conduit`, 'conduit sync');
    sdk.bind(this.services.hooks(request.name, request.services));
    const { instance, problems } = await sdk.createProvider(artifact.provider, {
      exportName: request.exportName || undefined,
      type: request.type || undefined,
      serviceName: request.defaultService || undefined,
    });
    if (!instance || problems.length > 0) throw new HostError(Kind.CONTRACT, problems.join('\n'));
    await configure(instance, request);
    return { instance, sdk, outputDir: request.outputDir };
  }
}

/**
 * Hands the provider its settings. One with a service is told without settings too: some take the service's address only then.
 * What such a provider says against having none is no reason not to load it.
 */
async function configure(instance: MediaProvider, request: LoadRequest): Promise<void> {
  const settings = { ...request.config };
  const given = Object.keys(settings).length > 0;
  if (!given && !request.defaultService) return;
  try {
    await instance.configure(settings);
  } catch (error) {
    if (given) throw toStatusError(error, Kind.CONFIGURATION);
    record('warn', `configure() without settings: ${String(error)}`);
  }
}

async function health(instance: MediaProvider): Promise<HealthResponse> {
  const available = Boolean(await instance.isAvailable());
  const details = toObject(await instance.getHealth());
  const said = details?.['lastError'] ?? details?.['message'] ?? details?.['status'];
  return { available, message: typeof said === 'string' ? said : '', details };
}

/** The models of a provider; an empty list may still be filling. */
async function discover(instance: MediaProvider, call: Call): Promise<Model[]> {
  const end = performance.now() + discovery;
  for (let pause = 10; ; pause = Math.min(2 * pause, 200)) {
    const models = listModels(instance);
    if (models.length > 0 || call.gone || performance.now() > end) return models;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function guard<T>(kind: Kind, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toStatusError(error, kind);
  }
}

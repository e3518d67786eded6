import { AsyncLocalStorage } from 'node:async_hooks';
import { getServiceRegistry } from '../../registry/ServiceRegistry';
import type { DockerService, ServiceStatus } from '../../registry/service';
import type { MediaCapability, MediaProvider, ProviderConfig, ProviderHealth, ProviderModel, ProviderType } from '../../types/provider';

/** Set while a provider's own set-up runs: what it calls of itself must not wait for its end. */
const settingUp = new AsyncLocalStorage<object>();

/**
 * Base of providers whose models run in a service. It asks the registry for the service itself: subclasses name it in
 * getServiceUrl() and set up their client in onServiceReady(), which runs before configure() and getModel() answer.
 */
export abstract class AbstractDockerProvider implements MediaProvider {
  abstract readonly id: string;
  abstract readonly name: string;
  abstract readonly type: ProviderType;
  abstract readonly capabilities: MediaCapability[];

  protected dockerServiceManager?: DockerService;
  protected config?: ProviderConfig;

  /**
   * Settles when the service is set up. The host awaits it before it calls a provider, and the constructor puts the same
   * wait before getModel() of a subclass, which knows nothing of it.
   */
  readonly ready!: Promise<void>;

  constructor(dockerService?: DockerService) {
    // The subclass's fields are initialised after this constructor returns, and onServiceReady() sets some of them:
    // it must not start before.
    const ready = Promise.resolve().then(() => settingUp.run(this, () => this.connect(dockerService)));
    ready.catch(() => {}); // told to whoever calls configure() or getModel(), not to the process
    Object.defineProperty(this, 'ready', { value: ready });
    for (const name of ['getModel', 'createModel', 'configure'] as const) {
      const own = (this as unknown as Record<string, unknown>)[name];
      if (typeof own !== 'function') continue;
      Object.defineProperty(this, name, {
        configurable: true,
        writable: true,
        value: async (...args: unknown[]): Promise<unknown> => {
          await this.settled();
          return own.apply(this, args) as unknown;
        },
      });
    }
  }

  private async settled(): Promise<void> {
    if (settingUp.getStore() !== this) await this.ready;
  }

  private async connect(given?: DockerService): Promise<void> {
    const url = this.getServiceUrl();
    // The address in the code decides over what the manifest led the host to pass.
    const asked = url !== undefined && (given === undefined || getServiceRegistry().hasService(url));
    const service = asked ? await getServiceRegistry().getService(url) : given;
    if (!service) return;
    this.dockerServiceManager = service;
    await this.onServiceReady();
  }

  /** The service's address as conduit.toml would write it. */
  protected abstract getServiceUrl(): string | undefined;

  /** Where the service would be if it were started by hand; conduit's services tell their address themselves. */
  protected getDefaultBaseUrl(): string {
    return '';
  }

  /** Called once the service is known, with its real ports. */
  protected async onServiceReady(): Promise<void> {
    await this.onServiceConfigured();
  }

  /** The older name of onServiceReady. */
  protected async onServiceConfigured(): Promise<void> {}

  /** Called by configure() of a provider that names no service. */
  protected async onFallbackConfiguration(_config: ProviderConfig): Promise<void> {}

  protected getDockerService(): DockerService {
    if (!this.dockerServiceManager) {
      throw new Error(`the service of ${this.id} is not known yet: await configure() first`);
    }
    return this.dockerServiceManager;
  }

  get models(): ProviderModel[] {
    const seen = new Map<string, ProviderModel>();
    for (const capability of this.capabilities) {
      for (const model of this.getModelsForCapability(capability)) seen.set(model.id, model);
    }
    return [...seen.values()];
  }

  /** Lets a subclass declare its list as a plain field. */
  set models(list: ProviderModel[]) {
    Object.defineProperty(this, 'models', { value: list, configurable: true, enumerable: true, writable: true });
  }

  async configure(config: ProviderConfig): Promise<void> {
    await this.settled();
    this.config = config;
    if (!this.dockerServiceManager) await this.onFallbackConfiguration(config);
  }

  async startService(): Promise<boolean> {
    await this.settled();
    return this.getDockerService().startService();
  }

  async stopService(): Promise<boolean> {
    await this.settled();
    return this.getDockerService().stopService();
  }

  async getServiceStatus(): Promise<ServiceStatus & { healthy: boolean; error?: string }> {
    try {
      await this.settled();
      const status = await this.getDockerService().getServiceStatus();
      return { ...status, healthy: status.running && status.health === 'healthy' };
    } catch (cause) {
      const error = cause instanceof Error ? cause.message : String(cause);
      return { running: false, health: 'none', state: 'unknown', healthy: false, error };
    }
  }

  async isAvailable(): Promise<boolean> {
    return (await this.getServiceStatus()).healthy;
  }

  async getHealth(): Promise<ProviderHealth> {
    const status = await this.getServiceStatus();
    const health: ProviderHealth = {
      status: status.healthy ? 'healthy' : 'unhealthy',
      uptime: status.uptime ?? process.uptime(),
      activeJobs: 0,
      queuedJobs: 0,
    };
    if (status.error) health.lastError = status.error;
    return health;
  }

  getAvailableModels(): string[] {
    return this.models.map((model) => model.id);
  }

  abstract getModelsForCapability(capability: MediaCapability): ProviderModel[];
  abstract getModel(modelId: string): Promise<any>;
}

export default AbstractDockerProvider;

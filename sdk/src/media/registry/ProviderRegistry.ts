import type { MediaCapability, MediaProvider } from '../types/provider';

/**
 * The providers of this process. conduit gives each provider a process of its own, so the registry holds the provider
 * itself and what it registers; another provider of the project is not reachable from here.
 */
export class ProviderRegistry {
  private static readonly instance = new ProviderRegistry();
  private readonly providers = new Map<string, MediaProvider>();

  static getInstance(): ProviderRegistry {
    return ProviderRegistry.instance;
  }

  /** Adds a provider, or a class of one under the given id. */
  register(id: string, provider: MediaProvider | (new () => MediaProvider)): void {
    this.providers.set(id, typeof provider === 'function' ? new provider() : provider);
  }

  hasProvider(id: string): boolean {
    return this.providers.has(id);
  }

  async getProvider(id: string): Promise<MediaProvider> {
    const provider = this.providers.get(id);
    if (!provider) {
      const known = this.getAvailableProviders().join(', ') || 'none';
      throw new Error(`provider ${id} is not in this process (there: ${known}): conduit runs every provider on its own`);
    }
    return provider;
  }

  getAvailableProviders(): string[] {
    return [...this.providers.keys()].sort();
  }

  async getProvidersByCapability(capability: MediaCapability): Promise<MediaProvider[]> {
    return [...this.providers.values()].filter((provider) => provider.capabilities.includes(capability));
  }
}

/** The registry of this process. */
export function getProviderRegistry(): ProviderRegistry {
  return ProviderRegistry.getInstance();
}

export default ProviderRegistry;

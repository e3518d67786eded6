import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { DockerService } from '@mediaconduit/mediaconduit/src/media/registry/ServiceRegistry';
import { CowsayModel } from './model';

/** One model, which asks the service of the example for its drawings. */
export class CowsayProvider implements MediaProvider {
  readonly id = 'cowsay';
  readonly name = 'Cowsay';
  readonly type = ProviderType.LOCAL;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  readonly models: ProviderModel[] = [
    {
      id: 'cowsay-default',
      name: 'Cowsay',
      description: 'The classic cow',
      capabilities: [MediaCapability.TEXT_TO_TEXT],
      parameters: {},
    },
  ];

  constructor(private readonly service?: DockerService) {}

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    const status = await this.service?.getServiceStatus();
    return status !== undefined && status.running && status.health === 'healthy';
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<CowsayModel> {
    if (id !== 'cowsay-default') {
      throw new Error(`the cowsay provider has no model ${id}; it has cowsay-default`);
    }
    if (!this.service) {
      throw new Error('the cowsay provider was started without its service');
    }
    return new CowsayModel(this.service);
  }

  async getHealth() {
    const available = await this.isAvailable();
    return { status: available ? ('healthy' as const) : ('unhealthy' as const), uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

import { MediaCapability, ProviderModel, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import { CowsayModel } from './model';

export class CowsayProvider {
  readonly id: string = 'cowsay-docker-provider';
  readonly name: string = 'Cowsay';
  readonly type: ProviderType = ProviderType.LOCAL;
  readonly capabilities: MediaCapability[] = [MediaCapability.TEXT_TO_TEXT];
  readonly models: ProviderModel[] = [
    { id: 'cowsay-default', name: 'Cowsay Default', description: 'The cow', capabilities: [MediaCapability.TEXT_TO_TEXT], parameters: {} },
  ];

  constructor(private service: any) {
    console.log('🐄 the cow is here, with', service?.constructor?.name);
  }

  async configure(config: any): Promise<void> {
    console.log('configured with', config);
  }

  async isAvailable(): Promise<boolean> {
    const status = await this.service.getServiceStatus();
    return status.running && status.health === 'healthy';
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((m) => m.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<CowsayModel> {
    if (id !== 'cowsay-default') throw new Error(`Model ${id} not found in ${this.name}`);
    return new CowsayModel(this.service);
  }

  async getHealth() {
    return { status: 'healthy', uptime: 1, activeJobs: 0, queuedJobs: 0 };
  }
}

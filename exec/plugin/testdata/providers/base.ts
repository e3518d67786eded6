// A provider in the shape of published ones; the others derive from it.
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import { Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';

export class EchoModel {
  constructor(readonly id: string) {}
  async transform(input: any, options: any): Promise<any> {
    const text = await (Array.isArray(input) ? input[0] : input).asRole(Text);
    return Text.fromString(`${options?.prefix ?? ''}${text.content}`);
  }
}

export class BaseProvider {
  readonly id: string = 'echo';
  readonly name: string = 'Echo';
  readonly type = ProviderType.LOCAL;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  settings: any = {};
  get models(): any[] {
    return [{ id: 'echo', name: 'Echo', capabilities: ['TEXT_TO_TEXT'], parameters: { prefix: { type: 'string' } }, pricing: { inputCost: 0, currency: 'USD' } }];
  }
  async configure(config: any): Promise<void> {
    this.settings = config;
  }
  async isAvailable(): Promise<boolean> {
    return true;
  }
  getModelsForCapability(_capability: string): any[] {
    return this.models;
  }
  async getModel(id: string): Promise<any> {
    if (id !== 'echo') throw new Error(`Unknown model: ${id}`);
    return new EchoModel(id);
  }
  async getHealth(): Promise<any> {
    return { status: 'healthy', uptime: 1, activeJobs: 0, queuedJobs: 0 };
  }
}

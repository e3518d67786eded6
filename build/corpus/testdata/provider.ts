import { MediaCapability, ProviderType, Text, TextToTextModel } from '@mediaconduit/mediaconduit';
import type { MediaProvider, ProviderModel } from '@mediaconduit/mediaconduit';
import say from './member';

class Member extends TextToTextModel {
  constructor() {
    super({ id: 'member', name: 'Member', description: '', version: '1.0.0', provider: 'corpus', capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  async transform(): Promise<Text> {
    return Text.fromString(await say());
  }
}

export default class Corpus implements MediaProvider {
  readonly id = 'corpus';
  readonly name = 'Corpus';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  readonly models: ProviderModel[] = [{ id: 'member', name: 'Member', description: '', capabilities: [MediaCapability.TEXT_TO_TEXT], parameters: {} }];

  async configure(): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(): Promise<Member> {
    return new Member();
  }

  async getHealth() {
    return { status: 'healthy' as const, uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

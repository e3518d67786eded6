import { MediaCapability, ProviderType, Text, TextToTextModel } from '@mediaconduit/mediaconduit';
import type { MediaProvider, ProviderHealth, ProviderModel, TextRole } from '@mediaconduit/mediaconduit';

/** Turns a text round. */
class Reverse extends TextToTextModel {
  constructor() {
    super({ id: 'reverse', name: 'Reverse', provider: 'reverse', capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: TextRole | TextRole[] | string | string[]): Promise<Text> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('a text is needed');
    const text = typeof first === 'string' ? Text.fromString(first) : await first.asRole(Text);
    return Text.fromString([...text.content].reverse().join(''));
  }
}

export default class ReverseProvider implements MediaProvider {
  readonly id = 'reverse';
  readonly name = 'Reverse';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  readonly models: ProviderModel[] = [{ id: 'reverse', name: 'Reverse', capabilities: this.capabilities }];

  async configure(): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<Reverse> {
    if (id !== 'reverse') throw new Error(`no model ${id}; it has reverse`);
    return new Reverse();
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

import { MediaCapability, ProviderType, Text, TextToTextModel } from '@mediaconduit/mediaconduit';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel, TextRole, TextToTextOptions, TextToTextProvider } from '@mediaconduit/mediaconduit';

/** Turns a text round. */
class Mirror extends TextToTextModel {
  constructor() {
    super({ id: 'mirror', name: 'Mirror', provider: 'mirror', capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: TextRole | TextRole[] | string | string[], options: TextToTextOptions = {}): Promise<Text> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const text = typeof first === 'string' ? Text.fromString(first) : await first.asRole(Text);
    const turned = [...text.content].reverse().join('');
    return Text.fromString(options['upper'] ? turned.toUpperCase() : turned, text.language, 1, { model: this.getId() });
  }
}

export default class TextToText implements MediaProvider, TextToTextProvider {
  readonly id = 'mirror';
  readonly name = 'Mirror';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  readonly models: ProviderModel[] = [
    { id: 'mirror', name: 'Mirror', description: 'Turns a text round', capabilities: this.capabilities, parameters: { upper: { type: 'boolean', description: 'in capital letters' } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<TextToTextModel> {
    return this.createTextToTextModel(id);
  }

  async createTextToTextModel(id: string): Promise<TextToTextModel> {
    if (!this.supportsTextToTextModel(id)) throw new Error(`no model ${id}`);
    return new Mirror();
  }

  getSupportedTextToTextModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsTextToTextModel(id: string): boolean {
    return id === 'mirror';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

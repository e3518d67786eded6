import { encodePNG } from '@acme/media-files';
import { Image, MediaCapability, ProviderType, Text, TextToImageModel } from '@mediaconduit/mediaconduit';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel, TextRole, TextToImageOptions, TextToImageProvider } from '@mediaconduit/mediaconduit';

/** Draws each character as a grey column. */
class Pixels extends TextToImageModel {
  constructor() {
    super({ id: 'pixels', name: 'Pixels', provider: 'pixels', capabilities: ['text-to-image'], inputTypes: ['text'], outputTypes: ['image'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: TextRole | TextRole[] | string | string[], options: TextToImageOptions = {}): Promise<Image> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const text = typeof first === 'string' ? Text.fromString(first) : await first.asRole(Text);
    const height = options.height ?? 1;
    const row = Buffer.from([...Buffer.from(text.content)].flatMap((code) => [code, code, code]));
    const rgb = Buffer.concat(Array<Buffer>(height).fill(row));
    return Image.fromBuffer(encodePNG({ width: row.length / 3, height, rgb }), 'png', { width: row.length / 3, height });
  }
}

export default class TextToImage implements MediaProvider, TextToImageProvider {
  readonly id = 'pixels';
  readonly name = 'Pixels';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_IMAGE];
  readonly models: ProviderModel[] = [
    { id: 'pixels', name: 'Pixels', description: 'Draws each character as a grey column', capabilities: this.capabilities, parameters: { height: { type: 'integer', minimum: 1, maximum: 64, default: 1 } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<TextToImageModel> {
    return this.createTextToImageModel(id);
  }

  async createTextToImageModel(id: string): Promise<TextToImageModel> {
    if (!this.supportsTextToImageModel(id)) throw new Error(`no model ${id}`);
    return new Pixels();
  }

  getSupportedTextToImageModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsTextToImageModel(id: string): boolean {
    return id === 'pixels';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

import { decodePNG } from '@acme/media-files';
import { Image, Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageToTextProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToTextProvider';
import { ImageToTextModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToTextModel';
import type { ImageToTextOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToTextModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Tells size and average colour. */
class Colour extends ImageToTextModel {
  constructor() {
    super({ id: 'colour', name: 'Colour', provider: 'colour', capabilities: ['image-to-text'], inputTypes: ['image'], outputTypes: ['text'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: ImageRole | ImageRole[], _options: ImageToTextOptions = {}): Promise<Text> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const image = await first.asRole(Image);
    const { width, height, rgb } = decodePNG(image.data);
    const average = [0, 1, 2].map((part) => Math.floor(rgb.filter((_, i) => i % 3 === part).reduce((sum, value) => sum + value, 0) / (width * height)));
    return Text.fromString(`${width}x${height} ${image.getFormat()}, rgb(${average.join(', ')})`, 'en', 1, { width, height });
  }
}

export default class ImageToText implements MediaProvider, ImageToTextProvider {
  readonly id = 'colour';
  readonly name = 'Colour';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.IMAGE_TO_TEXT];
  readonly models: ProviderModel[] = [
    { id: 'colour', name: 'Colour', description: 'Tells size and average colour', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<ImageToTextModel> {
    return this.createImageToTextModel(id);
  }

  async createImageToTextModel(id: string): Promise<ImageToTextModel> {
    if (!this.supportsImageToTextModel(id)) throw new Error(`no model ${id}`);
    return new Colour();
  }

  getSupportedImageToTextModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsImageToTextModel(id: string): boolean {
    return id === 'colour';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

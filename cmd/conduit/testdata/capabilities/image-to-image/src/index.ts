import { decodePNG, encodePNG } from '@acme/media-files';
import { Image } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageToImageProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToImageProvider';
import { ImageToImageModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToImageModel';
import type { ImageToImageOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToImageModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Inverts every pixel. */
class Negative extends ImageToImageModel {
  constructor() {
    super({ id: 'negative', name: 'Negative', provider: 'negative', capabilities: ['image-to-image'], inputTypes: ['image'], outputTypes: ['image'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: ImageRole | ImageRole[], _options: ImageToImageOptions = {}): Promise<Image> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const image = await first.asRole(Image);
    const { width, height, rgb } = decodePNG(image.data);
    return new Image(encodePNG({ width, height, rgb: rgb.map((value) => 255 - value) }), 'png', { width, height }, image.sourceAsset);
  }
}

export default class ImageToImage implements MediaProvider, ImageToImageProvider {
  readonly id = 'negative';
  readonly name = 'Negative';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.IMAGE_TO_IMAGE];
  readonly models: ProviderModel[] = [
    { id: 'negative', name: 'Negative', description: 'Inverts every pixel', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<ImageToImageModel> {
    return this.createImageToImageModel(id);
  }

  async createImageToImageModel(id: string): Promise<ImageToImageModel> {
    if (!this.supportsImageToImageModel(id)) throw new Error(`no model ${id}`);
    return new Negative();
  }

  getSupportedImageToImageModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsImageToImageModel(id: string): boolean {
    return id === 'negative';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

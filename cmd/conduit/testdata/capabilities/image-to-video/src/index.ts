import { decodePNG, encodeAVI, encodePNG } from '@acme/media-files';
import { Image, Video } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageToVideoProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageToVideoProvider';
import { ImageToVideoModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToVideoModel';
import type { ImageToVideoOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageToVideoModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Fades an image in. */
class Fade extends ImageToVideoModel {
  constructor() {
    super({ id: 'fade', name: 'Fade', provider: 'fade', capabilities: ['image-to-video'], inputTypes: ['image'], outputTypes: ['video'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: ImageRole | ImageRole[], options: ImageToVideoOptions = {}): Promise<Video> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const image = await first.asRole(Image);
    const { width, height, rgb } = decodePNG(image.data);
    const count = options['frames'] ?? 3;
    const frames = Array.from({ length: count }, (_, i) => encodePNG({ width, height, rgb: rgb.map((value) => (value * (i + 1)) / count) }));
    return new Video(encodeAVI({ width, height, fps: 25, frames }), 'avi', { width, height, duration: count / 25 });
  }
}

export default class ImageToVideo implements MediaProvider, ImageToVideoProvider {
  readonly id = 'fade';
  readonly name = 'Fade';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.IMAGE_TO_VIDEO];
  readonly models: ProviderModel[] = [
    { id: 'fade', name: 'Fade', description: 'Fades an image in', capabilities: this.capabilities, parameters: { frames: { type: 'integer', minimum: 1, maximum: 100, default: 3 } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<ImageToVideoModel> {
    return this.createImageToVideoModel(id);
  }

  async createImageToVideoModel(id: string): Promise<ImageToVideoModel> {
    if (!this.supportsImageToVideoModel(id)) throw new Error(`no model ${id}`);
    return new Fade();
  }

  getSupportedImageToVideoModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsImageToVideoModel(id: string): boolean {
    return id === 'fade';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

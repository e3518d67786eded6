import { decodePNG, encodeGLB } from '@acme/media-files';
import { Image, Model3D } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { ImageTo3DProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/ImageTo3DProvider';
import { ImageTo3DModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageTo3DModel';
import type { ImageTo3DOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/ImageTo3DModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Raises a surface where the image is bright. */
class Relief extends ImageTo3DModel {
  constructor() {
    super({ id: 'relief', name: 'Relief', provider: 'relief', capabilities: ['image-to-3d'], inputTypes: ['image'], outputTypes: ['3d'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: ImageRole | ImageRole[], _options: ImageTo3DOptions = {}): Promise<Model3D> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const image = await first.asRole(Image);
    const { width, height, rgb } = decodePNG(image.data);
    const positions: number[] = [];
    const triangles: number[] = [];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = y * width + x;
        positions.push(x, (rgb[3 * at] ?? 0) / 255, y);
        if (x > 0 && y > 0) triangles.push(at - width - 1, at - 1, at, at, at - width, at - width - 1);
      }
    }
    return new Model3D(encodeGLB({ positions, triangles }), 'glb', { vertices: width * height, faces: triangles.length / 3 });
  }
}

export default class ImageTo3D implements MediaProvider, ImageTo3DProvider {
  readonly id = 'relief';
  readonly name = 'Relief';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.IMAGE_TO_3D];
  readonly models: ProviderModel[] = [
    { id: 'relief', name: 'Relief', description: 'Raises a surface where the image is bright', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<ImageTo3DModel> {
    return this.createImageTo3DModel(id);
  }

  async createImageTo3DModel(id: string): Promise<ImageTo3DModel> {
    if (!this.supportsImageTo3DModel(id)) throw new Error(`no model ${id}`);
    return new Relief();
  }

  getSupportedImageTo3DModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsImageTo3DModel(id: string): boolean {
    return id === 'relief';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

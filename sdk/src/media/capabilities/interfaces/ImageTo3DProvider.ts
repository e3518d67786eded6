import type { ImageTo3DModel } from '../../models/abstracts/ImageTo3DModel';

/** A provider with models that turn images into 3D models. */
export interface ImageTo3DProvider {
  createImageTo3DModel(modelId: string): Promise<ImageTo3DModel>;
  getSupportedImageTo3DModels(): string[];
  supportsImageTo3DModel(modelId: string): boolean;
}

import type { ImageToImageModel } from '../../models/abstracts/ImageToImageModel';

/** A provider with models that turn images into images. */
export interface ImageToImageProvider {
  createImageToImageModel(modelId: string): Promise<ImageToImageModel>;
  getSupportedImageToImageModels(): string[];
  supportsImageToImageModel(modelId: string): boolean;
}

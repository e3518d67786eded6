import type { ImageToVideoModel } from '../../models/abstracts/ImageToVideoModel';

/** A provider with models that turn images into video. */
export interface ImageToVideoProvider {
  createImageToVideoModel(modelId: string): Promise<ImageToVideoModel>;
  getSupportedImageToVideoModels(): string[];
  supportsImageToVideoModel(modelId: string): boolean;
}

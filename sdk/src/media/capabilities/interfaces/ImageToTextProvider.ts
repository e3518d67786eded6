import type { ImageToTextModel } from '../../models/abstracts/ImageToTextModel';

/** A provider with models that turn images into text. */
export interface ImageToTextProvider {
  createImageToTextModel(modelId: string): Promise<ImageToTextModel>;
  getSupportedImageToTextModels(): string[];
  supportsImageToTextModel(modelId: string): boolean;
}

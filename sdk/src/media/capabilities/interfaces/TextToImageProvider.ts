import type { TextToImageModel } from '../../models/abstracts/TextToImageModel';

/** A provider with models that turn text into images. */
export interface TextToImageProvider {
  createTextToImageModel(modelId: string): Promise<TextToImageModel>;
  getSupportedTextToImageModels(): string[];
  supportsTextToImageModel(modelId: string): boolean;
}

import type { TextToVideoModel } from '../../models/abstracts/TextToVideoModel';

/** A provider with models that turn text into video. */
export interface TextToVideoProvider {
  createTextToVideoModel(modelId: string): Promise<TextToVideoModel>;
  getSupportedTextToVideoModels(): string[];
  supportsTextToVideoModel(modelId: string): boolean;
}

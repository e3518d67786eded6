import type { TextToTextModel } from '../../models/abstracts/TextToTextModel';

/** A provider with models that turn text into text. */
export interface TextToTextProvider {
  createTextToTextModel(modelId: string): Promise<TextToTextModel>;
  getSupportedTextToTextModels(): string[];
  supportsTextToTextModel(modelId: string): boolean;
}

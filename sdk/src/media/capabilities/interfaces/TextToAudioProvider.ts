import type { TextToAudioModel } from '../../models/abstracts/TextToAudioModel';

/** A provider with models that turn text into audio. */
export interface TextToAudioProvider {
  createTextToAudioModel(modelId: string): Promise<TextToAudioModel>;
  getSupportedTextToAudioModels(): string[];
  supportsTextToAudioModel(modelId: string): boolean;
}

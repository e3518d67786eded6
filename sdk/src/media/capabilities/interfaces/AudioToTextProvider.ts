import type { AudioToTextModel } from '../../models/abstracts/AudioToTextModel';

/** A provider with models that turn audio into text. */
export interface AudioToTextProvider {
  createAudioToTextModel(modelId: string): Promise<AudioToTextModel>;
  getSupportedAudioToTextModels(): string[];
  supportsAudioToTextModel(modelId: string): boolean;
}

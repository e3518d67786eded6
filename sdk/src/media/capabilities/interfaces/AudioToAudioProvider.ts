import type { AudioToAudioModel } from '../../models/abstracts/AudioToAudioModel';

/** A provider with models that turn audio into audio. */
export interface AudioToAudioProvider {
  createAudioToAudioModel(modelId: string): Promise<AudioToAudioModel>;
  getSupportedAudioToAudioModels(): string[];
  supportsAudioToAudioModel(modelId: string): boolean;
}

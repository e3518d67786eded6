import type { VideoToAudioModel } from '../../models/abstracts/VideoToAudioModel';

/** A provider with models that turn video into audio. */
export interface VideoToAudioProvider {
  createVideoToAudioModel(modelId: string): Promise<VideoToAudioModel>;
  getSupportedVideoToAudioModels(): string[];
  supportsVideoToAudioModel(modelId: string): boolean;
}

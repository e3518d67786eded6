import type { VideoToImageModel } from '../../models/abstracts/VideoToImageModel';

/** A provider with models that turn video into images. */
export interface VideoToImageProvider {
  createVideoToImageModel(modelId: string): Promise<VideoToImageModel>;
  getSupportedVideoToImageModels(): string[];
  supportsVideoToImageModel(modelId: string): boolean;
}

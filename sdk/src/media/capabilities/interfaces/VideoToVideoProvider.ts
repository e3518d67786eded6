import type { VideoToVideoModel } from '../../models/abstracts/VideoToVideoModel';

/** A provider with models that turn video into video. */
export interface VideoToVideoProvider {
  createVideoToVideoModel(modelId: string): Promise<VideoToVideoModel>;
  getSupportedVideoToVideoModels(): string[];
  supportsVideoToVideoModel(modelId: string): boolean;
}

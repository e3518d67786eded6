import { decodeAVI } from '@acme/media-files';
import { Image, Video } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { VideoRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { VideoToImageProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToImageProvider';
import { VideoToImageModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToImageModel';
import type { VideoToImageOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToImageModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Takes one frame of a video. */
class Still extends VideoToImageModel {
  constructor() {
    super({ id: 'still', name: 'Still', provider: 'still', capabilities: ['video-to-image'], inputTypes: ['video'], outputTypes: ['image'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: VideoRole | VideoRole[], options: VideoToImageOptions = {}): Promise<Image> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const video = await first.asRole(Video);
    const { frames, fps, width, height } = decodeAVI(video.data);
    const frame = frames[Math.floor((options.timestamp ?? 0) * fps)];
    if (!frame) throw new Error(`the video ends after ${frames.length / fps} s`);
    return Image.fromBuffer(frame, 'png', { width, height });
  }
}

export default class VideoToImage implements MediaProvider, VideoToImageProvider {
  readonly id = 'still';
  readonly name = 'Still';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.VIDEO_TO_IMAGE];
  readonly models: ProviderModel[] = [
    { id: 'still', name: 'Still', description: 'Takes one frame of a video', capabilities: this.capabilities, parameters: { timestamp: { type: 'number', minimum: 0, default: 0, description: 'seconds from the start' } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<VideoToImageModel> {
    return this.createVideoToImageModel(id);
  }

  async createVideoToImageModel(id: string): Promise<VideoToImageModel> {
    if (!this.supportsVideoToImageModel(id)) throw new Error(`no model ${id}`);
    return new Still();
  }

  getSupportedVideoToImageModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsVideoToImageModel(id: string): boolean {
    return id === 'still';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

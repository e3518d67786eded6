import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeAVI, encodeAVI } from '@acme/media-files';
import { Video } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { VideoRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import { SmartAssetFactory } from '@mediaconduit/mediaconduit/src/media/assets/SmartAssetFactory';
import type { VideoToVideoProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToVideoProvider';
import { VideoToVideoModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToVideoModel';
import type { VideoToVideoOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToVideoModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Shows the frames of a video backwards. */
class Rewind extends VideoToVideoModel {
  constructor() {
    super({ id: 'rewind', name: 'Rewind', provider: 'rewind', capabilities: ['video-to-video'], inputTypes: ['video'], outputTypes: ['video'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: VideoRole | VideoRole[], _options: VideoToVideoOptions = {}): Promise<Video> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const video = await first.asRole(Video);
    const film = decodeAVI(video.data);
    const path = join(mkdtempSync(join(tmpdir(), 'rewind-')), 'rewound.avi');
    writeFileSync(path, encodeAVI({ ...film, frames: film.frames.reverse() }));
    return (await SmartAssetFactory.load(path)).asVideo();
  }
}

export default class VideoToVideo implements MediaProvider, VideoToVideoProvider {
  readonly id = 'rewind';
  readonly name = 'Rewind';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.VIDEO_TO_VIDEO];
  readonly models: ProviderModel[] = [
    { id: 'rewind', name: 'Rewind', description: 'Shows the frames of a video backwards', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<VideoToVideoModel> {
    return this.createVideoToVideoModel(id);
  }

  async createVideoToVideoModel(id: string): Promise<VideoToVideoModel> {
    if (!this.supportsVideoToVideoModel(id)) throw new Error(`no model ${id}`);
    return new Rewind();
  }

  getSupportedVideoToVideoModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsVideoToVideoModel(id: string): boolean {
    return id === 'rewind';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

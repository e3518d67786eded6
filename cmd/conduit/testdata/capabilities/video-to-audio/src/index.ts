import { decodeAVI, encodeWAV } from '@acme/media-files';
import { Audio, Video } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { VideoRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { VideoToAudioProvider } from '@mediaconduit/mediaconduit/src/media/capabilities/interfaces/VideoToAudioProvider';
import { VideoToAudioModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToAudioModel';
import type { VideoToAudioOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/VideoToAudioModel';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit/src/media/types/provider';

/** Takes the sound of a video. */
class Soundtrack extends VideoToAudioModel {
  constructor() {
    super({ id: 'soundtrack', name: 'Soundtrack', provider: 'soundtrack', capabilities: ['video-to-audio'], inputTypes: ['video'], outputTypes: ['audio'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: VideoRole | VideoRole[], _options: VideoToAudioOptions = {}): Promise<Audio> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const video = await first.asRole(Video);
    const { sound } = decodeAVI(video.data);
    if (!sound) throw new Error('the video has no sound');
    return Audio.fromBuffer(encodeWAV(sound), 'wav', { sampleRate: sound.rate, channels: 1 }, video.sourceAsset);
  }
}

export default class VideoToAudio implements MediaProvider, VideoToAudioProvider {
  readonly id = 'soundtrack';
  readonly name = 'Soundtrack';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.VIDEO_TO_AUDIO];
  readonly models: ProviderModel[] = [
    { id: 'soundtrack', name: 'Soundtrack', description: 'Takes the sound of a video', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<VideoToAudioModel> {
    return this.createVideoToAudioModel(id);
  }

  async createVideoToAudioModel(id: string): Promise<VideoToAudioModel> {
    if (!this.supportsVideoToAudioModel(id)) throw new Error(`no model ${id}`);
    return new Soundtrack();
  }

  getSupportedVideoToAudioModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsVideoToAudioModel(id: string): boolean {
    return id === 'soundtrack';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

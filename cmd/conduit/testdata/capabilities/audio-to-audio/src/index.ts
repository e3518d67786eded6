import { decodeWAV, encodeWAV } from '@acme/media-files';
import { Audio, AudioToAudioModel, MediaCapability, ProviderType } from '@mediaconduit/mediaconduit';
import type { AudioRole, AudioToAudioOptions, AudioToAudioProvider, MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit';

/** Plays a sound backwards. */
class Backwards extends AudioToAudioModel {
  constructor() {
    super({ id: 'backwards', name: 'Backwards', provider: 'backwards', capabilities: ['audio-to-audio'], inputTypes: ['audio'], outputTypes: ['audio'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: AudioRole | AudioRole[], options: AudioToAudioOptions = {}): Promise<Audio> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const audio = await first.asRole(Audio);
    const { rate, samples } = decodeWAV(audio.data);
    const gain: number = options['gain'] ?? 1;
    return new Audio(encodeWAV({ rate, samples: samples.map((value) => value * gain).reverse() }), 'wav', { ...audio.metadata, sampleRate: rate });
  }
}

export default class AudioToAudio implements MediaProvider, AudioToAudioProvider {
  readonly id = 'backwards';
  readonly name = 'Backwards';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.AUDIO_TO_AUDIO];
  readonly models: ProviderModel[] = [
    { id: 'backwards', name: 'Backwards', description: 'Plays a sound backwards', capabilities: this.capabilities, parameters: { gain: { type: 'number', default: 1 } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<AudioToAudioModel> {
    return this.createAudioToAudioModel(id);
  }

  async createAudioToAudioModel(id: string): Promise<AudioToAudioModel> {
    if (!this.supportsAudioToAudioModel(id)) throw new Error(`no model ${id}`);
    return new Backwards();
  }

  getSupportedAudioToAudioModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsAudioToAudioModel(id: string): boolean {
    return id === 'backwards';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

import { decodeWAV } from '@acme/media-files';
import { Audio, AudioToTextModel, MediaCapability, ProviderType, Text } from '@mediaconduit/mediaconduit';
import type { AudioRole, AudioToTextOptions, AudioToTextProvider, MediaProvider, ProviderConfig, ProviderHealth, ProviderModel } from '@mediaconduit/mediaconduit';

/** Tells length and peak. */
class Meter extends AudioToTextModel {
  constructor() {
    super({ id: 'meter', name: 'Meter', provider: 'meter', capabilities: ['audio-to-text'], inputTypes: ['audio'], outputTypes: ['text'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: AudioRole | AudioRole[], _options: AudioToTextOptions = {}): Promise<Text> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const audio = await first.asRole(Audio);
    const { rate, samples } = decodeWAV(audio.data);
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return Text.fromString(`${samples.length} samples at ${rate} Hz, peak ${peak}`, 'en', 1, { duration: samples.length / rate });
  }
}

export default class AudioToText implements MediaProvider, AudioToTextProvider {
  readonly id = 'meter';
  readonly name = 'Meter';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.AUDIO_TO_TEXT];
  readonly models: ProviderModel[] = [
    { id: 'meter', name: 'Meter', description: 'Tells length and peak', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<AudioToTextModel> {
    return this.createAudioToTextModel(id);
  }

  async createAudioToTextModel(id: string): Promise<AudioToTextModel> {
    if (!this.supportsAudioToTextModel(id)) throw new Error(`no model ${id}`);
    return new Meter();
  }

  getSupportedAudioToTextModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsAudioToTextModel(id: string): boolean {
    return id === 'meter';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

import { encodeWAV } from '@acme/media-files';
import { Audio, MediaCapability, ProviderType, Text, TextToAudioModel } from '@mediaconduit/mediaconduit';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel, TextRole, TextToAudioOptions, TextToAudioProvider } from '@mediaconduit/mediaconduit';

/** Plays each character as a level. */
class Steps extends TextToAudioModel {
  constructor() {
    super({ id: 'steps', name: 'Steps', provider: 'steps', capabilities: ['text-to-audio'], inputTypes: ['text'], outputTypes: ['audio'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: TextRole | TextRole[] | string | string[], options: TextToAudioOptions = {}): Promise<Audio> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const text = typeof first === 'string' ? Text.fromString(first) : await first.asRole(Text);
    const rate = options['sampleRate'] ?? 8000;
    const samples = Int16Array.from([...Buffer.from(text.content)].flatMap((code) => Array<number>(40).fill(128 * code)));
    return Audio.fromBuffer(encodeWAV({ rate, samples }), 'wav', { sampleRate: rate, duration: samples.length / rate });
  }
}

export default class TextToAudio implements MediaProvider, TextToAudioProvider {
  readonly id = 'steps';
  readonly name = 'Steps';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_AUDIO];
  readonly models: ProviderModel[] = [
    { id: 'steps', name: 'Steps', description: 'Plays each character as a level', capabilities: this.capabilities, parameters: { sampleRate: { type: 'integer', default: 8000 } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<TextToAudioModel> {
    return this.createTextToAudioModel(id);
  }

  async createTextToAudioModel(id: string): Promise<TextToAudioModel> {
    if (!this.supportsTextToAudioModel(id)) throw new Error(`no model ${id}`);
    return new Steps();
  }

  getSupportedTextToAudioModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsTextToAudioModel(id: string): boolean {
    return id === 'steps';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

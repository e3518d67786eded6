import { encodeAVI, encodePNG } from '@acme/media-files';
import { MediaCapability, ProviderType, Text, TextToVideoModel, Video } from '@mediaconduit/mediaconduit';
import type { MediaProvider, ProviderConfig, ProviderHealth, ProviderModel, TextRole, TextToVideoOptions, TextToVideoProvider } from '@mediaconduit/mediaconduit';

/** Shows and plays each character for a moment. */
class Flashes extends TextToVideoModel {
  constructor() {
    super({ id: 'flashes', name: 'Flashes', provider: 'flashes', capabilities: ['text-to-video'], inputTypes: ['text'], outputTypes: ['video'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: TextRole | TextRole[] | string | string[], options: TextToVideoOptions = {}): Promise<Video> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const text = typeof first === 'string' ? Text.fromString(first) : await first.asRole(Text);
    const fps = options.fps ?? 25;
    const codes = [...Buffer.from(text.content)];
    const frames = codes.map((code, i) => {
      options['onProgress']?.({ progress: (i + 1) / codes.length, message: `frame ${i + 1} of ${codes.length}` });
      return encodePNG({ width: 4, height: 4, rgb: Buffer.alloc(48, code) });
    });
    const samples = Int16Array.from(codes.flatMap((code) => Array<number>(8000 / fps).fill(128 * code)));
    const file = encodeAVI({ width: 4, height: 4, fps, frames, sound: { rate: 8000, samples } });
    return Video.fromBuffer(file, 'avi', { width: 4, height: 4, duration: codes.length / fps, frameRate: fps });
  }
}

export default class TextToVideo implements MediaProvider, TextToVideoProvider {
  readonly id = 'flashes';
  readonly name = 'Flashes';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_VIDEO];
  readonly models: ProviderModel[] = [
    { id: 'flashes', name: 'Flashes', description: 'Shows and plays each character for a moment', capabilities: this.capabilities, parameters: { fps: { type: 'integer', minimum: 1, maximum: 100, default: 25 } } },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<TextToVideoModel> {
    return this.createTextToVideoModel(id);
  }

  async createTextToVideoModel(id: string): Promise<TextToVideoModel> {
    if (!this.supportsTextToVideoModel(id)) throw new Error(`no model ${id}`);
    return new Flashes();
  }

  getSupportedTextToVideoModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsTextToVideoModel(id: string): boolean {
    return id === 'flashes';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

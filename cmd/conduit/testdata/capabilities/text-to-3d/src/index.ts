import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeGLB } from '@acme/media-files';
import { MediaCapability, ProviderType, SmartAssetFactory, Text, TextTo3DModel } from '@mediaconduit/mediaconduit';
import type { Asset, MediaProvider, ProviderConfig, ProviderHealth, ProviderModel, TextRole, TextTo3DOptions, TextTo3DProvider } from '@mediaconduit/mediaconduit';

/** Makes a line whose height follows the characters. */
class Profile extends TextTo3DModel {
  constructor() {
    super({ id: 'profile', name: 'Profile', provider: 'profile', capabilities: ['text-to-3d'], inputTypes: ['text'], outputTypes: ['3d'] });
  }

  async isAvailable(): Promise<boolean> {
    return true;
  }

  override async transform(input: TextRole | TextRole[] | string | string[], _options: TextTo3DOptions = {}): Promise<Asset> {
    const first = Array.isArray(input) ? input[0] : input;
    if (first === undefined) throw new Error('nothing to work on');
    const text = typeof first === 'string' ? Text.fromString(first) : await first.asRole(Text);
    const positions = [...Buffer.from(text.content)].flatMap((code, i) => [i, code / 128, 0]);
    const path = join(mkdtempSync(join(tmpdir(), 'profile-')), 'profile.glb');
    writeFileSync(path, encodeGLB({ positions }));
    return SmartAssetFactory.load(path);
  }
}

export default class TextTo3D implements MediaProvider, TextTo3DProvider {
  readonly id = 'profile';
  readonly name = 'Profile';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_3D];
  readonly models: ProviderModel[] = [
    { id: 'profile', name: 'Profile', description: 'Makes a line whose height follows the characters', capabilities: this.capabilities, parameters: {} },
  ];

  async configure(_config: ProviderConfig): Promise<void> {}

  async isAvailable(): Promise<boolean> {
    return true;
  }

  getModelsForCapability(capability: MediaCapability): ProviderModel[] {
    return this.models.filter((model) => model.capabilities.includes(capability));
  }

  async getModel(id: string): Promise<TextTo3DModel> {
    return this.createTextTo3DModel(id);
  }

  async createTextTo3DModel(id: string): Promise<TextTo3DModel> {
    if (!this.supportsTextTo3DModel(id)) throw new Error(`no model ${id}`);
    return new Profile();
  }

  getSupportedTextTo3DModels(): string[] {
    return this.models.map((model) => model.id);
  }

  supportsTextTo3DModel(id: string): boolean {
    return id === 'profile';
  }

  async getHealth(): Promise<ProviderHealth> {
    return { status: 'healthy', uptime: process.uptime(), activeJobs: 0, queuedJobs: 0 };
  }
}

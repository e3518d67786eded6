import { MediaRole } from './MediaRole';
import type { AudioMetadata } from '../types/metadata';

/** Sound: bytes in memory or a file. */
export class Audio extends MediaRole {
  readonly kind = 'audio' as const;
  declare readonly metadata: AudioMetadata;

  static fromFile(path: string, metadata?: AudioMetadata, sourceAsset?: any): Audio {
    return new Audio(path, undefined, metadata, sourceAsset);
  }

  static fromBuffer(data: Uint8Array, format?: string, metadata?: AudioMetadata, sourceAsset?: any): Audio {
    return new Audio(data, format, metadata, sourceAsset);
  }

  async asAudio(): Promise<Audio> {
    return this;
  }
}

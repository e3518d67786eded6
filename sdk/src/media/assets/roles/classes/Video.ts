import { MediaRole } from './MediaRole';
import type { VideoMetadata } from '../types/metadata';

/** A video: bytes in memory or a file. */
export class Video extends MediaRole {
  readonly kind = 'video' as const;
  declare readonly metadata: VideoMetadata;

  static fromFile(path: string, metadata?: VideoMetadata, sourceAsset?: any): Video {
    return new Video(path, undefined, metadata, sourceAsset);
  }

  static fromBuffer(data: Uint8Array, format?: string, metadata?: VideoMetadata, sourceAsset?: any): Video {
    return new Video(data, format, metadata, sourceAsset);
  }

  async asVideo(): Promise<Video> {
    return this;
  }
}

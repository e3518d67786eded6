import { MediaRole } from './MediaRole';
import type { ImageMetadata } from '../types/metadata';

/** An image: bytes in memory or a file. */
export class Image extends MediaRole {
  readonly kind = 'image' as const;
  declare readonly metadata: ImageMetadata;

  static fromFile(path: string, metadata?: ImageMetadata, sourceAsset?: any): Image {
    return new Image(path, undefined, metadata, sourceAsset);
  }

  static fromBuffer(data: Uint8Array, format?: string, metadata?: ImageMetadata, sourceAsset?: any): Image {
    return new Image(data, format, metadata, sourceAsset);
  }

  async asImage(): Promise<Image> {
    return this;
  }
}

import { MediaRole } from './MediaRole';
import type { Model3DMetadata } from '../types/metadata';

/** A 3D model: bytes in memory or a file. */
export class Model3D extends MediaRole {
  readonly kind = '3d' as const;
  declare readonly metadata: Model3DMetadata;

  static fromFile(path: string, metadata?: Model3DMetadata, sourceAsset?: any): Model3D {
    return new Model3D(path, undefined, metadata, sourceAsset);
  }

  static fromBuffer(data: Uint8Array, format?: string, metadata?: Model3DMetadata, sourceAsset?: any): Model3D {
    return new Model3D(data, format, metadata, sourceAsset);
  }

  async asModel3D(): Promise<Model3D> {
    return this;
  }
}

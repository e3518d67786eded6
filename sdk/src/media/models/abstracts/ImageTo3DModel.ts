import type { Asset } from '../../assets/Asset';
import type { ImageRole, Model3D } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns images into 3D models; a model takes further options of its own. */
export interface ImageTo3DOptions {
  format?: string;
  seed?: number;
  textured?: boolean;
  [extra: string]: any;
}

/** A model that turns images into 3D models. */
export abstract class ImageTo3DModel extends Model<ImageRole | ImageRole[], ImageTo3DOptions, Model3D | Asset> {}

export default ImageTo3DModel;

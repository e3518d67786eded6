import type { Image, ImageFormat, ImageRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns images into images; a model takes further options of its own. */
export interface ImageToImageOptions {
  prompt?: string;
  strength?: number;
  width?: number;
  height?: number;
  seed?: number;
  format?: ImageFormat;
  [extra: string]: any;
}

/** A model that turns images into images. */
export abstract class ImageToImageModel extends Model<ImageRole | ImageRole[], ImageToImageOptions, Image> {}

export default ImageToImageModel;

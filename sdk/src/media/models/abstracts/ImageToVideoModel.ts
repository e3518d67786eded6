import type { ImageRole, Video, VideoFormat } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns images into video; a model takes further options of its own. */
export interface ImageToVideoOptions {
  prompt?: string;
  /** seconds */
  duration?: number;
  aspectRatio?: string;
  fps?: number;
  motionStrength?: number;
  seed?: number;
  format?: VideoFormat;
  [extra: string]: any;
}

/** A model that turns images into video. */
export abstract class ImageToVideoModel extends Model<ImageRole | ImageRole[], ImageToVideoOptions, Video> {}

export default ImageToVideoModel;

import type { Image, ImageFormat, VideoRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns video into images; a model takes further options of its own. */
export interface VideoToImageOptions {
  /** seconds from the start */
  timestamp?: number;
  width?: number;
  height?: number;
  format?: ImageFormat;
  [extra: string]: any;
}

/** A model that turns video into images. */
export abstract class VideoToImageModel extends Model<VideoRole | VideoRole[], VideoToImageOptions, Image> {}

export default VideoToImageModel;

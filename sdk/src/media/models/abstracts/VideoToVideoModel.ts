import type { Video, VideoFormat, VideoRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns video into video; a model takes further options of its own. */
export interface VideoToVideoOptions {
  prompt?: string;
  strength?: number;
  width?: number;
  height?: number;
  fps?: number;
  format?: VideoFormat;
  [extra: string]: any;
}

/** A model that turns video into video. */
export abstract class VideoToVideoModel extends Model<VideoRole | VideoRole[], VideoToVideoOptions, Video> {}

export default VideoToVideoModel;

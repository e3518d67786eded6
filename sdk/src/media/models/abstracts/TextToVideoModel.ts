import type { TextRole, Video, VideoFormat } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns text into video; a model takes further options of its own. */
export interface TextToVideoOptions {
  /** seconds */
  duration?: number;
  width?: number;
  height?: number;
  aspectRatio?: string;
  fps?: number;
  seed?: number;
  format?: VideoFormat;
  [extra: string]: any;
}

/** A model that turns text into video. */
export abstract class TextToVideoModel extends Model<TextRole | TextRole[] | string | string[], TextToVideoOptions, Video> {}

export default TextToVideoModel;

import type { Audio, AudioFormat, VideoRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns video into audio; a model takes further options of its own. */
export interface VideoToAudioOptions {
  sampleRate?: number;
  channels?: number;
  bitrate?: number;
  format?: AudioFormat;
  [extra: string]: any;
}

/** A model that turns video into audio. */
export abstract class VideoToAudioModel extends Model<VideoRole | VideoRole[], VideoToAudioOptions, Audio> {}

export default VideoToAudioModel;

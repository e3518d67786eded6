import type { Audio, AudioFormat, AudioRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns audio into audio; a model takes further options of its own. */
export interface AudioToAudioOptions {
  voice?: string;
  voiceToClone?: AudioRole;
  sampleRate?: number;
  channels?: number;
  format?: AudioFormat;
  [extra: string]: any;
}

/** A model that turns audio into audio. */
export abstract class AudioToAudioModel extends Model<AudioRole | AudioRole[], AudioToAudioOptions, Audio> {}

export default AudioToAudioModel;

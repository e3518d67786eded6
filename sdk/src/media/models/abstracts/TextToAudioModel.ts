import type { Audio, AudioFormat, AudioRole, TextRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns text into audio; a model takes further options of its own. */
export interface TextToAudioOptions {
  voice?: string;
  voiceToClone?: AudioRole;
  language?: string;
  speed?: number;
  sampleRate?: number;
  format?: AudioFormat;
  [extra: string]: any;
}

/** A model that turns text into audio. */
export abstract class TextToAudioModel extends Model<TextRole | TextRole[] | string | string[], TextToAudioOptions, Audio> {}

export default TextToAudioModel;

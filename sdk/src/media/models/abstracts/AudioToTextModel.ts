import type { AudioRole, Text } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns audio into text; a model takes further options of its own. */
export interface AudioToTextOptions {
  language?: string;
  task?: 'transcribe' | 'translate';
  prompt?: string;
  wordTimestamps?: boolean;
  [extra: string]: any;
}

/** A model that turns audio into text. */
export abstract class AudioToTextModel extends Model<AudioRole | AudioRole[], AudioToTextOptions, Text> {}

export default AudioToTextModel;

import type { Text, TextRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns text into text; a model takes further options of its own. */
export interface TextToTextOptions {
  temperature?: number;
  maxOutputTokens?: number;
  topP?: number;
  topK?: number;
  stopSequences?: string[];
  [extra: string]: any;
}

/** A model that turns text into text. */
export abstract class TextToTextModel extends Model<TextRole | TextRole[] | string | string[], TextToTextOptions, Text> {}

export default TextToTextModel;

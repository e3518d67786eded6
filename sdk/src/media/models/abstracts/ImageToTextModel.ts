import type { ImageRole, Text } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns images into text; a model takes further options of its own. */
export interface ImageToTextOptions {
  prompt?: string;
  maxOutputTokens?: number;
  language?: string;
  [extra: string]: any;
}

/** A model that turns images into text. */
export abstract class ImageToTextModel extends Model<ImageRole | ImageRole[], ImageToTextOptions, Text> {}

export default ImageToTextModel;

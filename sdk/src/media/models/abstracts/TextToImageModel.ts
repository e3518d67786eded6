import type { Image, ImageFormat, TextRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns text into images; a model takes further options of its own. */
export interface TextToImageOptions {
  width?: number;
  height?: number;
  aspectRatio?: string;
  negativePrompt?: string;
  numImages?: number;
  seed?: number;
  guidanceScale?: number;
  steps?: number;
  format?: ImageFormat;
  [extra: string]: any;
}

/** A model that turns text into images. */
export abstract class TextToImageModel extends Model<TextRole | TextRole[] | string | string[], TextToImageOptions, Image> {}

export default TextToImageModel;

import type { Asset } from '../../assets/Asset';
import type { Model3D, TextRole } from '../../assets/roles';
import { Model } from './Model';

/** What may be asked of a model that turns text into 3D models; a model takes further options of its own. */
export interface TextTo3DOptions {
  format?: string;
  seed?: number;
  textured?: boolean;
  [extra: string]: any;
}

/** A model that turns text into 3D models. */
export abstract class TextTo3DModel extends Model<TextRole | TextRole[] | string | string[], TextTo3DOptions, Model3D | Asset> {}

export default TextTo3DModel;

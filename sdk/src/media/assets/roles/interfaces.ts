import type { Role } from './classes/MediaRole';

/** Something that can be used as Text: `await x.asRole(Text)`. */
export interface TextRole extends Role {}

/** Something that can be used as an Image. */
export interface ImageRole extends Role {}

/** Something that can be used as Audio. */
export interface AudioRole extends Role {}

/** Something that can be used as a Video. */
export interface VideoRole extends Role {}

/** Something that can be used as a 3D model. */
export interface Model3DRole extends Role {}

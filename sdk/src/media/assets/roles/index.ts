export { Audio } from './classes/Audio';
export { Image } from './classes/Image';
export { Model3D } from './classes/Model3D';
export { Text } from './classes/Text';
export { Video } from './classes/Video';
export type { AudioRole, ImageRole, Model3DRole, TextRole, VideoRole } from './interfaces';
export type * from './types';

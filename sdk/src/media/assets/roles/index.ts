export { Audio } from './classes/Audio';
export { Image } from './classes/Image';
export { Text } from './classes/Text';
export { Video } from './classes/Video';
export type { AudioRole, ImageRole, TextRole, VideoRole } from './interfaces';
export type * from './types';

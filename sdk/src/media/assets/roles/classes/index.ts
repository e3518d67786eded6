export { Audio } from './Audio';
export { Image } from './Image';
export { Text } from './Text';
export { Video } from './Video';

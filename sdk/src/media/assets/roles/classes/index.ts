export { Audio } from './Audio';
export { Image } from './Image';
export { Model3D } from './Model3D';
export { Text } from './Text';
export { Video } from './Video';

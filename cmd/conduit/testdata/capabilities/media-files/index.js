export { decodePNG, encodePNG } from './png.js';
export { decodeWAV, encodeWAV } from './wav.js';
export { decodeAVI, encodeAVI } from './avi.js';
export { encodeGLB } from './glb.js';

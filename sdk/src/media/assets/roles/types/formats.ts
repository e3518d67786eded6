/** File name extensions of images. */
export type ImageFormat = 'png' | 'jpg' | 'jpeg' | 'webp' | 'gif' | 'bmp' | 'tiff' | 'svg' | 'avif';

/** File name extensions of audio. */
export type AudioFormat = 'mp3' | 'wav' | 'flac' | 'm4a' | 'ogg' | 'aac' | 'opus' | 'wma' | 'webm';

/** File name extensions of video. */
export type VideoFormat = 'mp4' | 'webm' | 'mov' | 'avi' | 'mkv' | 'm4v' | 'wmv' | 'flv';

/** File name extensions of 3D models. */
export type Model3DFormat = 'glb' | 'gltf' | 'obj' | 'stl' | 'ply' | 'usdz' | 'fbx';

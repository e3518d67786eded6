/** Pixels, row by row from the top: red, green, blue, 8 bits each. */
export interface Pixels {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** One channel of 16-bit samples; rate in hertz. */
export interface Sound {
  rate: number;
  samples: Int16Array;
}

/** Frames are PNG files of one size; fps are frames in a second. */
export interface Film {
  width: number;
  height: number;
  fps: number;
  frames: Uint8Array[];
  sound?: Sound | undefined;
}

/** Positions are three numbers for each vertex; triangles three indices each, without them the vertices are one line. */
export interface Mesh {
  positions: number[];
  triangles?: number[];
}

export function encodePNG(pixels: Pixels): Buffer;
export function decodePNG(file: Uint8Array): Pixels;
export function encodeWAV(sound: Sound): Buffer;
export function decodeWAV(file: Uint8Array): Sound;
export function encodeAVI(film: Film): Buffer;
export function decodeAVI(file: Uint8Array): Film;
export function encodeGLB(mesh: Mesh): Buffer;

/** How a piece of media came to be: kept in metadata.generation_prompt so that a chain of models can be followed. */
export interface GenerationPrompt {
  /** the input as it was given, with its own metadata */
  input: any;
  options?: any;
  modelId: string;
  modelName?: string;
  provider: string;
  transformationType?: string;
  modelMetadata?: any;
  predictionId?: string;
  /** milliseconds */
  processingTime?: number;
  /** RFC 3339 */
  timestamp?: string;
  [extra: string]: any;
}

/** What may be known of any media. */
export interface BaseMetadata {
  generation_prompt?: GenerationPrompt;
  /** milliseconds */
  processingTime?: number;
  model?: string;
  provider?: string;
  [extra: string]: any;
}

export interface TextMetadata extends BaseMetadata {}

export interface MediaMetadata extends BaseMetadata {
  url?: string;
  localPath?: string;
  format?: string;
  /** bytes */
  fileSize?: number;
  /** pixels */
  width?: number;
  /** pixels */
  height?: number;
  /** seconds */
  duration?: number;
}

export interface ImageMetadata extends MediaMetadata {}

export interface AudioMetadata extends MediaMetadata {
  /** hertz */
  sampleRate?: number;
  channels?: number;
  bitrate?: number;
}

export interface VideoMetadata extends MediaMetadata {
  frameRate?: number;
  codec?: string;
}

export interface Model3DMetadata extends MediaMetadata {
  vertices?: number;
  faces?: number;
}

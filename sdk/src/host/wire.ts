import { Asset } from '../media/assets/Asset';
import { Audio } from '../media/assets/roles/classes/Audio';
import { Image } from '../media/assets/roles/classes/Image';
import { MediaRole } from '../media/assets/roles/classes/MediaRole';
import { Model3D } from '../media/assets/roles/classes/Model3D';
import { Text } from '../media/assets/roles/classes/Text';
import { Video } from '../media/assets/roles/classes/Video';

/** The kinds of media that cross the process border. */
export type MediaKind = 'text' | 'image' | 'audio' | 'video' | '3d';

/**
 * One piece of media as it crosses the process border. Text carries `text`; the others carry `file` (large media do not
 * go through the socket), `data`, or a `url` that the provider got from its API.
 */
export interface WireMedia {
  kind: MediaKind;
  text?: string;
  language?: string;
  confidence?: number;
  data?: Uint8Array;
  file?: string;
  url?: string;
  /** file name extension without the dot: "png" */
  format?: string;
  /** plain JSON */
  metadata?: Record<string, unknown>;
}

/** The role that a model is given for a piece of media. */
export function toRole(media: WireMedia): Text | Image | Audio | Video | Model3D {
  switch (media.kind) {
    case 'text':
      return new Text(media.text ?? '', media.language, media.confidence, { ...media.metadata });
    case 'image':
      return new Image(content(media), media.format, { ...media.metadata });
    case 'audio':
      return new Audio(content(media), media.format, { ...media.metadata });
    case 'video':
      return new Video(content(media), media.format, { ...media.metadata });
    case '3d':
      return new Model3D(content(media), media.format, { ...media.metadata });
    default:
      throw new Error(`unknown kind of media: ${String(media.kind)}`);
  }
}

function content(media: WireMedia): Buffer | string {
  if (media.file) return media.file;
  if (media.data) return Buffer.from(media.data.buffer, media.data.byteOffset, media.data.byteLength);
  throw new Error(`${media.kind} input has neither data nor a file`);
}

/**
 * The media that a model's answer means. Besides roles it takes what models in the wild return: a string, an object with
 * `text` or `content`, an asset, a list (its first element; callers that want all map over the list).
 */
export async function fromRole(value: unknown): Promise<WireMedia> {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (Array.isArray(value) && value.length > 0) return fromRole(value[0]);
  if (value instanceof Text) {
    return {
      kind: 'text',
      text: value.content,
      language: value.language,
      confidence: value.confidence,
      metadata: plain(value.metadata),
    };
  }
  if (value instanceof Asset) return fromRole(await value.asOwnRole());
  if (value instanceof MediaRole) {
    const media: WireMedia = { kind: value.kind, format: value.format, metadata: plain(value.metadata) };
    if (value.path) media.file = value.path;
    else if (value.data.length > 0) media.data = value.data;
    else if (typeof value.metadata['url'] === 'string') media.url = value.metadata['url'];
    else throw new Error(`the model returned an empty ${value.kind}`);
    return media;
  }
  if (value !== null && typeof value === 'object') {
    const answer = value as Record<string, unknown>;
    for (const key of ['text', 'content']) {
      if (typeof answer[key] === 'string') {
        const { [key]: _, ...rest } = answer;
        return { kind: 'text', text: answer[key], metadata: plain(rest) };
      }
    }
  }
  throw new Error(`the model returned ${describe(value)}, which is neither text, image, audio, video nor a 3D model`);
}

/** Metadata as JSON: what cannot be written as JSON (functions, cycles, buffers of media) is left out. */
function plain(metadata: Record<string, unknown> | undefined): Record<string, unknown> {
  if (!metadata || Object.keys(metadata).length === 0) return {};
  const above: unknown[] = [];
  const text = JSON.stringify(metadata, function (this: unknown, _key, value: unknown) {
    while (above.length > 0 && above[above.length - 1] !== this) above.pop();
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null) return value;
    if (above.includes(value) || value instanceof Uint8Array || isBufferJSON(value)) return undefined;
    above.push(value);
    return value;
  });
  return JSON.parse(text) as Record<string, unknown>;
}

function isBufferJSON(value: object): boolean {
  return (value as { type?: unknown }).type === 'Buffer' && Array.isArray((value as { data?: unknown }).data);
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `an object of ${value.constructor?.name ?? 'no class'}`;
}

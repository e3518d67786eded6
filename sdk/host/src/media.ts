import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { Error_Kind, type Media } from './gen/provider';
import type { WireMedia } from '../../src/host/wire';
import { HostError } from './errors';
import { toObject } from './json';

/** Bytes that may travel in a message; anything larger goes by file. */
const inline = 1 << 20;

const kinds = ['text', 'image', 'audio', 'video', '3d'] as const;

/** MIME types by file name extension, for what models usually make. */
const mimes: Record<string, string> = {
  png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif', svg: 'image/svg+xml',
  mp3: 'audio/mpeg', wav: 'audio/wav', ogg: 'audio/ogg', flac: 'audio/flac', m4a: 'audio/mp4', aac: 'audio/aac', opus: 'audio/opus',
  mp4: 'video/mp4', webm: 'video/webm', mov: 'video/quicktime', mkv: 'video/x-matroska', avi: 'video/x-msvideo',
  glb: 'model/gltf-binary', gltf: 'model/gltf+json', obj: 'model/obj', stl: 'model/stl', usdz: 'model/vnd.usdz+zip',
};

/** An input as the SDK's toRole takes it. */
export function toWire(media: Media): WireMedia {
  const kind = kinds.find((each) => each === media.type);
  if (!kind) throw new HostError(Error_Kind.INPUT, `an input of type ${media.type || '(none)'} cannot be given to a TypeScript provider: ${kinds.join(', ')} can`);
  const metadata: Record<string, unknown> = { ...media.metadata };
  const wire: WireMedia = { kind, metadata };
  const { content } = media;
  if (content?.$case === 'path') {
    wire.file = content.value;
    wire.format = extname(content.value).slice(1).toLowerCase();
  } else if (content?.$case === 'data') wire.data = content.value;
  else if (content?.$case === 'url') wire.url = content.value;
  else if (content?.$case === 'text') wire.text = content.value;
  wire.format ||= extensionOf(media.mimeType);
  if (!wire.format) delete wire.format;
  if (typeof metadata['language'] === 'string') wire.language = metadata['language'];
  if (typeof metadata['confidence'] === 'number') wire.confidence = metadata['confidence'];
  return wire;
}

/** An output of the SDK's fromRole as it travels; large contents are written to a file in folder. */
export function fromWire(wire: WireMedia, folder: string): Media {
  const more: Record<string, unknown> = { ...wire.metadata };
  if (wire.language !== undefined) more['language'] = wire.language;
  if (wire.confidence !== undefined) more['confidence'] = wire.confidence;
  const metadata = toObject(more);
  const format = (wire.format || extname(wire.file ?? '').slice(1)).toLowerCase();
  const mimeType = wire.kind === 'text' ? 'text/plain' : (mimes[format] ?? '');
  return { type: wire.kind, mimeType, metadata, content: content(wire, format, folder) };
}

function content(wire: WireMedia, format: string, folder: string): Media['content'] {
  if (wire.kind === 'text') return { $case: 'text', value: wire.text ?? '' };
  if (wire.file) return { $case: 'path', value: resolve(wire.file) };
  if (wire.data && wire.data.length <= inline) return { $case: 'data', value: Buffer.from(wire.data) };
  if (wire.data) {
    const path = join(resolve(folder || '.'), `${wire.kind}-${randomUUID()}.${format || 'bin'}`);
    mkdirSync(resolve(folder || '.'), { recursive: true });
    writeFileSync(path, wire.data, { flag: 'wx' });
    return { $case: 'path', value: path };
  }
  return { $case: 'url', value: wire.url ?? '' };
}

function extensionOf(mimeType: string): string {
  return Object.keys(mimes).find((each) => mimes[each] === mimeType) ?? '';
}

import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Audio } from './roles/classes/Audio';
import { Image } from './roles/classes/Image';
import type { Role, RoleClass } from './roles/classes/MediaRole';
import { Model3D } from './roles/classes/Model3D';
import { Text } from './roles/classes/Text';
import { Video } from './roles/classes/Video';
import type { MediaMetadata } from './roles/types/metadata';

export type { GenerationPrompt } from './roles/types/metadata';

type Media = Text | Image | Audio | Video | Model3D;
type Kind = 'text' | 'image' | 'audio' | 'video' | '3d';

/** What files hold, by their extension, the likeliest first: the containers of video hold sound as well. */
const formats: Record<string, Kind[]> = {};
for (const [kinds, extensions] of [
  [['image'], 'png jpg jpeg webp bmp tif tiff svg avif heic'],
  [['image', 'video'], 'gif'],
  [['audio'], 'mp3 wav flac m4a aac opus wma weba oga aiff'],
  [['audio', 'video'], 'ogg'],
  [['video', 'audio'], 'mp4 webm mov avi mkv m4v wmv flv mpeg mpg ogv'],
  [['3d'], 'glb obj stl ply usdz fbx'],
  [['3d', 'text'], 'gltf'],
  [['text'], 'txt md csv srt vtt'],
] as [Kind[], string][]) {
  for (const extension of extensions.split(' ')) formats[extension] = kinds;
}

/** A file that can show itself in the roles that its format allows; in all of them where the format is unknown. */
export class Asset implements Role {
  readonly format: string;

  constructor(
    readonly path: string,
    readonly metadata: MediaMetadata = {},
  ) {
    this.format = extname(path).slice(1).toLowerCase();
  }

  get name(): string {
    return basename(this.path);
  }

  async asRole<T>(role: RoleClass<T>): Promise<T> {
    if (this instanceof role) return this;
    const kinds = formats[this.format];
    for (const kind of kinds ?? (['image', 'audio', 'video', '3d', 'text'] as const)) {
      const media = this.as(kind);
      if (media instanceof role) return media;
    }
    throw new Error(`${this.path} cannot be used as ${role.name}: ${kinds ? `a .${this.format} file holds ${kinds.join(' or ')}` : 'no file can'}`);
  }

  /** What the file is by its format. Fails where the format is unknown: the caller has to say, with asImage() and its like. */
  async asOwnRole(): Promise<Media> {
    const kind = formats[this.format]?.[0];
    if (!kind) throw new Error(`${this.path} has no extension that tells what it holds: return it as a role, with asImage() say`);
    return this.as(kind);
  }

  asText(): Promise<Text> {
    return this.asRole(Text);
  }

  asImage(): Promise<Image> {
    return this.asRole(Image);
  }

  asAudio(): Promise<Audio> {
    return this.asRole(Audio);
  }

  asVideo(): Promise<Video> {
    return this.asRole(Video);
  }

  asModel3D(): Promise<Model3D> {
    return this.asRole(Model3D);
  }

  private as(kind: Kind): Media {
    const metadata: MediaMetadata = { localPath: this.path, ...this.metadata };
    switch (kind) {
      case 'text':
        return new Text(readFileSync(this.path, 'utf8'), undefined, undefined, metadata, this);
      case 'image':
        return new Image(this.path, this.format, metadata, this);
      case 'audio':
        return new Audio(this.path, this.format, metadata, this);
      case 'video':
        return new Video(this.path, this.format, metadata, this);
      case '3d':
        return new Model3D(this.path, this.format, metadata, this);
    }
  }
}

import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { Audio } from './roles/classes/Audio';
import { Image } from './roles/classes/Image';
import type { Role, RoleClass } from './roles/classes/MediaRole';
import { Text } from './roles/classes/Text';
import { Video } from './roles/classes/Video';
import type { MediaMetadata } from './roles/types/metadata';

export type { GenerationPrompt } from './roles/types/metadata';

/** A file that can show itself in the roles that its format allows. */
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
    const metadata: MediaMetadata = { localPath: this.path, ...this.metadata };
    for (const made of [
      () => new Image(this.path, this.format, metadata, this),
      () => new Audio(this.path, this.format, metadata, this),
      () => new Video(this.path, this.format, metadata, this),
      () => new Text(readFileSync(this.path, 'utf8'), undefined, undefined, metadata, this),
    ]) {
      const media = made();
      if (media instanceof role) return media;
    }
    throw new Error(`${this.path} cannot be used as ${role.name}`);
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
}

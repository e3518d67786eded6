import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { MediaMetadata } from '../types/metadata';

/** A class of roles, as asRole() takes it. */
export type RoleClass<T> = abstract new (...args: any[]) => T;

/** Anything that can show itself as a role: a role itself, or an asset. */
export interface Role {
  asRole<T>(role: RoleClass<T>): Promise<T>;
}

/** What images, audio, video and 3D models have in common: bytes or a file, a format and metadata. */
export abstract class MediaRole implements Role {
  abstract readonly kind: 'image' | 'audio' | 'video' | '3d';

  /** the file that holds the data; undefined for media in memory */
  readonly path?: string;
  /** file name extension without the dot, lower case */
  readonly format?: string;
  readonly metadata: MediaMetadata;
  readonly sourceAsset?: any;
  private bytes?: Buffer;

  /**
   * Published providers write both (data, format, metadata, sourceAsset) and (data, sourceAsset, metadata): a string in
   * the second place is a format.
   *
   * @param data the bytes, or the path of a file, which is read when its bytes are first needed
   */
  constructor(data: Uint8Array | string, format?: string | object | null, metadata?: MediaMetadata, sourceAsset?: any) {
    if (typeof data === 'string') this.path = data;
    else this.bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
    this.metadata = metadata ?? {};
    this.sourceAsset = typeof format === 'object' && format !== null ? format : sourceAsset;
    const named = typeof format === 'string' ? format : this.metadata.format;
    const found = named ?? (this.path === undefined ? undefined : extname(this.path));
    if (found) this.format = found.replace(/^\./, '').toLowerCase();
  }

  /** The bytes. Throws where the file cannot be read. */
  get data(): Buffer {
    return (this.bytes ??= readFileSync(this.path as string));
  }

  /** Whether there is something to play or show. */
  isValid(): boolean {
    if (this.bytes) return this.bytes.length > 0;
    return (statSync(this.path as string, { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  async asRole<T>(role: RoleClass<T>): Promise<T> {
    if (this instanceof role) return this;
    throw new Error(`${this.kind} cannot be used as ${role.name}: use a model that turns ${this.kind} into it`);
  }

  /** Writes the bytes to a file. */
  save(path: string): void {
    writeFileSync(path, this.data);
  }

  /** Size in bytes. */
  getFileSize(): number {
    return this.bytes ? this.bytes.length : statSync(this.path as string).size;
  }

  getFormat(): string | undefined {
    return this.format;
  }

  /** Seconds, where the metadata says. */
  getDuration(): number | undefined {
    return this.metadata.duration;
  }

  /** Pixels, where the metadata says. */
  getDimensions(): { width: number; height: number } | undefined {
    const { width, height } = this.metadata;
    return width === undefined || height === undefined ? undefined : { width, height };
  }
}

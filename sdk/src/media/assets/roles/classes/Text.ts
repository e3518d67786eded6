import type { TextMetadata } from '../types/metadata';
import type { Role, RoleClass } from './MediaRole';

/** A text with what is known of it. */
export class Text implements Role {
  /**
   * @param language BCP 47 tag, or "auto"
   * @param confidence between 0 and 1, of the model that made the text
   */
  constructor(
    readonly content: string,
    readonly language?: string,
    readonly confidence?: number,
    readonly metadata: TextMetadata = {},
    readonly sourceAsset?: any,
  ) {}

  static fromString(content: string, language?: string, confidence?: number, metadata?: TextMetadata, sourceAsset?: any): Text {
    return new Text(content, language, confidence, metadata, sourceAsset);
  }

  /** Whether there is anything but white space. */
  isValid(): boolean {
    return typeof this.content === 'string' && this.content.trim() !== '';
  }

  async asRole<T>(role: RoleClass<T>): Promise<T> {
    if (this instanceof role) return this;
    throw new Error(`text cannot be used as ${role.name}: use a model that turns text into it`);
  }

  async asText(): Promise<Text> {
    return this;
  }

  getWordCount(): number {
    return this.content.split(/\s+/).filter(Boolean).length;
  }

  toString(): string {
    return this.content;
  }
}

import type { GenerationPrompt } from '../assets/roles/types/metadata';

/** The record of one generation, for metadata.generation_prompt. */
export function createGenerationPrompt(of: GenerationPrompt): GenerationPrompt {
  return { ...of, timestamp: of.timestamp ?? new Date().toISOString() };
}

/** What a person would read of a model's input: the text itself, or a word for other media; lists by line. */
export function extractInputContent(input: any): string {
  if (input === null || input === undefined) return '';
  if (typeof input === 'string') return input;
  if (Array.isArray(input)) return input.map(extractInputContent).join('\n');
  if (typeof input.content === 'string') return input.content;
  if (typeof input.text === 'string') return input.text;
  if (typeof input.path === 'string') return input.path;
  return `[${input.kind ?? input.constructor?.name ?? typeof input}]`;
}

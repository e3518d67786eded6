import type { TextTo3DModel } from '../../models/abstracts/TextTo3DModel';

/** A provider with models that turn text into 3D models. */
export interface TextTo3DProvider {
  createTextTo3DModel(modelId: string): Promise<TextTo3DModel>;
  getSupportedTextTo3DModels(): string[];
  supportsTextTo3DModel(modelId: string): boolean;
}

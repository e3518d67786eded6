/** What a model says about itself. */
export interface ModelMetadata {
  id: string;
  name: string;
  description?: string;
  version?: string;
  provider: string;
  capabilities: string[];
  inputTypes: string[];
  outputTypes: string[];
  [extra: string]: any;
}

/** A model: turns media of one kind into media of another. */
export abstract class Model<Input = any, Options = any, Output = any> {
  constructor(readonly metadata: ModelMetadata) {}

  abstract transform(input: Input, options?: Options): Promise<Output>;

  abstract isAvailable(): Promise<boolean>;

  getId(): string {
    return this.metadata.id;
  }

  getName(): string {
    return this.metadata.name;
  }

  getDescription(): string {
    return this.metadata.description ?? '';
  }

  getVersion(): string {
    return this.metadata.version ?? '';
  }

  getProvider(): string {
    return this.metadata.provider;
  }

  getCapabilities(): string[] {
    return this.metadata.capabilities;
  }

  getInputTypes(): string[] {
    return this.metadata.inputTypes;
  }

  getOutputTypes(): string[] {
    return this.metadata.outputTypes;
  }

  getMetadata(): ModelMetadata {
    return this.metadata;
  }
}

export default Model;

import type * as SDKHost from '../../src/host';
import type { MediaProvider } from '../../src/media/types/provider';

/** What an artifact's module exports. */
export interface Artifact {
  provider: Record<string, unknown>;
  sdk: { host: typeof SDKHost };
}

/** A provider whose class has been constructed. */
export interface Loaded {
  instance: MediaProvider;
  sdk: typeof SDKHost;
  outputDir: string;
}

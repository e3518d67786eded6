/** What a provider can do: input kind to output kind. */
export enum MediaCapability {
  TEXT_TO_TEXT = 'text-to-text',
  TEXT_TO_IMAGE = 'text-to-image',
  IMAGE_TO_IMAGE = 'image-to-image',
  IMAGE_TO_TEXT = 'image-to-text',
  TEXT_TO_VIDEO = 'text-to-video',
  IMAGE_TO_VIDEO = 'image-to-video',
  VIDEO_TO_VIDEO = 'video-to-video',
  VIDEO_TO_IMAGE = 'video-to-image',
  VIDEO_TO_AUDIO = 'video-to-audio',
  TEXT_TO_AUDIO = 'text-to-audio',
  AUDIO_TO_TEXT = 'audio-to-text',
  AUDIO_TO_AUDIO = 'audio-to-audio',
  TEXT_TO_3D = 'text-to-3d',
  IMAGE_TO_3D = 'image-to-3d',
}

/** Where a provider's models run: in a service on this machine, or behind somebody's API. */
export enum ProviderType {
  LOCAL = 'local',
  REMOTE = 'remote',
}

/** The states of a generation job. */
export enum JobStatus {
  PENDING = 'pending',
  QUEUED = 'queued',
  PROCESSING = 'processing',
  COMPLETED = 'completed',
  FAILED = 'failed',
  CANCELLED = 'cancelled',
}

/** A model as a provider lists it. */
export interface ProviderModel {
  id: string;
  name: string;
  description?: string;
  capabilities: MediaCapability[];
  parameters?: Record<string, any>;
  pricing?: { inputCost?: number; outputCost?: number; currency: string };
  limits?: Record<string, any>;
  [extra: string]: any;
}

/** What configure() is given: the entries that remote and local providers share, and whatever else conduit.toml says. */
export interface ProviderConfig {
  apiKey?: string;
  baseUrl?: string;
  /** milliseconds */
  timeout?: number;
  retries?: number;
  serviceUrl?: string;
  serviceConfig?: any;
  [extra: string]: any;
}

/** How well a provider is; uptime in seconds unless the provider says otherwise. */
export interface ProviderHealth {
  status: 'healthy' | 'degraded' | 'unhealthy';
  uptime: number;
  activeJobs: number;
  queuedJobs: number;
  lastError?: string;
  [extra: string]: any;
}

/** What every provider implements. `models` may be a getter whose list fills later. */
export interface MediaProvider {
  readonly id: string;
  readonly name: string;
  readonly type: ProviderType;
  readonly capabilities: MediaCapability[];
  readonly models: ProviderModel[];
  configure(config: ProviderConfig): Promise<void>;
  isAvailable(): Promise<boolean>;
  getModelsForCapability(capability: MediaCapability): ProviderModel[];
  getModel(modelId: string): Promise<any>;
  getHealth(): Promise<ProviderHealth>;
  startService?(): Promise<boolean>;
  stopService?(): Promise<boolean>;
  getServiceStatus?(): Promise<any>;
}

/** A request for one generation. */
export interface GenerationRequest {
  id?: string;
  prompt?: string;
  capability?: MediaCapability;
  modelId?: string;
  inputs?: any;
  parameters?: Record<string, any>;
  metadata?: Record<string, any>;
  [extra: string]: any;
}

/** The outcome of one generation. */
export interface GenerationResult {
  id?: string;
  jobId?: string;
  status: JobStatus;
  outputs?: any[];
  error?: string;
  metadata?: Record<string, any>;
  [extra: string]: any;
}

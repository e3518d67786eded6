/** The root of @mediaconduit/mediaconduit. */
export * from './media/types/provider';
export * from './media/assets/roles';
export * from './media/assets/Asset';
export * from './media/assets/SmartAssetFactory';
export * from './media/models/abstracts';
export * from './media/capabilities';
export * from './media/providers/docker/AbstractDockerProvider';
export * from './media/registry/ServiceRegistry';
export * from './media/registry/ProviderRegistry';
export * from './media/utils/GenerationPromptHelper';
export * from './media/fluent';

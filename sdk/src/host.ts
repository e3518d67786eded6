/** What the host process uses: hooks for services, the provider's construction, media to and from the wire. */
export { bind } from './hooks';
export type { HostHooks, ServiceInfoData } from './hooks';
export { createProvider } from './host/provider';
export type { CreateOptions, CreatedProvider } from './host/provider';
export { toRole, fromRole } from './host/wire';
export type { MediaKind, WireMedia } from './host/wire';

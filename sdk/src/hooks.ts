import type { ServiceInfo, ServiceStatus } from './media/registry/service';

/** A service as the host process knows it when the provider starts. */
export interface ServiceInfoData extends ServiceInfo {
  /** the service's name in this project: what the other hooks take */
  name: string;
  /** address to reach the ports at; 127.0.0.1 unless the user's settings say otherwise */
  host?: string;
}

/** What the process that loads a provider offers to it. */
export interface HostHooks {
  /** known services under every address or name that the provider may ask for */
  services: Record<string, ServiceInfoData>;
  status(name: string): Promise<ServiceStatus>;
  start(name: string): Promise<boolean>;
  stop(name: string): Promise<boolean>;
  restart(name: string): Promise<boolean>;
  /** the error for a service that is not in the lock; it names the command that adds it */
  missingService(url: string): Error;
}

let bound: HostHooks | undefined;

/** Sets the hooks. The host does it once, before it loads a provider's class. */
export function bind(hooks: HostHooks): void {
  bound = hooks;
}

/** The bound hooks; throws where the SDK is used outside of a host. */
export function hooks(): HostHooks {
  if (!bound) throw new Error('no host: this provider was loaded outside of conduit, which brings its services');
  return bound;
}

import { hooks, type ServiceInfoData } from '../../hooks';
import type { DockerService, ServiceInfo, ServiceResponse, ServiceStatus } from './service';

// Published providers import these types from here.
export type { DockerService, ServiceInfo, ServiceResponse, ServiceStatus } from './service';

/** How long waitForHealthy sleeps between two looks at the status, in milliseconds. */
const healthPoll = 250;

/** A service that the host process runs for us. */
class HostService implements DockerService {
  constructor(private readonly info: ServiceInfoData) {}

  getServiceInfo(): ServiceInfo {
    const { name: _name, host: _host, ...info } = this.info;
    return { ...info, ports: [...info.ports] };
  }

  getServiceStatus(): Promise<ServiceStatus> {
    return hooks().status(this.info.name);
  }

  startService(): Promise<boolean> {
    return hooks().start(this.info.name);
  }

  stopService(): Promise<boolean> {
    return hooks().stop(this.info.name);
  }

  restartService(): Promise<boolean> {
    return hooks().restart(this.info.name);
  }

  async isServiceHealthy(): Promise<boolean> {
    const status = await this.getServiceStatus();
    return status.running && status.health === 'healthy';
  }

  async isServiceRunning(): Promise<boolean> {
    return (await this.getServiceStatus()).running;
  }

  async waitForHealthy(timeoutMs = 120_000): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      if (await this.isServiceHealthy()) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      await new Promise((resolve) => setTimeout(resolve, Math.min(healthPoll, left)));
    }
  }

  async detectRunningPorts(): Promise<number[]> {
    return (await this.isServiceRunning()) ? this.getServiceInfo().ports : [];
  }

  get(path: string): Promise<ServiceResponse> {
    return this.request('GET', path);
  }

  post(path: string, body?: unknown): Promise<ServiceResponse> {
    return this.request('POST', path, body);
  }

  private async request(method: string, path: string, body?: unknown): Promise<ServiceResponse> {
    const port = this.info.ports[0];
    if (port === undefined) throw new Error(`service ${this.info.name} publishes no port`);
    const init: RequestInit = { method };
    if (body !== undefined) {
      const raw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
      init.body = raw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body);
      if (!raw) init.headers = { 'content-type': 'application/json' };
    }
    const address = `http://${this.info.host || '127.0.0.1'}:${port}`;
    const response = await fetch(new URL(path, address), init);
    const text = await response.text();
    const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      data: json && text !== '' ? JSON.parse(text) : text,
      headers: Object.fromEntries(response.headers),
    };
  }
}

/** The services of the project that this provider may use: those in its lock. */
export class ServiceRegistry {
  private static readonly instance = new ServiceRegistry();
  private readonly services = new Map<ServiceInfoData, DockerService>();

  static getInstance(): ServiceRegistry {
    return ServiceRegistry.instance;
  }

  /**
   * The service that an address or a name means. An address matches with or without its scheme, ".git" and ref:
   * which version runs is for the lock to say.
   */
  async getService(identifier: string, _config?: unknown): Promise<DockerService> {
    const { services, missingService } = hooks();
    let info = Object.hasOwn(services, identifier) ? services[identifier] : undefined;
    if (!info) {
      const wanted = addressKey(identifier);
      const key = Object.keys(services).find((known) => addressKey(known) === wanted);
      info = key === undefined ? undefined : services[key];
    }
    if (!info) throw missingService(identifier);
    let service = this.services.get(info);
    if (!service) this.services.set(info, (service = new HostService(info)));
    return service;
  }

  hasService(identifier: string): boolean {
    const wanted = addressKey(identifier);
    return Object.keys(hooks().services).some((known) => addressKey(known) === wanted);
  }

  listServices(): string[] {
    return [...new Set(Object.values(hooks().services).map((info) => info.name))].sort();
  }
}

function addressKey(identifier: string): string {
  return identifier
    .trim()
    .replace(/^(git\+)?https?:\/\/(www\.)?github\.com\//i, 'github:')
    .replace(/(?<=.)@[^@/]*$/, '')
    .replace(/\/$/, '')
    .replace(/\.git$/, '')
    .toLowerCase();
}

/** The registry of this process. */
export function getServiceRegistry(): ServiceRegistry {
  return ServiceRegistry.getInstance();
}

export default ServiceRegistry;

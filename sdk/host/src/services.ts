import {
  Error_Kind, ServiceQuestion_Operation as Operation,
  type ServiceAnswer, type ServiceInfo, type ServiceQuestion, type ServiceStatus as WireStatus,
} from './gen/provider';
import type { HostHooks, ServiceInfoData } from '../../src/hooks';
import type { ServiceStatus } from '../../src/media/registry/service';
import type { Call } from './call';
import { HostError } from './errors';
import type { Send } from './grpc';

interface Waiting {
  resolve(info: ServiceInfo): void;
  reject(error: Error): void;
}

/** The provider's side of the call-back: it asks on a stream that conduit opened, and conduit answers by id. */
export class ServiceClient {
  private readonly queue: ServiceQuestion[] = [];
  private readonly waiting = new Map<bigint, Waiting>();
  private wake: (() => void) | undefined;
  private last = 0n;
  private known: Record<string, ServiceInfoData> = {};

  /** The stream's handler: sends questions and takes answers until conduit ends it. */
  async stream(answers: AsyncIterable<ServiceAnswer>, call: Call, send: Send<ServiceQuestion>): Promise<void> {
    void this.take(answers);
    call.onGone(() => this.wake?.());
    while (!call.gone) {
      const question = this.queue.shift();
      if (question) await send(question);
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private async take(answers: AsyncIterable<ServiceAnswer>): Promise<void> {
    let reason: unknown;
    try {
      for await (const answer of answers) this.settle(answer);
    } catch (error) {
      reason = error;
    }
    const gone = new HostError(Error_Kind.SERVICE, `conduit no longer answers: ${reason instanceof Error ? reason.message : 'it has ended'}`);
    for (const each of this.waiting.values()) each.reject(gone);
    this.waiting.clear();
  }

  private settle(answer: ServiceAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.error) waiting?.reject(new HostError(Error_Kind.SERVICE, answer.error.message, answer.error.remedy));
    else if (answer.info) waiting?.resolve(answer.info);
    else waiting?.reject(new HostError(Error_Kind.SERVICE, 'conduit answered nothing'));
  }

  private ask(operation: Operation, service: string): Promise<ServiceInfo> {
    const id = (this.last += 1n);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.queue.push({ id, operation, service });
      this.wake?.();
    });
  }

  /** The hooks for the SDK. provider is the provider's name, for messages. */
  hooks(provider: string, services: Record<string, ServiceInfo>): HostHooks {
    // One object for all names of a service: the SDK tells services apart by it, and ports are renewed in it.
    const keys = new Map<string, string>();
    const byName = new Map<string, ServiceInfoData>();
    for (const [key, info] of Object.entries(services)) {
      const data = byName.get(info.name) ?? toData(info);
      byName.set(info.name, data);
      keys.set(info.name, key);
      this.known[key] = data;
    }
    const operate = async (operation: Operation, name: string): Promise<ServiceInfo> => {
      const info = await this.ask(operation, keys.get(name) ?? name);
      const data = byName.get(name);
      if (data) Object.assign(data, toData(info), { name });
      return info;
    };
    const done = (operation: Operation) => async (name: string) => {
      await operate(operation, name);
      return true;
    };
    return {
      services: this.known,
      status: async (name) => toStatus((await operate(Operation.STATUS, name)).status),
      start: done(Operation.START),
      stop: done(Operation.STOP),
      restart: done(Operation.RESTART),
      missingService: (url) =>
        new HostError(Error_Kind.SERVICE, `${provider} asks for the service ${url}, which is not in this project's lock`, `conduit get ${url}`),
    };
  }
}

function toData(info: ServiceInfo): ServiceInfoData {
  return {
    name: info.name,
    host: info.host,
    ports: info.ports,
    containerName: info.container,
    dockerImage: info.image,
    composeService: info.composeService,
    composeFile: info.composeFile,
    healthCheckUrl: info.healthUrl,
    network: info.network,
    serviceDirectory: info.directory,
  };
}

function toStatus(status: WireStatus | undefined): ServiceStatus {
  const known = ['healthy', 'unhealthy', 'starting'] as const;
  const out: ServiceStatus = {
    running: status?.running ?? false,
    health: known.find((each) => each === status?.health) ?? 'none',
    state: status?.state ?? 'unknown',
  };
  if (status?.containerId) out.containerId = status.containerId;
  if (status?.startedUnixMs) out.uptime = Math.max(0, (Date.now() - Number(status.startedUnixMs)) / 1000);
  if (status?.checkedUnixMs) out.lastCheck = new Date(Number(status.checkedUnixMs)).toISOString();
  return out;
}

import { AbstractDockerProvider } from '../media/providers/docker/AbstractDockerProvider';
import { getProviderRegistry } from '../media/registry/ProviderRegistry';
import { getServiceRegistry } from '../media/registry/ServiceRegistry';
import type { DockerService } from '../media/registry/service';
import type { MediaProvider } from '../media/types/provider';

/** What is known of a provider before its class is constructed. */
export interface CreateOptions {
  /** exportName of the manifest */
  exportName?: string | undefined;
  /** type of the manifest: "local" or "remote" */
  type?: string | undefined;
  /** name or address of its service in HostHooks.services */
  serviceName?: string | undefined;
}

/** A provider's instance, or the reasons why there is none that works. */
export interface CreatedProvider {
  instance?: MediaProvider;
  /** what is wrong, each a message that names its remedy; empty when the provider can be used */
  problems: string[];
}

type Class = new (...args: unknown[]) => unknown;
type Namespace = Record<string, unknown>;

/** The members that every provider has to have. */
const required = [
  'id', 'name', 'type', 'capabilities', 'models', 'configure', 'isAvailable', 'getModelsForCapability', 'getModel', 'getHealth',
];
const values = new Set(['id', 'name', 'type', 'capabilities', 'models']);

/**
 * Constructs the provider of an entry module's namespace: with its service where the manifest says local and the service
 * is known, else without arguments. What its constructor throws is thrown on; what is wrong with its shape is reported.
 * A base class's own setup (AbstractDockerProvider.ready) is awaited, so that a missing service is told at once.
 */
export async function createProvider(ns: Namespace, options: CreateOptions = {}): Promise<CreatedProvider> {
  const found = pick(ns, options.exportName);
  if (typeof found === 'string') return { problems: [found] };

  const args: unknown[] = [];
  if (options.type === 'local') {
    const service = await knownService(options.serviceName);
    if (service) args.push(service);
  }
  const instance = isClass(found) ? new found(...args) : found;
  const missing = missingMembers(instance);
  if (missing.length > 0) {
    const className = (instance as object).constructor?.name || 'the provider';
    return { problems: [`${className} lacks ${missing.join(', ')}: every provider has to have them; add them to the class`] };
  }
  const provider = instance as MediaProvider;
  if (provider instanceof AbstractDockerProvider) await provider.ready;
  getProviderRegistry().register(provider.id, provider);
  return { instance: provider, problems: [] };
}

async function knownService(name: string | undefined): Promise<DockerService | undefined> {
  const registry = getServiceRegistry();
  const names = registry.listServices();
  if (name !== undefined && name !== '') return registry.hasService(name) ? registry.getService(name) : undefined;
  const only = names[0];
  return only !== undefined && names.length === 1 ? registry.getService(only) : undefined;
}

/** The class (or ready-made object) to use, or the message that says why there is none. */
function pick(ns: Namespace, exportName: string | undefined): Class | object | string {
  const exports = flatten(ns);
  const usable = (value: unknown): value is Class | object => isClass(value) || missingMembers(value).length === 0;
  if (usable(exports['default'])) return exports['default'];
  if (exportName && usable(exports[exportName])) return exports[exportName];
  const named = Object.entries(exports).filter(([name, value]) => name !== 'default' && isProviderClass(value));
  const distinct = [...new Map(named.map(([name, value]) => [value, name] as const))];
  const only = distinct[0];
  if (only && distinct.length === 1) return only[0] as Class;
  return noProvider(exports, exportName, distinct.map(([, name]) => name));
}

function noProvider(exports: Namespace, exportName: string | undefined, candidates: string[]): string {
  const names = Object.keys(exports).filter((name) => name !== 'default').sort();
  const classes = names.filter((name) => isClass(exports[name]));
  const name = candidates[0] ?? classes.find((each) => each.endsWith('Provider')) ?? 'YourProvider';
  const fix = `export the provider's class as the default: add "export { ${name} as default } from './${name}';" to the entry module`;
  const several = candidates.length > 1 ? ` and several provider classes (${candidates.join(', ')})` : '';
  const there = names.length > 0 ? `; it exports ${names.join(', ')}` : '; it exports nothing';
  const wanted = exportName && !(exportName in exports) ? `; the manifest's exportName ${exportName} is not among its exports` : '';
  const lack = 'default' in exports && exports['default'] !== undefined ? "the entry module's default export is no class" : 'the entry module has no default export';
  return `${lack}${several}${there}${wanted}. ${fix}`;
}

/** The names of a namespace; those of a CommonJS module's exports stand under its default. */
function flatten(ns: Namespace): Namespace {
  const inner = ns['default'];
  if (typeof inner === 'object' && inner !== null && missingMembers(inner).length > 0) {
    return { ...(inner as Namespace), ...without(ns, 'default'), default: (inner as Namespace)['default'] };
  }
  return { ...ns };
}

function without(ns: Namespace, name: string): Namespace {
  const { [name]: _, ...rest } = ns;
  return rest;
}

function isClass(value: unknown): value is Class {
  return typeof value === 'function' && typeof value.prototype === 'object' && value.prototype !== null;
}

function isProviderClass(value: unknown): boolean {
  return isClass(value) && 'getModel' in value.prototype && 'getModelsForCapability' in value.prototype;
}

function missingMembers(instance: unknown): string[] {
  if (typeof instance !== 'object' || instance === null) return required;
  const members = instance as Record<string, unknown>;
  return required.filter((name) => (values.has(name) ? !(name in members) : typeof members[name] !== 'function'));
}

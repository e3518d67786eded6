import type { Role } from './assets/roles/classes/MediaRole';
import { Text } from './assets/roles/classes/Text';
import { getProviderRegistry } from './registry/ProviderRegistry';
import type { MediaCapability, MediaProvider } from './types/provider';

/** What a model is called with: a string is a text; several inputs stand in a list. */
export type FluentInput = string | Role | (string | Role)[];

/** A model, ready to be called: `model(input, options)` is `model.transform(input, options)`. */
export interface FluentModel {
  (input: FluentInput, options?: Record<string, any>): Promise<any>;
  transform(input: FluentInput, options?: Record<string, any>): Promise<any>;
}

/** A provider whose models are ready to be called: `provider(id)` is `provider.model(id)`. */
export interface FluentProvider {
  (modelId: string): FluentModel;
  model(modelId: string): FluentModel;
  /** its first model with a capability */
  for(capability: MediaCapability | `${MediaCapability}`): FluentModel;
}

/**
 * Calls models in one line: `await $('cowsay')('cowsay-default')('moo')`, or in words,
 * `await $('cowsay').for('text-to-text').transform('moo', { width: 40 })`. Nothing is looked up before the call, which
 * rejects where provider or model are not there.
 *
 * @param provider its id in the registry of this process, or the provider itself
 */
export function $(provider: string | MediaProvider): FluentProvider {
  const found = async () => (typeof provider === 'string' ? getProviderRegistry().getProvider(provider) : provider);
  const model = (modelId: string) => callable(async () => (await found()).getModel(modelId));
  const capable = (capability: `${MediaCapability}`) =>
    callable(async () => {
      const instance = await found();
      const first = instance.getModelsForCapability(capability as MediaCapability)[0];
      if (!first) throw new Error(`${instance.id} has no model for ${capability}; it can do ${instance.capabilities.join(', ') || 'nothing'}`);
      return instance.getModel(first.id);
    });
  return Object.assign(model, { model, for: capable });
}

function callable(find: () => Promise<any>): FluentModel {
  const transform = async (input: FluentInput, options?: Record<string, any>) => (await find()).transform(asRoles(input), options);
  return Object.assign(transform, { transform });
}

function asRoles(input: FluentInput): Role | Role[] {
  const role = (each: string | Role) => (typeof each === 'string' ? Text.fromString(each) : each);
  return Array.isArray(input) ? input.map(role) : role(input);
}

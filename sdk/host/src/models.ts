import type { Description, Model } from './gen/provider';
import type { MediaProvider, ProviderModel } from '../../src/media/types/provider';
import { toObject } from './json';
import { record } from './output';

/** What the provider says about itself, in the contract's words. */
export function describeProvider(provider: MediaProvider): Description {
  const more = provider as unknown as Record<string, unknown>;
  return {
    id: text(provider.id),
    name: text(provider.name),
    type: text(provider.type).toLowerCase(),
    capabilities: capabilities(provider.capabilities),
    models: listModels(provider),
    description: text(more['description']),
    version: text(more['version']),
  };
}

/** The models that the provider lists now. Some leave `models` empty, and tell those that they have found when asked by capability. */
export function listModels(provider: MediaProvider): Model[] {
  const listed = described(provider.models);
  if (listed.length > 0 || !Array.isArray(provider.capabilities)) return listed;
  const found = new Map<string, Model>();
  try {
    for (const capability of provider.capabilities) {
      for (const model of described(provider.getModelsForCapability(capability))) found.set(model.id, model);
    }
  } catch (error) {
    record('debug', `getModelsForCapability(): ${String(error)}`); // it may not be ready, and its list is empty
  }
  return [...found.values()];
}

function described(models: unknown): Model[] {
  return Array.isArray(models) ? models.filter((model) => typeof model === 'object' && model !== null).map(describeModel) : [];
}

function describeModel(model: ProviderModel): Model {
  const { parameters, pricing } = model;
  const own = capabilities(model.capabilities);
  return {
    id: text(model.id),
    name: text(model.name),
    description: text(model.description),
    capabilities: own,
    inputTypes: types(model['inputTypes'], own, 0),
    outputTypes: types(model['outputTypes'], own, 1),
    parameters: toObject(parameters),
    pricing: toObject(pricing),
  };
}

/** Declared types, else those that the capabilities imply: "text-to-image" takes text and gives an image. */
function types(declared: unknown, own: string[], side: 0 | 1): string[] {
  if (Array.isArray(declared) && declared.length > 0) return declared.map(text);
  const implied = own.map((each) => each.split('-to-')[side]).filter((each): each is string => Boolean(each));
  return [...new Set(implied)];
}

function capabilities(list: unknown): string[] {
  return Array.isArray(list) ? [...new Set(list.map((each) => kebab(text(each))))] : [];
}

/** TEXT_TO_TEXT and TextToText, as they occur, in the spelling of the contract. */
function kebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').replace(/_/g, '-').toLowerCase();
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : String(value);
}

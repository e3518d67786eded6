import { BaseProvider } from './base';
import { $, Asset, getProviderRegistry, Model3D } from '@mediaconduit/mediaconduit';
import { Image, Audio } from '@mediaconduit/mediaconduit/src/media/assets/roles';
const acts: Record<string, (input: any, options: any) => any> = {
  small: async () => new Image(Buffer.from('small picture'), 'png'),
  large: async () => new Image(Buffer.alloc(2 << 20, 7), 'png'),
  several: async () => [new Image(Buffer.from('1'), 'png'), new Audio(Buffer.from('2'), 'mp3')],
  size: async (input: any) => `${input.constructor.name} ${(await input.asRole(Image)).data.length}`,
  echo: async (input: any) => input.content,
  mesh: async (input: any) => { const mesh = await input.asRole(Model3D); return `${mesh.constructor.name} ${mesh.format} ${mesh.data.length}`; },
  fluent: async (input: any) => {
    const none: any = { id: 'none', capabilities: ['text-to-text'], getModelsForCapability: () => [] };
    getProviderRegistry().register('none', none);
    const refused = await $('none').for('text-to-3d')('a fox').catch((error: Error) => error.message);
    const own = getProviderRegistry().getAvailableProviders().find((id) => id !== 'none')!;
    return [await $(own)('mesh')(input), await $(own).model('echo').transform('moo'), refused].join('; ');
  },
  asset: async (input: any) => new Asset(input.content),
};
export default class MediaProvider extends BaseProvider {
  get models() { return Object.keys(acts).map((id) => ({ id, name: id, capabilities: ['text-to-image'] })); }
  async getModel(id: string) { return { transform: acts[id] }; }
}

import { BaseProvider } from './base';
import { Image, Audio } from '@mediaconduit/mediaconduit/src/media/assets/roles';
const acts: Record<string, (input: any, options: any) => any> = {
  small: async () => new Image(Buffer.from('small picture'), 'png'),
  large: async () => new Image(Buffer.alloc(2 << 20, 7), 'png'),
  several: async () => [new Image(Buffer.from('1'), 'png'), new Audio(Buffer.from('2'), 'mp3')],
  size: async (input: any) => `${input.constructor.name} ${(await input.asRole(Image)).data.length}`,
};
export default class MediaProvider extends BaseProvider {
  get models() { return Object.keys(acts).map((id) => ({ id, name: id, capabilities: ['text-to-image'] })); }
  async getModel(id: string) { return { transform: acts[id] }; }
}

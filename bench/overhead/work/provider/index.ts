import { Text, Video } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import { shout } from './work.mjs';

const models = [
  {
    id: 'shout', name: 'shout', capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'],
    async transform(input: any) {
      const text = await input.asRole(Text);
      return Text.fromString(shout(text.content));
    },
  },
  {
    // Gives back what it got, and says how much memory the process has ever had.
    id: 'through', name: 'through', capabilities: ['video-to-video'], inputTypes: ['video'], outputTypes: ['video'],
    async transform(input: any) {
      const video = await input.asRole(Video);
      return Video.fromFile(video.path, { peak: process.resourceUsage().maxRSS * 1024 } as any);
    },
  },
];

export default class OverheadProvider {
  readonly id = 'overhead';
  readonly name = 'Overhead';
  readonly type = 'remote';
  readonly capabilities = ['text-to-text', 'video-to-video'];
  readonly models = models;
  async configure() {}
  async isAvailable() {
    return true;
  }
  getModelsForCapability() {
    return models;
  }
  async getModel(id: string) {
    return models.find((each) => each.id === id);
  }
  async getHealth() {
    return { status: 'healthy' };
  }
}

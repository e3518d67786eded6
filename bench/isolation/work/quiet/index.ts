import { Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';

/** Some 2 ms of work, as a model has that talks to a service. */
function work(text: string): string {
  let sum = 0;
  for (let i = 0; i < 1_000_000; i++) sum = (sum * 31 + i) | 0;
  return `${text} ${sum}`;
}

const model = {
  id: 'quiet', name: 'quiet', capabilities: ['text-to-text'], inputTypes: ['text'], outputTypes: ['text'],
  async transform(input: any) {
    return Text.fromString(work((await input.asRole(Text)).content));
  },
};

export default class QuietProvider {
  readonly id = 'quiet';
  readonly name = 'Quiet';
  readonly type = 'remote';
  readonly capabilities = ['text-to-text'];
  readonly models = [model];
  async configure() {}
  async isAvailable() {
    return true;
  }
  getModelsForCapability() {
    return [model];
  }
  async getModel() {
    return model;
  }
  async getHealth() {
    return { status: 'healthy' };
  }
}

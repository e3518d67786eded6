import { Text, TextRole } from '@mediaconduit/mediaconduit';
import { TextToTextModel, TextToTextOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToTextModel';
import { post } from 'tiny-http';

export class CowsayModel extends TextToTextModel {
  constructor(private service: any) {
    super({
      id: 'cowsay-default',
      name: 'Cowsay Default',
      description: 'The cow',
      version: '1.0.0',
      provider: 'cowsay',
      capabilities: ['text-to-text'],
      inputTypes: ['text'],
      outputTypes: ['text'],
    });
  }

  async isAvailable(): Promise<boolean> {
    return this.service.isServiceHealthy();
  }

  async transform(input: TextRole | TextRole[], options?: TextToTextOptions): Promise<Text> {
    const role = Array.isArray(input) ? input[0] : input;
    const text = await role.asRole(Text);
    const port = this.service.getServiceInfo().ports[0];
    console.log(`asking port ${port}`);
    const answer = await post(`http://localhost:${port}/cowsay`, { text: text.content });
    return Text.fromString(answer.cowsayOutput, text.language || 'auto', 1.0, {}, text.sourceAsset);
  }
}

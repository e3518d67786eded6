import { TextToTextModel } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToTextModel';
import type { TextToTextOptions } from '@mediaconduit/mediaconduit/src/media/models/abstracts/TextToTextModel';
import type { DockerService } from '@mediaconduit/mediaconduit/src/media/registry/ServiceRegistry';
import { Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import type { TextRole } from '@mediaconduit/mediaconduit/src/media/assets/roles';

/** Draws the input as the words of a cow. */
export class CowsayModel extends TextToTextModel {
  constructor(private readonly service: DockerService) {
    super({
      id: 'cowsay-default',
      name: 'Cowsay',
      description: 'The classic cow',
      version: '1.0.0',
      provider: 'cowsay',
      capabilities: ['text-to-text'],
      inputTypes: ['text'],
      outputTypes: ['text'],
    });
  }

  /** The port is asked for at every call: it changes when the service is restarted. */
  private address(): string {
    const [port] = this.service.getServiceInfo().ports;
    if (!port) {
      throw new Error('the cowsay service publishes no port');
    }
    return `http://127.0.0.1:${port}`;
  }

  async isAvailable(): Promise<boolean> {
    try {
      return (await fetch(`${this.address()}/health`)).ok;
    } catch {
      return false;
    }
  }

  async transform(input: TextRole | TextRole[], _options?: TextToTextOptions): Promise<Text> {
    const role = Array.isArray(input) ? input[0] : input;
    const text = await role.asRole(Text);
    const response = await fetch(`${this.address()}/cowsay`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: text.content }),
    });
    const answer = (await response.json()) as { cowsayOutput?: string; error?: string };
    if (!response.ok || answer.cowsayOutput === undefined) {
      throw new Error(`the cowsay service answered ${response.status}: ${answer.error ?? 'no drawing'}`);
    }
    return Text.fromString(answer.cowsayOutput, text.language, 1, { model: this.getId() }, text.sourceAsset);
  }
}

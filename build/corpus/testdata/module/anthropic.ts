import Anthropic from '@anthropic-ai/sdk';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => {
      const { model, max_tokens: most } = JSON.parse(body) as { model: string; max_tokens: number };
      return { id: 'm1', type: 'message', role: 'assistant', content: [{ type: 'text', text: `${model} ${most} ${request.headers['x-api-key']} ${request.url}` }], usage: { input_tokens: 1, output_tokens: 2 } };
    },
    async (address) => {
      const client = new Anthropic({ apiKey: 'key', baseURL: address });
      const message = await client.messages.create({ model: 'small', max_tokens: 5, messages: [{ role: 'user', content: 'moo' }] });
      const wrong = await new Anthropic({ apiKey: null, authToken: null, baseURL: address }).models.list().catch((error: Error) => error.constructor.name);
      return `${JSON.stringify(message.content)} ${message.usage.output_tokens} ${String(wrong)}`;
    },
  );

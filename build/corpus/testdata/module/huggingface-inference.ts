import { InferenceClient } from '@huggingface/inference';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => ({ choices: [{ message: { role: 'assistant', content: `${request.url} ${request.headers.authorization} ${body}` } }] }),
    async (address) => {
      const client = new InferenceClient('hf_token').endpoint(address);
      const out = await client.chatCompletion({ messages: [{ role: 'user', content: 'moo' }], max_tokens: 3 });
      return String(out.choices[0]?.message.content).replace(address, 'ADDRESS');
    },
  );

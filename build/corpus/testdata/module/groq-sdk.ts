import Groq from 'groq-sdk';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => ({ choices: [{ index: 0, message: { role: 'assistant', content: `${request.url} ${(JSON.parse(body) as { model: string }).model}` } }] }),
    async (address) => {
      const groq = new Groq({ apiKey: 'key', baseURL: address });
      const { data, response } = await groq.chat.completions.create({ model: 'llama', messages: [{ role: 'user', content: 'moo' }] }).withResponse();
      return `${data.choices[0]?.message.content} ${response.status}`;
    },
  );

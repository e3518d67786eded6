import OpenAI from 'openai';
import { answering } from '../support/serve';

export default () =>
  answering(
    (request, body) => ({ data: [{ url: `${request.url} ${(JSON.parse(body) as { prompt: string }).prompt}` }] }),
    async (address: string) => {
      const client = new OpenAI({ apiKey: 'key', baseURL: address });
      const images = await client.images.generate({ model: 'dall-e', prompt: 'a fox' });
      return `${images.data?.[0]?.url} ${new OpenAI.AuthenticationError(401, {}, 'no', new Headers()) instanceof OpenAI.APIError}`;
    },
  );

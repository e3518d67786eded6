import { CohereClient, CohereError } from 'cohere-ai';
import { serving, bytes } from '../support/serve.js';

export default () =>
  serving(
    async (request, response) => {
      const { message } = JSON.parse((await bytes(request)).toString()) as { message: string };
      const [status, answer] = message === 'bad' ? [422, { message: 'too bad' }] : [200, { text: `${message} back`, generation_id: 'g1' }];
      response.writeHead(status as number, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    },
    async (address) => {
      const cohere = new CohereClient({ token: 'token', environment: address });
      const { text, generationId } = await cohere.chat({ message: 'moo' });
      const failed = await cohere.chat({ message: 'bad' }, { maxRetries: 0 }).catch((error: unknown) => error instanceof CohereError && error.statusCode);
      return `${text} ${generationId} ${String(failed)}`;
    },
  );

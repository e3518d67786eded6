import { createFalClient } from '@fal-ai/client';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => ({ path: request.url, auth: request.headers.authorization, got: body === '' ? null : (JSON.parse(body) as unknown), request_id: 'r1' }),
    async (address) => {
      const fal = createFalClient({ credentials: 'id:secret', requestMiddleware: async (request) => ({ ...request, url: address + new URL(request.url).pathname }) });
      const { data, requestId } = await fal.run('fal-ai/fast-sdxl', { input: { prompt: 'a fox' } });
      const { request_id: queued } = await fal.queue.submit('fal-ai/fast-sdxl', { input: { prompt: 'b' } });
      return `${JSON.stringify(data)} ${requestId} ${String(queued)}`;
    },
  );

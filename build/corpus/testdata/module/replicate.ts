import Replicate from 'replicate';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) =>
      request.method === 'POST'
        ? { id: 'p1', status: 'starting', input: (JSON.parse(body) as { input: unknown }).input, urls: { get: '' } }
        : { id: 'p1', status: 'succeeded', output: `${request.url} ${request.headers.authorization}` },
    async (address) => {
      const replicate = new Replicate({ auth: 'token', baseUrl: address });
      const prediction = await replicate.predictions.create({ version: 'v', input: { prompt: 'a fox' } });
      const done = await replicate.wait(prediction, { interval: 1 });
      return `${JSON.stringify(prediction.input)} ${done.status} ${String(done.output)}`;
    },
  );

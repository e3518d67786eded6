import got, { HTTPError } from 'got';
import { serving, bytes } from '../support/serve.js';

export default () => {
  let tries = 0;
  return serving(
    async (request, response) => {
      if (request.url === '/flaky' && ++tries < 2) response.writeHead(503).end();
      else if (request.url === '/gone') response.writeHead(410).end('gone');
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ body: (await bytes(request)).toString() }));
    },
    async (address) => {
      const posted = await got.post(`${address}/a`, { json: { a: 1 } }).json<{ body: string }>();
      const retried = await got(`${address}/flaky`, { retry: { limit: 2, calculateDelay: ({ computedValue }) => computedValue && 1 } });
      const failed = await got(`${address}/gone`).catch((error: unknown) => error instanceof HTTPError && error.response.statusCode);
      return `${posted.body} ${retried.statusCode} ${retried.retryCount} ${String(failed)} ${tries}`;
    },
  );
};

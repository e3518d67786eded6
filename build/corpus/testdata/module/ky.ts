import ky, { HTTPError } from 'ky';
import { serving } from '../support/serve.js';

export default () =>
  serving(
    (request, response) => {
      response.writeHead(request.url === '/bad' ? 400 : 200, { 'content-type': 'application/json' }).end(JSON.stringify([request.url, request.headers['x-hook']]));
    },
    async (address) => {
      const api = ky.create({ headers: { 'x-hook': 'set' }, retry: 0 });
      const good = await api.get(`${address}/a`, { searchParams: { q: 1 } }).json();
      const bad = await api.get(`${address}/bad`).catch((error: unknown) => error instanceof HTTPError && error.name);
      return `${JSON.stringify(good)} ${String(bad)}`;
    },
  );

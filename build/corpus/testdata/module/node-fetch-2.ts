import fetch, { Headers, FetchError } from 'node-fetch-2';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => `${request.method} ${request.headers['x-a']} ${body}`,
    async (address) => {
      const response = await fetch(address, { method: 'POST', body: 'moo', headers: new Headers({ 'X-A': '1' }) });
      const failed = await fetch('http://127.0.0.1:1').catch((error: unknown) => error instanceof FetchError && error.type);
      return `${response.status} ${String(await response.json())} ${failed}`;
    },
  );

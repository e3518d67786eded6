import axios, { AxiosError } from 'axios';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => ({ method: request.method, query: request.url, body: JSON.parse(body), agent: request.headers['user-agent'] }),
    async (address) => {
      const client = axios.create({ baseURL: address, headers: { 'X-Corpus': '1' } });
      const { status, data } = await client.post('/echo', { a: [1, 2] }, { params: { q: 'ü b' } });
      const failed = await axios.get('http://127.0.0.1:1/').catch((error: unknown) => error instanceof AxiosError && error.code);
      return `${status} ${JSON.stringify(data)} ${failed}`;
    },
  );

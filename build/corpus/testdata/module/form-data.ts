import FormData from 'form-data';
import { bytes, serving } from '../support/serve.js';

export default () =>
  serving(
    async (request, response) => {
      const boundary = /boundary=(.*)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? 'none';
      response.end((await bytes(request)).toString().replaceAll(boundary, 'BOUNDARY'));
    },
    async (address) => {
      const form = new FormData();
      form.append('text', 'hello');
      form.append('file', Buffer.from('{"a":1}'), { filename: 'a.json' });
      const response = await new Promise<AsyncIterable<Uint8Array>>((resolve, reject) => {
        form.submit(address, (error, answer) => (error ? reject(error) : resolve(answer)));
      });
      return (await bytes(response)).toString();
    },
  );

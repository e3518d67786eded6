import request from 'superagent';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (got, body) => ({ method: got.method, url: got.url, type: got.headers['content-type'], body }),
    async (address) => {
      const { body } = await request.post(`${address}/form`).type('form').query({ a: 1 }).send({ x: 'y z' }).retry(1);
      const text = await request.get(address).buffer(true).parse(request.parse.text);
      return `${JSON.stringify(body)} ${text.text.length > 0}`;
    },
  );

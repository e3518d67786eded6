import { Agent, FormData, MockAgent, fetch, request } from 'undici';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (got, body) => `${got.method} ${got.url} ${body.length > 20 ? 'form' : body}`,
    async (address) => {
      const dispatcher = new Agent({ keepAliveTimeout: 10, connections: 2 });
      const { statusCode, body } = await request(`${address}/a`, { method: 'PUT', body: 'moo', dispatcher });
      const text = await body.text();
      const form = new FormData();
      form.set('a', 'b');
      const response = await fetch(`${address}/b`, { method: 'POST', body: form, dispatcher });
      const mock = new MockAgent();
      mock.disableNetConnect();
      mock.get('http://mocked.example').intercept({ path: '/' }).reply(203, 'mocked');
      const mocked = await request('http://mocked.example/', { dispatcher: mock });
      await dispatcher.close();
      return `${statusCode} ${text} ${await response.text()} ${mocked.statusCode} ${await mocked.body.text()}`;
    },
  );

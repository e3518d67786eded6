import FormData = require('form-data');
import fetch = require('node-fetch-2');
import { bytes, serving } from '../support/serve';

export default () =>
  serving(
    async (request, response) => response.end(`${(await bytes(request)).toString().split('\r\n').slice(1, -2).join('|')}`),
    async (address: string) => {
      const form = new FormData();
      form.append('a', Buffer.from('moo'), 'a.bin');
      const response = await (fetch as unknown as typeof globalThis.fetch)(address, { method: 'POST', body: form as unknown as string });
      return response.text();
    },
  );

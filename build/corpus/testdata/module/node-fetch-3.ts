import fetch, { Blob, FormData } from 'node-fetch';
import { bytes, serving } from '../support/serve.js';

export default () =>
  serving(
    async (request, response) => {
      const body = (await bytes(request)).toString();
      response.end(body.split('\r\n').filter((line) => !line.startsWith('--')).join('|'));
    },
    async (address) => {
      const form = new FormData();
      form.set('name', 'value');
      form.set('file', new Blob(['content'], { type: 'text/plain' }), 'a.txt');
      const response = await fetch(address, { method: 'POST', body: form });
      const data = await fetch('data:text/plain;base64,bW9v');
      return `${await response.text()} ${await data.text()}`;
    },
  );

import { createServer } from 'node:http';
import express from 'express';
import { listening } from '../support/serve.js';

export default async () => {
  const app = express();
  app.use(express.json());
  app.post('/items/:id', (request, response) => {
    response.status(201).json({ id: request.params.id, got: request.body as unknown, q: request.query });
  });
  app.get('/fail', () => {
    throw new Error('moo');
  });
  app.use((error: Error, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(500).send(error.message);
  });
  return listening(createServer(app), async (address) => {
    const made = await fetch(`${address}/items/7?x=1`, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    const failed = await fetch(`${address}/fail`);
    return `${made.status} ${await made.text()} ${made.headers.get('etag')} ${failed.status} ${await failed.text()}`;
  });
};

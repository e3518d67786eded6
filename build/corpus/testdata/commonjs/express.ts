import { createServer } from 'node:http';
import express, { Router } from 'express';
import { listening } from '../support/serve';

export default async () => {
  const app = express();
  const router = Router();
  router.get('/:name', (request, response) => void response.type('txt').send(`moo ${request.params.name}`));
  app.use('/cows', router, express.static(__dirname));
  return listening(createServer(app), async (address: string) => {
    const response = await fetch(`${address}/cows/bella`);
    return `${response.headers.get('content-type')} ${await response.text()}`;
  });
};

import { createServer } from 'node:http';
import express from 'express';
import multer from 'multer';
import { listening } from '../support/serve.js';

export default async () => {
  const app = express();
  const upload = multer({ storage: multer.memoryStorage(), limits: { fileSize: 10 } });
  app.post('/', upload.array('files', 2), (request, response) => {
    const files = request.files as { originalname: string; mimetype: string; buffer: Buffer }[];
    response.json({ body: request.body as unknown, files: files.map((each) => `${each.originalname} ${each.mimetype} ${each.buffer.toString()}`) });
  });
  app.use((error: unknown, _request: unknown, response: express.Response, _next: unknown) => {
    response.status(400).send(error instanceof multer.MulterError ? error.code : String(error));
  });
  return listening(createServer(app), async (address) => {
    const said: string[] = [];
    for (const content of ['small', 'much too large']) {
      const form = new FormData();
      form.set('title', 'moo');
      form.set('files', new Blob([content], { type: 'text/plain' }), 'a.txt');
      said.push(await (await fetch(address, { method: 'POST', body: form })).text());
    }
    return said.join(' ');
  });
};

// loaded by name: 'ejs'
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import express from 'express';
import { inFolder } from '../support/files.js';
import { listening } from '../support/serve.js';

export default () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'cow.ejs'), '<p><%= name %></p>\n');
    const app = express();
    app.set('views', folder);
    app.set('view engine', 'ejs');
    app.get('/:name', (request, response) => response.render('cow', { name: request.params.name }));
    return listening(createServer(app), async (address) => {
      const page = await fetch(`${address}/<Elsie>`);
      return `${page.status} ${await page.text()}`;
    });
  });

import { createServer } from 'node:http';
import Koa from 'koa';
import { listening } from '../support/serve.js';

export default async () => {
  const app = new Koa();
  app.use(async (context, next) => {
    await next();
    context.set('X-After', String(context.status));
  });
  app.use((context) => {
    if (context.path === '/teapot') context.throw(418, 'short and stout');
    context.body = { path: context.path, accepts: context.accepts('html', 'json'), query: context.query };
  });
  app.silent = true;
  return listening(createServer(app.callback()), async (address) => {
    const good = await fetch(`${address}/a?b=c`, { headers: { accept: 'application/json' } });
    const bad = await fetch(`${address}/teapot`);
    return `${good.headers.get('x-after')} ${await good.text()} ${bad.status} ${await bad.text()}`;
  });
};

import Fastify from 'fastify';

export default async () => {
  const app = Fastify({ logger: false });
  const reply = { type: 'object', properties: { sum: { type: 'number' } } };
  app.post('/add', { schema: { body: { type: 'object', required: ['a'], properties: { a: { type: 'integer' }, b: { type: 'integer', default: 2 } } }, response: { 200: reply } } },
    async (request) => {
      const { a, b } = request.body as { a: number; b: number };
      return { sum: a + b, hidden: true };
    });
  const good = await app.inject({ method: 'POST', url: '/add', payload: { a: '40' } });
  const bad = await app.inject({ method: 'POST', url: '/add', payload: {} });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const real = await fetch(`${address}/none`);
  const text = await real.text();
  await app.close();
  return `${good.body} ${bad.statusCode} ${bad.body} ${real.status} ${text}`;
};

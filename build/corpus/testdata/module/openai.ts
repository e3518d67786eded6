import OpenAI, { APIError, toFile } from 'openai';
import { bytes, serving } from '../support/serve.js';

export default () =>
  serving(
    async (request, response) => {
      const body = (await bytes(request)).toString();
      if (request.url?.endsWith('/transcriptions')) {
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text: /filename="([^"]*)"/.exec(body)?.[1] }));
      } else if (request.url?.endsWith('/completions')) {
        const { model, messages } = JSON.parse(body) as { model: string; messages: { content: string }[] };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const word of `${model} heard ${messages[0]?.content}`.split(' ')) {
          response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: `${word}.` } }] })}\n\n`);
        }
        response.end('data: [DONE]\n\n');
      } else response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"no such thing"}}');
    },
    async (address) => {
      const client = new OpenAI({ apiKey: 'key', baseURL: address, maxRetries: 0 });
      const stream = await client.chat.completions.create({ model: 'm', stream: true, messages: [{ role: 'user', content: 'a moo' }] });
      let said = '';
      for await (const part of stream) said += part.choices[0]?.delta.content ?? '';
      const { text } = await client.audio.transcriptions.create({ model: 'w', file: await toFile(Buffer.from('RIFF'), 'speech.wav') });
      const failed = await client.models.list().catch((error: unknown) => error instanceof APIError && `${error.constructor.name} ${error.status}`);
      return `${said} ${text} ${failed}`;
    },
  );

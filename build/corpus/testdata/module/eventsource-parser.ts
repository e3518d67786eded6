import { createParser } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';

export default async () => {
  const got: unknown[] = [];
  const parser = createParser({ onEvent: (event) => got.push(event), onRetry: (ms) => got.push(ms) });
  for (const part of ['event: a\nda', 'ta: 1\ndata: 2\nid: 7\n', '\nretry: 10\n\n']) parser.feed(part);
  const stream = new Blob(['data: streamed\n\n']).stream().pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const event of stream as unknown as AsyncIterable<{ data: string }>) got.push(event.data);
  return JSON.stringify(got);
};

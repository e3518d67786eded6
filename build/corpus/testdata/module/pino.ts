import { Writable } from 'node:stream';
import pino from 'pino';

export default async () => {
  let said = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  });
  const log = pino({ level: 'debug', timestamp: false, base: { app: 'corpus' }, redact: ['key'], serializers: { error: pino.stdSerializers.err } }, sink);
  log.child({ part: 1 }).info({ key: 'secret', a: { b: 2 } }, 'hello %s', 'cow');
  log.trace('not seen');
  return said;
};

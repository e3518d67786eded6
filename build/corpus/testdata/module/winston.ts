import { Writable } from 'node:stream';
import winston from 'winston';

export default async () => {
  let said = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  });
  const { combine, label, printf, json, splat } = winston.format;
  const logger = winston.createLogger({ level: 'info', format: combine(label({ label: 'farm' }), splat(), json()), transports: [new winston.transports.Stream({ stream, format: printf(({ level, message, label }) => `${String(label)} ${level}: ${String(message)}`) })] });
  logger.info('hello %s', 'cow');
  logger.debug('not seen');
  logger.child({ a: 1 }).warn('moo');
  await new Promise((resolve) => logger.on('finish', resolve).end());
  return said;
};

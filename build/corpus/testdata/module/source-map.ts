import { SourceMapConsumer, SourceMapGenerator } from 'source-map';

export default async () => {
  const map = new SourceMapGenerator({ file: 'out.js' });
  map.addMapping({ generated: { line: 1, column: 10 }, original: { line: 3, column: 4 }, source: 'in.ts', name: 'moo' });
  const at = await SourceMapConsumer.with(map.toString(), null, (consumer) => consumer.originalPositionFor({ line: 1, column: 12 }));
  return JSON.stringify(at);
};

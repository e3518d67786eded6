import { parse } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';

export default async () => {
  const records = parseSync('a;b\n1;"x ""y"""\n', { delimiter: ';', columns: true, cast: true }) as unknown;
  const streamed: unknown[] = [];
  for await (const record of parse('k,v\n# no\nm,2\n', { comment: '#', from_line: 2 })) streamed.push(record);
  return `${JSON.stringify(records)} ${JSON.stringify(streamed)}`;
};

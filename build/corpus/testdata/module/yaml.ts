import { parse, parseDocument, stringify } from 'yaml';

export default async () => {
  const doc = parseDocument('# head\na: &x [1, 2]\nb: *x # tail\n');
  doc.set('c', { d: 'text: with colon' });
  return `${String(doc)}${JSON.stringify(parse('x: 0x1f\ny: 2001-12-14\nz: |\n  two\n  lines\n'))}\n${stringify({ a: [true, null] })}`;
};

import { check, format, getSupportInfo } from 'prettier';
import * as markdown from 'prettier/plugins/markdown';

export default async () => {
  const script = await format('const a={b:1,c:[2,3]};function f( x ){return x}', { parser: 'babel', singleQuote: true });
  const style = await format('a{color:red;b:c}', { parser: 'css' });
  const text = await format('* a\n* b\n', { parser: 'markdown', plugins: [markdown] });
  return `${script}${style}${text}${await check(script, { parser: 'babel' })} ${(await getSupportInfo()).languages.length > 10}`;
};

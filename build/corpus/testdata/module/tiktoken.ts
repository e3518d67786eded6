import { encoding_for_model, get_encoding } from 'tiktoken';

export default async () => {
  const encoding = encoding_for_model('gpt-4');
  const tokens = encoding.encode('The cow says moo — 牛');
  const text = new TextDecoder().decode(encoding.decode(tokens));
  encoding.free();
  const small = get_encoding('gpt2');
  const count = small.encode('hello world').length;
  small.free();
  return `${[...tokens].join(',')} ${text} ${count}`;
};

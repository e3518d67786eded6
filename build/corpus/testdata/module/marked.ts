import { Marked, marked } from 'marked';

export default async () => {
  const own = new Marked({ renderer: { heading: ({ text, depth }) => `<h${depth} id="x">${text}</h${depth}>` } });
  return `${await marked('# A\n\n| a | b |\n|---|--:|\n| *1* | `2` |\n')}${await own.parse('## B\n\n- [x] done\n')}`;
};

import yargs from 'yargs';

export default async () => {
  const said: string[] = [];
  const parser = yargs([]).scriptName('farm').locale('de').exitProcess(false)
    .command('feed <cow>', 'feeds', (y) => y.option('hay', { type: 'number', demandOption: true }), ({ cow, hay }) => void said.push(`${String(cow)} ${hay}`));
  await parser.parseAsync('feed bella --hay 3');
  const failed = await new Promise<string>((resolve) => parser.parse('feed bella', (_error: unknown, _argv: unknown, output: string) => resolve(output)));
  return `${said.join()} ${failed}`;
};

import { Command, InvalidArgumentError } from 'commander';

export default async () => {
  const said: string[] = [];
  const program = new Command('corpus').exitOverride().configureOutput({ writeOut: (text) => said.push(text), writeErr: (text) => said.push(text) });
  program.command('add <a> [b...]').option('-n, --number <n>', 'a number', (text) => {
    if (Number.isNaN(Number(text))) throw new InvalidArgumentError('Not a number.');
    return Number(text);
  }, 3).action((a: string, b: string[], { number }: { number: number }) => said.push(`${a} ${b.join('+')} ${number}`));
  await program.parseAsync(['add', 'x', 'y', 'z', '-n', '5'], { from: 'user' });
  await program.parseAsync(['add', 'x', '-n', 'q'], { from: 'user' }).catch((error: Error & { code: string }) => said.push(error.code));
  return said.join('; ') + program.helpInformation();
};

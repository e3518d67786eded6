import { ExecaError, execa } from 'execa';

export default async () => {
  const { stdout } = await execa(process.execPath, ['-e', 'process.stdin.pipe(process.stdout)'], { input: 'moo\n' });
  const lines: string[] = [];
  for await (const line of execa(process.execPath, ['-e', 'console.log(1);console.log(2)'])) lines.push(String(line));
  const failed = await execa(process.execPath, ['-e', 'process.exit(4)']).catch((error: unknown) => error instanceof ExecaError && error.exitCode);
  return `${stdout} ${lines.join()} ${String(failed)}`;
};

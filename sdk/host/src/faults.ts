import { record } from './output';

/** process.exit as Node made it; the host itself uses it, the provider gets one that says who called. */
export const exit = process.exit.bind(process);

/** Keeps late errors of a provider from ending the process, and lets it say why where it ends the process on purpose. */
export function guardProcess(): void {
  process.on('unhandledRejection', (reason) => record('error', `unhandled rejection: ${describe(reason)}`));
  process.on('uncaughtException', (error) => record('error', `uncaught exception: ${describe(error)}`));
  process.on('warning', (warning) => {
    // That the host uses vm's modules concerns nobody; load.ts does without them where they are not as it needs them.
    if (warning.name !== 'ExperimentalWarning' || !warning.message.startsWith('VM Modules')) record('warn', `${warning.name}: ${warning.message}`);
  });
  process.exit = ((code?: number | string | null) => {
    const caller = new Error(`the provider called process.exit(${code ?? ''})`);
    record('fatal', [caller.message, ...frames(caller)].join('\n'));
    exit(code);
  }) as typeof process.exit;
}

function describe(reason: unknown): string {
  return reason instanceof Error ? [String(reason), ...frames(reason)].join('\n') : String(reason);
}

/** Frames of Node, of the host and of the SDK's factory: they say nothing about the provider. */
const ours = /[/\\]host\.cjs|\bnode:|\(<anonymous>\)|\bcreateProvider\b/;

/** The frames of an error that lie in the provider, innermost first. */
export function frames(error: Error): string[] {
  const lines = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  return lines
    .filter((line) => /^\s+at /.test(line) && !ours.test(line))
    .map((line) => line.replace(/^\s+/, '').replace('file://', ''));
}

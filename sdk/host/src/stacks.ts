import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Has stack traces name the provider's own sources, by the map beside its module. Node does this too when it is told to,
 * but it reads and checks the whole map when the module is loaded, which takes as long as loading a large library. Here
 * the map is read when the first stack is looked at.
 */
export function mapStacks(entry: string): void {
  const url = pathToFileURL(entry).href;
  let found: Map | undefined;
  const original = (line: number, column: number): string | undefined => {
    const { originalSource, originalLine, originalColumn } = (found ??= readMap(entry)).findEntry(line - 1, column - 1);
    return originalSource ? `${originalSource}:${originalLine! + 1}:${originalColumn! + 1}` : undefined;
  };
  const show = (site: NodeJS.CallSite): string => {
    const shown = String(site);
    const line = site.getLineNumber();
    const column = site.getColumnNumber();
    if (line === null || column === null || !shown.includes(url)) return shown;
    return shown.replace(`${url}:${line}:${column}`, (place) => original(line, column) ?? place);
  };
  Error.prepareStackTrace = (error, sites) => [title(error), ...sites.map((site) => `    at ${show(site)}`)].join('\n');
}

/** What a module's source map answers; an empty object where it knows nothing of a place. */
interface Map {
  findEntry(line: number, column: number): { originalSource?: string; originalLine?: number; originalColumn?: number };
}

function readMap(entry: string): Map {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${entry}.map`, 'utf8'))) as Map;
  } catch {
    return { findEntry: () => ({}) }; // the places in the module itself are true too
  }
}

/** The first line of a stack, as Error.prototype.toString makes it. */
function title(error: unknown): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return '<error>';
  }
}

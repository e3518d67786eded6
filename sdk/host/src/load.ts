import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vm from 'node:vm';

/**
 * Imports an artifact's module. One that needs nothing but itself and Node is linked here: Node's own loader, made for
 * trees of files, would take a tenth of the time to start. It does the rest: artifacts with libraries beside the module,
 * and a Node that was not started with --experimental-vm-modules.
 */
export async function load(entry: string): Promise<unknown> {
  const url = pathToFileURL(entry).href;
  if (typeof vm.SourceTextModule !== 'function' || existsSync(join(dirname(entry), '..', 'node_modules'))) return import(url);
  const source = readFileSync(entry, 'utf8');
  const builtins = new Builtins(entry, source);
  const module = new vm.SourceTextModule(source, {
    identifier: url,
    initializeImportMeta: (meta) => describe(meta, entry, url),
    importModuleDynamically: (async (specifier: string) => import(resolve(specifier, entry, url))) as never,
  });
  await module.link((specifier) => builtins.module(specifier));
  await module.evaluate();
  return module.namespace;
}

/** A static import or export, of whose clause only the names matter. In texts and comments it finds some too many. */
const statement = /\b(?:import|export)\b([^"'`();=]*?)\bfrom\s*["']([^"']+)["']/g;

/** The parts of Node that a module imports, as modules. */
class Builtins {
  private readonly made = new Map<string, vm.SyntheticModule>();
  private readonly clauses = new Map<string, string>();

  constructor(
    private readonly entry: string,
    private readonly source: string,
  ) {
    for (const [, clause, specifier] of source.matchAll(statement)) {
      this.clauses.set(specifier!, `${this.clauses.get(specifier!) ?? ''} ${clause}`);
    }
  }

  module(specifier: string): vm.SyntheticModule {
    const known = this.made.get(specifier);
    if (known) return known;
    if (!isBuiltin(specifier)) throw notFound(specifier, this.entry);
    const value = require(specifier) as Record<string, unknown>;
    const names = this.names(specifier, value);
    const made = new vm.SyntheticModule(['default', ...names], () => {
      made.setExport('default', value);
      for (const name of names) made.setExport(name, value[name]);
    }, { identifier: specifier });
    this.made.set(specifier, made);
    return made;
  }

  /** What the module's imports name: to look at more would load further parts of Node, which it makes of some properties when they are read. */
  private names(specifier: string, value: object): string[] {
    const all = Object.keys(value).filter((name) => name !== 'default');
    const clause = this.clauses.get(specifier) ?? '*';
    if (clause.includes('*')) return all.filter((name) => this.wanted(value, name));
    const named = new Set(clause.match(/[\p{ID_Continue}$]+/gu));
    return all.filter((name) => named.has(name));
  }

  /** Properties that Node computes load further parts of it, some 20 ms each: those whose names the module never says stay out. */
  private wanted(value: object, name: string): boolean {
    return !Object.getOwnPropertyDescriptor(value, name)?.get || this.source.includes(name);
  }
}

/** What Node tells a module about itself. */
function describe(meta: ImportMeta, entry: string, url: string): void {
  meta.dirname = dirname(entry);
  meta.filename = entry;
  meta.resolve = (specifier) => resolve(specifier, entry, url);
  meta.url = url;
}

/** The address that an import in the module means. */
function resolve(specifier: string, entry: string, url: string): string {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  if (/^\.{0,2}\//.test(specifier)) return new URL(specifier, url).href;
  if (URL.canParse(specifier)) return specifier;
  throw notFound(specifier, entry);
}

function notFound(specifier: string, entry: string): Error {
  return Object.assign(new Error(`Cannot find package '${specifier}' imported from ${entry}`), { code: 'ERR_MODULE_NOT_FOUND' });
}

import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import semver, { SemVer } from 'semver';
import cow from '../support/cow.json' with { type: 'json' };

const require = createRequire(import.meta.url);
const { version } = require('semver/package.json') as { version: string };
const same = require('semver') as typeof semver;
const late = await import('lodash'); // awaited while the module is loaded

/** What a provider's own code does with Node.js's modules. */
export default async () => {
  const missing = await import(['not', 'installed'].join('-')).catch((error: NodeJS.ErrnoException) => error.code);
  const chosen = await import(`./own-code-${['a', 'b'][1]}.js`).catch((error: NodeJS.ErrnoException) => error.code);
  return [semver.valid(version) === version, same.SemVer === SemVer, late.default.VERSION === (require('lodash/package.json') as { version: string }).version, cow.says, typeof basename(fileURLToPath(import.meta.url)), missing, chosen].join(' ');
};

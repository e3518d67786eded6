// Runs one compiled member: node plain.mjs FILE. Like a provider's process, this one lives until it is ended, whatever the
// member leaves open or unreferenced.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

setInterval(() => {}, 2 ** 30);
const loaded = await import(pathToFileURL(process.argv[2]).href);
const say = typeof loaded.default === 'function' ? loaded.default : loaded.default.default;
writeSync(1, await say());
process.exit(0);

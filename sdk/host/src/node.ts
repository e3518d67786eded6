import { writeSync } from 'node:fs';

/** The exit code that tells conduit that this Node is too old. */
const tooOld = 64;

/** The oldest Node that can run the host. */
const oldest = 20;

const major = Number(process.versions.node.split('.')[0]);
if (!(major >= oldest)) {
  const message = `it is version ${process.versions.node}; providers need ${oldest} or newer`;
  writeSync(2, JSON.stringify({ level: 'fatal', message }) + '\n');
  process.exit(tooOld);
}

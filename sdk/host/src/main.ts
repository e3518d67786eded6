// The process that runs one TypeScript provider: node host.cjs ARTIFACT/provider.mjs, started by conduit under go-plugin.
// The order of the imports matters: the check of Node's version and the redirection of all output come before anything
// that could fail or write. node:http2 looks at standard error when it is loaded.
import './node';
import { record } from './output';
import { exit, guardProcess } from './faults';
import { watchParent } from './parent';
import { readParameters } from './parameters';
import { serve } from './server';
import { ProviderHost } from './provider';

const parameters = readParameters();
guardProcess();
const provider = new ProviderHost(parameters.entry);
serve(parameters, provider)
  .then(() => {
    watchParent(parameters); // after the handshake: a thread takes a while to start, and conduit connects meanwhile
    provider.import();
  })
  .catch((error) => {
    record('fatal', `the provider's process cannot listen: ${String(error)}`);
    exit(1);
  });

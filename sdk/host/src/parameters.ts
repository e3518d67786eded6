import { readFileSync } from 'node:fs';
import { exit } from './faults';
import { record } from './output';

/** What conduit starts the host with. Everything that concerns the provider itself comes by Load. */
export interface Parameters {
  /** absolute path of the artifact's module */
  entry: string;
  /** folder for the socket; only this user can enter it */
  socketDir: string;
  /** conduit's process id */
  parent: number;
  /** this process and what it starts is ended from outside when conduit is gone */
  watched: boolean;
  /** what every call has to carry; only conduit knows it */
  token: string;
}

/** What conduit writes to standard input: what other processes of this user must not find in /proc. */
interface Opening {
  token: string;
  env?: Record<string, string>;
}

const cookie = { key: 'CONDUIT_PROVIDER', value: 'conduit.provider.v1' };

/** Reads the parameters and takes them out of the environment, which belongs to the provider and gets its other variables. */
export function readParameters(): Parameters {
  const entry = process.argv[2];
  const { env } = process;
  if (env[cookie.key] !== cookie.value || !entry) {
    record('fatal', 'this is the part of conduit that runs a provider; conduit starts it, as in: conduit run NAME "text"');
    exit(2);
  }
  const opening = JSON.parse(readFileSync(0, 'utf8')) as Opening;
  const parameters = {
    entry: entry as string,
    socketDir: env['PLUGIN_UNIX_SOCKET_DIR'] ?? '',
    parent: Number(env['CONDUIT_PARENT_PID'] ?? process.ppid),
    watched: Boolean(env['CONDUIT_WATCHED']),
    token: opening.token,
  };
  for (const name of Object.keys(env)) {
    if (name === cookie.key || /^CONDUIT_(PARENT_PID|WATCHED|OPENING)$/.test(name) || /^PLUGIN_(MIN_PORT|MAX_PORT|PROTOCOL_VERSIONS|UNIX_SOCKET_DIR)$/.test(name)) {
      delete env[name];
    }
  }
  Object.assign(env, opening.env);
  return parameters;
}

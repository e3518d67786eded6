// Drives a server of the Model Context Protocol by the protocol's own TypeScript client, and prints what it saw as JSON:
//   node mcpclient.mjs stdio COMMAND ARG...
//   node mcpclient.mjs http URL TOKEN
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [kind, first, ...rest] = process.argv.slice(2);
const transport = kind === 'stdio'
  ? new StdioClientTransport({ command: first, args: rest, env: process.env, stderr: 'inherit' })
  : new StreamableHTTPClientTransport(new URL(first), { requestInit: { headers: { authorization: `Bearer ${rest[0]}` } } });
const client = new Client({ name: 'mcpclient', version: '1.0.0' });
await client.connect(transport);

const { tools } = await client.listTools();
const told = await client.callTool({ name: 'studio_tell', arguments: { text: 'moo', parameters: { times: 2 } } });
const states = `${process.env.CONDUIT_STATE}/providers`;
const folder = `${states}/${readdirSync(states)[0]}/studio`; // the only one of ours that the provider can see
const progress = [];
const counted = await client.callTool({ name: 'studio_count', arguments: { text: 'go' } }, undefined, {
  onprogress: (p) => {
    progress.push(p);
    writeFileSync(`${folder}/seen-${p.progress}`, '');
  },
});
const picture = await client.callTool({ name: 'studio_draw', arguments: { text: 'a fox' } });
const link = picture.content.find((each) => each.type === 'resource_link');
const read = await client.readResource({ uri: link.uri });
const seen = await client.callTool({ name: 'studio_see', arguments: { image: link.uri } });
const failed = await client.callTool({ name: 'studio_fail', arguments: { text: 'x' } });

const stop = new AbortController();
const waiting = client.callTool({ name: 'studio_wait', arguments: { text: 'x' } }, undefined, { signal: stop.signal, onprogress: () => stop.abort('enough') });
const cancelled = await waiting.then(() => 'answered', (error) => String(error.message ?? error));
while (!existsSync(`${folder}/aborted`)) await new Promise((resolve) => setTimeout(resolve, 5)); // told by the model

console.log(JSON.stringify({
  server: client.getServerVersion(), tools, told, progress, counted,
  image: picture.content.find((each) => each.type === 'image'), read: read.contents[0], seen, failed, cancelled,
}));
await client.close();

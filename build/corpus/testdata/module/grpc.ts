import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { inFolder } from '../support/files.js';

interface Call { request: { name: string } }
type Callback = (error: Error | null, value?: { text: string }) => void;

export default () =>
  inFolder(async (folder) => {
    const file = join(folder, 'farm.proto');
    await writeFile(file, 'syntax = "proto3"; package farm; message Ask { string name = 1; } message Told { string text = 1; } service Cow { rpc Say (Ask) returns (Told); rpc Fail (Ask) returns (Told); }');
    const { Cow } = (grpc.loadPackageDefinition(loadSync(file)) as unknown as { farm: { Cow: grpc.ServiceClientConstructor } }).farm;
    const server = new grpc.Server();
    server.addService(Cow.service, {
      say: ({ request }: Call, answer: Callback) => answer(null, { text: `${request.name} says moo` }),
      fail: (_call: Call, answer: Callback) => answer(Object.assign(new Error('no hay'), { code: grpc.status.NOT_FOUND })),
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    const client = new Cow(`127.0.0.1:${port}`, grpc.credentials.createInsecure()) as unknown as Record<'say' | 'fail', (ask: object, done: Callback) => void> & grpc.Client;
    const call = (method: 'say' | 'fail') => new Promise<string>((resolve) => client[method]({ name: 'Bella' }, (error, told) => resolve(error ? error.message : String(told?.text))));
    const said = [await call('say'), await call('fail')];
    client.close();
    server.forceShutdown();
    return said.join('; ');
  });

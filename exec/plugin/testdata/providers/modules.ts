// What a module knows of itself, and what it imports while it runs.
import crypto, { createHash, webcrypto as web } from 'node:crypto';
import * as http from 'node:http';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';
import { BaseProvider } from './base';

class ModulesModel {
  async transform(): Promise<Text> {
    const meta = import.meta as any;
    const name = ['beside', 'package'].join('-');
    const other = await import(name).then((module) => module.default, (error) => error.code);
    const later = await import(['zl', 'ib'].join(''));
    const facts = {
      file: basename(meta.filename),
      dir: meta.dirname === dirname(meta.filename),
      url: meta.url === pathToFileURL(meta.filename).href,
      resolved: meta.resolve('./provider.mjs') === meta.url && meta.resolve('fs') === 'node:fs',
      later: typeof later.gzipSync,
      parts: crypto.createHash === createHash && crypto.webcrypto === web && [typeof http.get, typeof http.maxHeaderSize],
      place: /modules\.ts:\d+:\d+/.test(new Error('here').stack ?? ''),
      other,
    };
    return Text.fromString(JSON.stringify(facts));
  }
}

export default class ModulesProvider extends BaseProvider {
  async getModel(): Promise<any> {
    return new ModulesModel();
  }
}

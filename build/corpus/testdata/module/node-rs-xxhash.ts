import { xxh32, xxh64, xxh3 } from '@node-rs/xxhash';

export default async () => `${xxh32('moo')} ${xxh64('moo')} ${xxh3.xxh64('moo')} ${xxh3.Xxh3.withSeed(7n).update('m').update('oo').digest()}`;

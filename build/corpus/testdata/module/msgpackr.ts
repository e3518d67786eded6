import { Packr, addExtension, pack, unpack } from 'msgpackr';

class Cow {
  constructor(readonly name: string) {}
}

export default async () => {
  addExtension({ Class: Cow, type: 1, pack: (cow: Cow) => Buffer.from(cow.name), unpack: (data: Buffer) => new Cow(data.toString()) });
  const data = pack({ a: [1.5, null, 'ü'], n: 2n ** 40n, cow: new Cow('Bella') });
  const back = unpack(data) as { cow: Cow };
  return `${data.toString('hex')} ${back.cow instanceof Cow} ${back.cow.name} ${new Packr({ structuredClone: true }).pack(new Set([1])).toString('hex')}`;
};

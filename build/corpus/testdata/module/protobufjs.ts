import protobuf from 'protobufjs';

export default async () => {
  const { root } = protobuf.parse(`syntax = "proto3";
    message Cow { string name = 1; repeated int32 spots = 2; uint64 age = 3; map<string, bool> likes = 4; oneof x { bytes raw = 5; } }`);
  const Cow = root.lookupType('Cow');
  const encoded = Cow.encode(Cow.fromObject({ name: 'Bella', spots: [1, -2], age: '9007199254740993', likes: { hay: true } })).finish();
  const decoded = Cow.toObject(Cow.decode(encoded), { longs: String });
  return `${Buffer.from(encoded).toString('hex')} ${JSON.stringify(decoded)} ${Cow.verify({ name: 1 })}`;
};

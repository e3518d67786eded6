import { BSON, Long, ObjectId } from 'bson';

export default async () => {
  const bytes = BSON.serialize({ _id: new ObjectId('507f191e810c19729de860ea'), n: Long.fromString('9007199254740993'), d: new Date(0), r: /a/i });
  const back = BSON.deserialize(bytes, { promoteLongs: false });
  return `${Buffer.from(bytes).toString('hex')} ${BSON.EJSON.stringify(back)} ${(back['_id'] as ObjectId).getTimestamp().toISOString()}`;
};

import nacl from 'tweetnacl';

export default async () => {
  const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(1));
  const signature = nacl.sign.detached(new TextEncoder().encode('moo'), secretKey);
  const nonce = new Uint8Array(24);
  const box = nacl.secretbox(new Uint8Array([1, 2, 3]), nonce, new Uint8Array(32));
  return `${Buffer.from(signature).toString('hex')} ${nacl.sign.detached.verify(new TextEncoder().encode('moo'), signature, publicKey)} ${nacl.secretbox.open(box, nonce, new Uint8Array(32))?.join()} ${nacl.randomBytes(8).length}`;
};

import { customAlphabet, customRandom, nanoid, urlAlphabet } from 'nanoid';
import { nanoid as insecure } from 'nanoid/non-secure';

export default async () => {
  const fixed = customRandom('abc', 5, (size) => new Uint8Array(size).map((_, i) => i));
  return `${nanoid().length} ${/^[01]{9}$/.test(customAlphabet('01', 9)())} ${fixed()} ${urlAlphabet.length} ${insecure(7).length}`;
};

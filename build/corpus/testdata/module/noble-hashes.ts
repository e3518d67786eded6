import { blake3 } from '@noble/hashes/blake3.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export default async () => [sha256(utf8ToBytes('moo')), blake3(utf8ToBytes('moo')), pbkdf2(sha256, utf8ToBytes('p'), utf8ToBytes('s'), { c: 10, dkLen: 16 })].map(bytesToHex).join(' ');

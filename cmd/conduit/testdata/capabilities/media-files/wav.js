import { chunk, chunks, list, numbers } from './riff.js';

/** One channel of PCM, 16 bits. */
export const waveFormat = (rate) => numbers('wwddww', 1, 1, rate, 2 * rate, 2, 16);

export const pcm = (samples) => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);

export function fromPCM(data) {
  const copy = new Uint8Array(data); // in memory of its own: numbers of 16 bits begin at even addresses
  return new Int16Array(copy.buffer, 0, copy.length >> 1);
}

export function encodeWAV({ rate, samples }) {
  return list('RIFF', 'WAVE', chunk('fmt ', waveFormat(rate)), chunk('data', pcm(samples)));
}

export function decodeWAV(file) {
  const found = new Map([...chunks(Buffer.from(file))].map(({ name, data }) => [name, data]));
  const [format, data] = [found.get('fmt '), found.get('data')];
  if (!format || !data || format.readUInt16LE(0) !== 1 || format.readUInt16LE(2) !== 1 || format.readUInt16LE(14) !== 16) {
    throw new Error('only WAV files with one channel of 16-bit PCM are read');
  }
  return { rate: format.readUInt32LE(4), samples: fromPCM(data) };
}

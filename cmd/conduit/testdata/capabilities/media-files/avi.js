import { chunk, chunks, list, numbers } from './riff.js';
import { fromPCM, pcm, waveFormat } from './wav.js';

const fourCC = (name) => Buffer.from(name, 'latin1');

/** PNG frames ("MPNG") and PCM sound, a stretch of sound after each frame, with an index. */
export function encodeAVI({ width, height, fps, frames, sound }) {
  const largest = Math.max(...frames.map((frame) => frame.length));
  const streams = [
    list('LIST', 'strl',
      chunk('strh', fourCC('vidsMPNG'), numbers('dwwddddddddwwww', 0, 0, 0, 0, 1, fps, 0, frames.length, largest, 0, 0, 0, 0, width, height)),
      chunk('strf', numbers('dddww', 40, width, height, 1, 24), fourCC('MPNG'), numbers('ddddd', 3 * width * height, 0, 0, 0, 0))),
  ];
  const movie = [];
  frames.forEach((frame, i) => {
    movie.push(chunk('00dc', frame));
    if (sound) {
      const cut = (at) => Math.round((at * sound.samples.length) / frames.length);
      movie.push(chunk('01wb', pcm(sound.samples.subarray(cut(i), cut(i + 1)))));
    }
  });
  if (sound) {
    streams.push(list('LIST', 'strl',
      chunk('strh', fourCC('auds'), numbers('ddwwddddddddwwww', 1, 0, 0, 0, 0, 2, 2 * sound.rate, 0, sound.samples.length, 0, 0, 2, 0, 0, 0, 0)),
      chunk('strf', waveFormat(sound.rate))));
  }
  let at = 4;
  const index = movie.map((each) => {
    const entry = Buffer.concat([each.subarray(0, 4), numbers('ddd', 0x10, at, each.readUInt32LE(4))]);
    at += each.length;
    return entry;
  });
  const header = chunk('avih', numbers('dddddddddddddd', Math.round(1e6 / fps), 0, 0, 0x10, frames.length, 0, streams.length, largest, width, height, 0, 0, 0, 0));
  return list('RIFF', 'AVI ', list('LIST', 'hdrl', header, ...streams), list('LIST', 'movi', ...movie), chunk('idx1', ...index));
}

export function decodeAVI(file) {
  const all = [...chunks(Buffer.from(file))];
  const header = all.find(({ name }) => name === 'avih')?.data;
  if (!header) throw new Error('this is no AVI file');
  const parts = (wanted) => all.filter(({ name }) => name === wanted).map(({ data }) => data);
  const format = parts('strf')[1];
  return {
    width: header.readUInt32LE(32),
    height: header.readUInt32LE(36),
    fps: Math.round(1e6 / header.readUInt32LE(0)),
    frames: parts('00dc'),
    sound: format && { rate: format.readUInt32LE(4), samples: fromPCM(Buffer.concat(parts('01wb'))) },
  };
}

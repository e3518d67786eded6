import { parseBuffer } from 'music-metadata';

/** One second of silence as RIFF/WAVE. */
function wave(): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + 16000, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(16000, 40);
  return Buffer.concat([header, Buffer.alloc(16000)]);
}

export default async () => {
  const { format } = await parseBuffer(wave(), { mimeType: 'audio/wav' }, { duration: true });
  return `${format.container} ${format.codec} ${format.sampleRate} ${format.bitsPerSample} ${format.duration}`;
};

import gifenc from 'gifenc';
import { digest } from '../support/serve.js';

export default async () => {
  const { GIFEncoder, applyPalette, quantize } = gifenc;
  const pixels = Uint8Array.from({ length: 16 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  const palette = quantize(pixels, 8);
  const gif = GIFEncoder();
  gif.writeFrame(applyPalette(pixels, palette), 4, 4, { palette, delay: 100 });
  gif.finish();
  return `${Buffer.from(gif.bytes()).subarray(0, 6).toString()} ${palette.length} ${digest(gif.bytes())}`;
};

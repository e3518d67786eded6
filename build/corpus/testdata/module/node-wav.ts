import wav from 'node-wav';
import { digest } from '../support/serve.js';

export default async () => {
  const tone = Float32Array.from({ length: 100 }, (_, i) => Math.fround(((i % 10) - 5) / 8));
  const data = wav.encode([tone], { sampleRate: 8000, float: false, bitDepth: 16 });
  const { sampleRate, channelData } = wav.decode(data);
  return `${sampleRate} ${channelData[0]?.length} ${channelData[0]?.[1]?.toFixed(3)} ${digest(data)}`;
};

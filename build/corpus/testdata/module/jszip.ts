import JSZip from 'jszip';
import { digest } from '../support/serve.js';

export default async () => {
  const zip = new JSZip();
  zip.file('a.txt', 'moo '.repeat(100), { date: new Date(0) });
  zip.folder('b', )?.file('c.bin', new Uint8Array([1, 2, 3]), { date: new Date(0) });
  const data = await zip.generateAsync({ type: 'uint8array', compression: 'DEFLATE', compressionOptions: { level: 9 } });
  const again = await JSZip.loadAsync(data);
  return `${Object.keys(again.files).sort().join()} ${(await again.file('a.txt')?.async('string'))?.length} ${data.length < 600} ${digest(await again.file('b/c.bin')!.async('uint8array'))}`;
};

import { PNG } from 'pngjs';

export default async () => {
  const image = new PNG({ width: 2, height: 2 });
  image.data.set([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 9, 9, 0]);
  const packed = PNG.sync.write(image);
  const again = PNG.sync.read(packed);
  return `${again.width}x${again.height} ${[...again.data].join()} ${packed.subarray(1, 4).toString()}`;
};

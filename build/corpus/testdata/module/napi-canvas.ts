import { createCanvas, loadImage } from '@napi-rs/canvas';

export default async () => {
  const canvas = createCanvas(4, 4);
  const context = canvas.getContext('2d');
  context.fillStyle = '#00ff00';
  context.fillRect(1, 1, 2, 2);
  const image = await loadImage(await canvas.encode('png'));
  const copy = createCanvas(image.width, image.height).getContext('2d');
  copy.drawImage(image, 0, 0);
  return `${image.width}x${image.height} ${[...copy.getImageData(0, 1, 2, 1).data].join(',')}`;
};

import sharp from 'sharp';

export default async () => {
  const red = { create: { width: 8, height: 4, channels: 3 as const, background: { r: 255, g: 0, b: 0 } } };
  const png = await sharp(red).rotate(90).png().toBuffer();
  const { width, height, format } = await sharp(png).metadata();
  const { data } = await sharp(png).resize(2, 2).greyscale().raw().toBuffer({ resolveWithObject: true });
  return `${format} ${width}x${height} ${[...data].join(',')}`;
};

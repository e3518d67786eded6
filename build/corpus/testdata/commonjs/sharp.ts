import sharp from 'sharp';

export default async () => {
  const svg = Buffer.from('<svg width="4" height="4" xmlns="http://www.w3.org/2000/svg"><rect width="2" height="4" fill="#f00"/></svg>');
  const { data, info } = await sharp(svg).flatten({ background: '#fff' }).raw().toBuffer({ resolveWithObject: true });
  return `${info.width}x${info.height}x${info.channels} ${[...data.subarray(0, 12)].join()} ${typeof sharp.versions.vips}`;
};

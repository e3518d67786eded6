import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

export function encodePNG({ width, height, rgb }) {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const rows = [];
  for (let y = 0; y < height; y++) rows.push(Buffer.of(0), rgb.subarray(3 * width * y, 3 * width * (y + 1)));
  const data = deflateSync(Buffer.concat(rows), { level: 0 }); // stored: the same bytes from every zlib
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

export function decodePNG(file) {
  const png = Buffer.from(file);
  if (!png.subarray(0, 8).equals(signature)) throw new Error('this is no PNG file');
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  if (png[24] !== 8 || png[25] !== 2 || png[28] !== 0) throw new Error('only PNG files of 8-bit RGB are read');
  const parts = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return { width, height, rgb: unfilter(inflateSync(Buffer.concat(parts)), width, height) };
}

/** Undoes the five filters that a row may be stored with. */
function unfilter(rows, width, height) {
  const stride = 3 * width;
  const out = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const left = x < 3 ? 0 : out[y * stride + x - 3];
      const up = y === 0 ? 0 : out[(y - 1) * stride + x];
      const corner = x < 3 || y === 0 ? 0 : out[(y - 1) * stride + x - 3];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      out[y * stride + x] = rows[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return out;
}

function paeth(left, up, corner) {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((each) => Math.abs(guess - each));
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

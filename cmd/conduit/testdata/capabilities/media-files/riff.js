/** A chunk of a RIFF file: its name, its size, its data, padded to an even length. */
export function chunk(name, ...parts) {
  const data = Buffer.concat(parts);
  const head = Buffer.alloc(8, name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

/** A chunk that holds chunks. */
export function list(name, type, ...chunks) {
  return chunk(name, Buffer.from(type, 'latin1'), ...chunks);
}

/** The chunks of a file in their order, those inside of lists in place of the lists. */
export function* chunks(file, start = 0, end = file.length) {
  for (let at = start; at + 8 <= end; ) {
    const name = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    if (name === 'RIFF' || name === 'LIST') yield* chunks(file, at + 12, Math.min(end, at + 8 + size));
    else yield { name, data: file.subarray(at + 8, at + 8 + size) };
    at += 8 + size + (size % 2);
  }
}

/** Numbers of 16 or 32 bits, little-endian: `numbers('wwd', 1, 1, 8000)`. */
export function numbers(layout, ...values) {
  return Buffer.concat(values.map((value, i) => {
    const out = Buffer.alloc(layout[i] === 'w' ? 2 : 4);
    return layout[i] === 'w' ? (out.writeUInt16LE(value), out) : (out.writeUInt32LE(value), out);
  }));
}

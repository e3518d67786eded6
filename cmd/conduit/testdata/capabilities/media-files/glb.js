/** A chunk of a GLB file, padded to a multiple of four. */
function chunk(type, data, padding) {
  const head = Buffer.alloc(8);
  const rest = Buffer.alloc((4 - (data.length % 4)) % 4, padding);
  head.writeUInt32LE(data.length + rest.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, data, rest]);
}

/** One mesh of triangles, or of one line. */
export function encodeGLB({ positions, triangles }) {
  const vertices = Buffer.from(new Float32Array(positions).buffer);
  const faces = triangles ? Buffer.from(new Uint32Array(triangles).buffer) : Buffer.alloc(0);
  const bound = (pick) => [0, 1, 2].map((axis) => pick(...new Float32Array(positions).filter((_, i) => i % 3 === axis)));
  const accessors = [{ bufferView: 0, componentType: 5126, count: positions.length / 3, type: 'VEC3', min: bound(Math.min), max: bound(Math.max) }];
  const bufferViews = [{ buffer: 0, byteLength: vertices.length, target: 34962 }];
  if (triangles) {
    accessors.push({ bufferView: 1, componentType: 5125, count: triangles.length, type: 'SCALAR' });
    bufferViews.push({ buffer: 0, byteOffset: vertices.length, byteLength: faces.length, target: 34963 });
  }
  const primitive = triangles ? { attributes: { POSITION: 0 }, indices: 1, mode: 4 } : { attributes: { POSITION: 0 }, mode: 3 };
  const scene = {
    asset: { version: '2.0' }, scene: 0, scenes: [{ nodes: [0] }], nodes: [{ mesh: 0 }], meshes: [{ primitives: [primitive] }],
    accessors, bufferViews, buffers: [{ byteLength: vertices.length + faces.length }],
  };
  const body = Buffer.concat([chunk('JSON', Buffer.from(JSON.stringify(scene)), ' '), chunk('BIN\0', Buffer.concat([vertices, faces]), 0)]);
  const head = Buffer.alloc(12, 'glTF', 'latin1');
  head.writeUInt32LE(2, 4);
  head.writeUInt32LE(12 + body.length, 8);
  return Buffer.concat([head, body]);
}

/**
 * A Windows icon file around PNG images: a directory of sixteen bytes for each, then the images (Microsoft, "Icons", 1995; PNG
 * inside since Vista).
 * @param {ReadonlyMap<number, Buffer>} images by the side of the square, at most 256
 */
export function ico(images) {
  const header = Buffer.alloc(6);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(images.size, 4);
  let offset = header.length + 16 * images.size;
  const entries = [...images].map(([size, image]) => {
    const entry = Buffer.alloc(16);
    // 256 does not fit into a byte and is written as 0.
    entry.writeUInt8(size % 256, 0);
    entry.writeUInt8(size % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(image.length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += image.length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...images.values()]);
}

/** Apple's names for PNG images in an icon file, by pixels; some sizes stand in for two densities. */
const appleTypes = /** @type {const} */ ([
  ['icp4', 16],
  ['ic11', 32],
  ['icp5', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
]);

/**
 * A macOS icon file around PNG images: each with its four-letter type and length before it.
 * @param {ReadonlyMap<number, Buffer>} images by the side of the square
 */
export function icns(images) {
  const parts = appleTypes.flatMap(([type, size]) => {
    const image = images.get(size);
    return image === undefined ? [] : [chunk(type, image)];
  });
  return chunk('icns', Buffer.concat(parts));
}

/**
 * @param {string} type
 * @param {Buffer} content
 */
function chunk(type, content) {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}

/** The file is not what it should be; the message is the rest of a sentence about it ("is empty"). */
export class BadModelFile extends Error {
  override readonly name = 'BadModelFile';
}

/** Larger than any real one (250,000 tokens with merges take 20 MB); a bound for hostile ones. */
const mostHeaderBytes = 256 * 1024 * 1024;
const chunkBytes = 1024 * 1024;

/** Where the bytes of a model come from: a file on this computer, or one that is still elsewhere. */
export type ByteSource = {
  /**
   * Fills the buffer from this place on and tells how many bytes it got: fewer only at the end. Called with
   * growing positions only.
   */
  readonly read: (buffer: Buffer, position: number) => Promise<number>;
};

export type Reader = {
  /** Makes `bytes` available to the calls below; throws BadModelFile where the file ends before. */
  readonly need: (bytes: number) => Promise<void>;
  readonly skip: (bytes: number) => Promise<void>;
  /** How many bytes can be taken without `need`. */
  readonly buffered: () => number;
  readonly drop: (bytes: number) => void;
  /** Where in the file we are. */
  readonly position: () => number;
  /** From here to the end of the file. */
  readonly left: () => number;
  readonly u32: () => number;
  readonly u64: () => bigint;
  readonly number: (bytes: number) => number;
  readonly text: (bytes: number) => string;
};

/** Reads front to back in pieces of one MiB; nothing is believed about a length before it was compared. */
export function createReader(source: ByteSource, fileBytes: number): Reader {
  let buffer = Buffer.alloc(0);
  /** Of the buffer's first byte in the file, and of the next byte in the buffer. */
  let start = 0;
  let next = 0;

  async function need(bytes: number): Promise<void> {
    if (next + bytes <= buffer.length) return;
    const position = start + next;
    if (bytes > fileBytes - position)
      throw new BadModelFile('is damaged or cut off (it ends inside its header)');
    if (position + bytes > mostHeaderBytes) throw new BadModelFile('has a header of impossible size');
    const fresh = Buffer.allocUnsafe(Math.min(Math.max(bytes, chunkBytes), fileBytes - position));
    const bytesRead = await source.read(fresh, position);
    if (bytesRead < bytes) throw new BadModelFile('is damaged or cut off (it ends inside its header)');
    buffer = fresh.subarray(0, bytesRead);
    start = position;
    next = 0;
  }

  function take(bytes: number): number {
    next += bytes;
    return next - bytes;
  }

  return {
    need,
    async skip(bytes) {
      if (bytes > fileBytes - start - next)
        throw new BadModelFile('is damaged or cut off (it ends inside its header)');
      next += bytes;
      if (next <= buffer.length) return;
      start += next;
      next = 0;
      buffer = Buffer.alloc(0);
    },
    buffered: () => buffer.length - next,
    drop: take,
    position: () => start + next,
    left: () => fileBytes - start - next,
    u32: () => buffer.readUInt32LE(take(4)),
    u64: () => buffer.readBigUInt64LE(take(8)),
    number: (bytes) =>
      bytes === 8 ? Number(buffer.readBigUInt64LE(take(8))) : buffer.readUIntLE(take(bytes), bytes),
    text(bytes) {
      const from = take(bytes);
      return buffer.toString('utf8', from, from + bytes);
    },
  };
}

/** A text that must be short. */
export async function readText(reader: Reader, mostBytes: number): Promise<string> {
  await reader.need(8);
  const length = toLength(reader.u64());
  if (length > mostBytes) throw new BadModelFile('is damaged (a name of impossible length)');
  await reader.need(length);
  return reader.text(length);
}

/** Lengths beyond this are beyond any file. */
export function toLength(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new BadModelFile('is damaged (a length beyond the file)');
  return Number(value);
}

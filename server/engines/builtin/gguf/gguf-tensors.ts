import { BadModelFile, readText, type Reader } from './gguf-reader.ts';

/** ggml tensor type → elements per block, bytes per block (ggml.c, `type_traits`). Types it lacks are newer ones. */
const blockSizes: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 36],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
};

const mostDimensions = 4;
const mostNameBytes = 1024;
/** No tensor that fits into a computer has more elements. */
const mostElements = 2n ** 48n;

export type TensorBounds = {
  readonly tensorCount: number;
  readonly alignment: number;
  readonly fileBytes: number;
};

/** How many bytes of weights there are, and which of them not every token needs. */
export type TensorBytes = {
  readonly all: number;
  /** Of experts: each token passes only some of them. */
  readonly experts: number;
  /** The table of words, of which a token needs one row; 0 where the same table also scores the next word. */
  readonly lookedUp: number;
};

/** Checks that the data of every tensor lies within the file, so that a download that stopped early is found. */
export async function readTensorInfos(reader: Reader, bounds: TensorBounds): Promise<TensorBytes> {
  let dataBytes = 0n;
  let all = 0;
  let experts = 0;
  let words = 0;
  let hasOutput = false;
  for (let index = 0; index < bounds.tensorCount; index += 1) {
    const { name, end, bytes } = await readTensor(reader, bounds.alignment);
    if (end > dataBytes) dataBytes = end;
    all += bytes;
    if (/_exps\b/.test(name)) experts += bytes;
    if (name === 'token_embd.weight') words = bytes;
    if (name === 'output.weight') hasOutput = true;
  }
  const alignment = BigInt(bounds.alignment);
  const dataStart = ((BigInt(reader.position()) + alignment - 1n) / alignment) * alignment;
  const wanted = bounds.tensorCount === 0 ? 0n : dataStart + dataBytes;
  if (wanted > BigInt(bounds.fileBytes)) {
    throw new BadModelFile(`is cut off: it has ${bounds.fileBytes} bytes and should have at least ${wanted}`);
  }
  return { all, experts, lookedUp: hasOutput ? words : 0 };
}

type Tensor = {
  readonly name: string;
  /** Where its data ends, counted from the start of all data. */
  readonly end: bigint;
  readonly bytes: number;
};

async function readTensor(reader: Reader, alignment: number): Promise<Tensor> {
  const name = await readText(reader, mostNameBytes);
  await reader.need(4);
  const dimensions = reader.u32();
  if (dimensions > mostDimensions)
    throw new BadModelFile(`is damaged (a tensor of ${dimensions} dimensions)`);
  await reader.need(dimensions * 8 + 12);
  let elements = 1n;
  let rowLength = 1n;
  for (let index = 0; index < dimensions; index += 1) {
    const length = reader.u64();
    if (index === 0) rowLength = length;
    elements *= length;
    if (length === 0n || elements > mostElements)
      throw new BadModelFile('is damaged (a tensor of impossible size)');
  }
  const type = reader.u32();
  const offset = reader.u64();
  if (offset % BigInt(alignment) !== 0n)
    throw new BadModelFile('is damaged (a tensor at an impossible place)');
  const [blockElements, blockBytes] = blockSizes[type] ?? [1, 0];
  if (rowLength % BigInt(blockElements) !== 0n)
    throw new BadModelFile('is damaged (a tensor of impossible size)');
  const bytes = (elements / BigInt(blockElements)) * BigInt(blockBytes);
  return { name, end: offset + bytes, bytes: Number(bytes) };
}

import { open } from 'node:fs/promises';
import { BadModelFile, createReader, readText, toLength, type Reader } from './gguf-reader.ts';
import { readTensorInfos } from './gguf-tensors.ts';

/** What we need to know of a model file before native code sees it. */
export type GgufHeader = {
  readonly architecture: string | null;
  readonly name: string | null;
  /** Longest conversation the model was trained for. */
  readonly contextTokens: number | null;
  readonly hasChatTemplate: boolean;
  readonly tensorCount: number;
  /** How many files the model is split into; 1 for a whole one. */
  readonly partCount: number;
};

const mostEntries = 100_000;
const mostKeyBytes = 65_535;
/** Templates and names are kept only up to here; longer texts are skipped, not refused. */
const mostKeptBytes = 4096;

/**
 * Reads and checks the header of a GGUF file (format of ggml's docs/gguf.md, versions 2 and 3), every length and
 * count against the file's true size, so that a damaged, truncated or hostile file is refused with a reason here and
 * not by an abort inside llama.cpp. Reads the header only, in bounded pieces. Throws BadModelFile.
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size === 0) throw new BadModelFile('is empty');
    return await readHeader(createReader(file, size), size);
  } finally {
    await file.close();
  }
}

async function readHeader(reader: Reader, fileBytes: number): Promise<GgufHeader> {
  await reader.need(4);
  if (reader.text(4) !== 'GGUF') throw new BadModelFile('is not a GGUF model');
  await reader.need(20);
  const version = reader.u32();
  if (version !== 2 && version !== 3) {
    throw new BadModelFile(`has GGUF version ${version}; versions 2 and 3 can be read`);
  }
  const tensorCount = boundedCount(reader.u64(), 'tensors');
  const entryCount = boundedCount(reader.u64(), 'entries');
  const entries = new Map<string, string | number>();
  for (let index = 0; index < entryCount; index += 1) await readEntry(reader, entries);
  const alignment = Number(entries.get('general.alignment') ?? 32);
  if (
    !Number.isInteger(alignment) ||
    alignment < 1 ||
    alignment > 65_536 ||
    (alignment & (alignment - 1)) !== 0
  ) {
    throw new BadModelFile('is damaged (impossible alignment)');
  }
  await readTensorInfos(reader, { tensorCount, alignment, fileBytes });
  return describe(entries, tensorCount);
}

function describe(entries: ReadonlyMap<string, string | number>, tensorCount: number): GgufHeader {
  const text = (key: string) => {
    const value = entries.get(key);
    return typeof value === 'string' ? value : null;
  };
  const architecture = text('general.architecture');
  const context = entries.get(`${architecture}.context_length`);
  return {
    architecture,
    name: text('general.name'),
    contextTokens: typeof context === 'number' ? context : null,
    hasChatTemplate: entries.has('tokenizer.chat_template'),
    tensorCount,
    partCount: Math.max(1, Number(entries.get('split.count') ?? 1)),
  };
}

// --- metadata entries ----------------------------------------------------------------------------------------

const stringType = 8;
const arrayType = 9;
/** GGUF value type → bytes, for all of fixed size. */
const fixedBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

async function readEntry(reader: Reader, entries: Map<string, string | number>): Promise<void> {
  const key = await readText(reader, mostKeyBytes);
  await reader.need(4);
  const type = reader.u32();
  if (type === stringType) {
    entries.set(key, await readValueText(reader));
    return;
  }
  if (type === arrayType) {
    await skipArray(reader);
    return;
  }
  const bytes = fixedBytes[type];
  if (bytes === undefined) throw new BadModelFile(`is damaged (unknown kind of value ${type})`);
  await reader.need(bytes);
  entries.set(key, reader.number(bytes));
}

async function skipArray(reader: Reader): Promise<void> {
  await reader.need(12);
  const type = reader.u32();
  const count = reader.u64();
  const bytes = fixedBytes[type];
  if (bytes !== undefined) {
    await reader.skip(toLength(count * BigInt(bytes)));
    return;
  }
  // As in llama.cpp, lists of lists are refused.
  if (type !== stringType) throw new BadModelFile(`is damaged (a list of kind ${type})`);
  // Each text takes at least the eight bytes of its length.
  if (count * 8n > BigInt(reader.left()))
    throw new BadModelFile('is damaged or cut off (a list longer than the file)');
  for (let index = 0n; index < count; index += 1n) {
    if (reader.buffered() < 8) await reader.need(8);
    const length = toLength(reader.u64());
    if (reader.buffered() >= length) reader.drop(length);
    else await reader.skip(length);
  }
}

async function readValueText(reader: Reader): Promise<string> {
  await reader.need(8);
  const length = toLength(reader.u64());
  if (length > mostKeptBytes) {
    await reader.skip(length);
    return '';
  }
  await reader.need(length);
  return reader.text(length);
}

function boundedCount(count: bigint, what: string): number {
  if (count > BigInt(mostEntries)) throw new BadModelFile(`is damaged (${count} ${what})`);
  return Number(count);
}

import { open, type FileHandle } from 'node:fs/promises';
import type { Task } from '../../../core/ask.ts';
import type { Entries, EntryValue } from './gguf-entries.ts';
import { activeShareOf, contextBytesPerToken, quantisationNames } from './gguf-facts.ts';
import {
  BadModelFile,
  createReader,
  readText,
  toLength,
  type ByteSource,
  type Reader,
} from './gguf-reader.ts';
import { readTensorInfos, type TensorBytes } from './gguf-tensors.ts';
import { taskOf } from './gguf-task.ts';

/** What we need to know of a model file before native code sees it. */
export type GgufHeader = {
  readonly architecture: string | null;
  /** What the model is made for. */
  readonly task: Task;
  readonly name: string | null;
  /** Longest conversation the model was trained for. */
  readonly contextTokens: number | null;
  readonly hasChatTemplate: boolean;
  /** Whether the template knows tools; null without a template, or with one too long to look at. */
  readonly canUseTools: boolean | null;
  /** In lower case, `q4_k_m`; null where the header does not tell. */
  readonly quantisation: string | null;
  /** What one token of a conversation takes in memory at 16 bits; null where the header does not tell. */
  readonly contextBytesPerToken: number | null;
  /** Width of a layer, and words known: they decide the working memory. */
  readonly embeddingLength: number | null;
  readonly vocabularySize: number | null;
  /** Which part of the weights is read for each token that is written, 0 … 1; null where it cannot be told. */
  readonly activeShare: number | null;
  readonly tensorCount: number;
  /** How many files the model is split into; 1 for a whole one. */
  readonly partCount: number;
};

const mostEntries = 100_000;
const mostKeyBytes = 65_535;
/** Texts are kept only up to here; longer ones are skipped, not refused. */
const mostKeptBytes = 4096;
const mostTemplateBytes = 512 * 1024;
/** Lists of numbers are kept up to here: one number for each layer. */
const mostKeptNumbers = 1024;

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
    return await readGgufHeaderFrom(fileSource(file), size);
  } finally {
    await file.close();
  }
}

/** The same for bytes from anywhere. `fileBytes` is what the whole file has, as far as its keeper says. */
export function readGgufHeaderFrom(source: ByteSource, fileBytes: number): Promise<GgufHeader> {
  return readHeader(createReader(source, fileBytes), fileBytes);
}

function fileSource(file: FileHandle): ByteSource {
  return {
    read: async (buffer, position) => (await file.read(buffer, 0, buffer.length, position)).bytesRead,
  };
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
  const entries: Entries = new Map();
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
  const bytes = await readTensorInfos(reader, { tensorCount, alignment, fileBytes });
  return { ...describe(entries, bytes), tensorCount };
}

function describe(entries: Entries, bytes: TensorBytes): Omit<GgufHeader, 'tensorCount'> {
  const text = (key: string) => {
    const value = entries.get(key);
    return typeof value === 'string' ? value : null;
  };
  const number = (key: string) => {
    const value = entries.get(key);
    return typeof value === 'number' ? value : null;
  };
  const architecture = text('general.architecture');
  const template = text('tokenizer.chat_template');
  const words = entries.get('tokenizer.ggml.tokens');
  return {
    architecture,
    task: taskOf(architecture ?? '', entries),
    name: text('general.name'),
    contextTokens: number(`${architecture}.context_length`),
    hasChatTemplate: template !== null,
    canUseTools: template === null || template === '' ? null : /\btools\b/.test(template),
    quantisation: quantisationNames[number('general.file_type') ?? -1] ?? null,
    contextBytesPerToken: contextBytesPerToken(architecture ?? '', entries),
    embeddingLength: number(`${architecture}.embedding_length`),
    vocabularySize: typeof words === 'object' && 'texts' in words ? words.texts : null,
    activeShare: activeShareOf(architecture ?? '', entries, bytes),
    partCount: Math.max(1, number('split.count') ?? 1),
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

async function readEntry(reader: Reader, entries: Entries): Promise<void> {
  const key = await readText(reader, mostKeyBytes);
  await reader.need(4);
  const type = reader.u32();
  if (type === stringType) {
    const most = key === 'tokenizer.chat_template' ? mostTemplateBytes : mostKeptBytes;
    entries.set(key, await readValueText(reader, most));
    return;
  }
  if (type === arrayType) {
    entries.set(key, await readArray(reader));
    return;
  }
  const bytes = fixedBytes[type];
  if (bytes === undefined) throw new BadModelFile(`is damaged (unknown kind of value ${type})`);
  await reader.need(bytes);
  entries.set(key, reader.number(bytes));
}

async function readArray(reader: Reader): Promise<EntryValue> {
  await reader.need(12);
  const type = reader.u32();
  const count = reader.u64();
  const bytes = fixedBytes[type];
  if (bytes !== undefined) return await readNumbers(reader, count, bytes);
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
  return { texts: Number(count) };
}

async function readNumbers(reader: Reader, count: bigint, bytes: number): Promise<readonly number[]> {
  if (count > BigInt(mostKeptNumbers)) {
    await reader.skip(toLength(count * BigInt(bytes)));
    return [];
  }
  await reader.need(Number(count) * bytes);
  return Array.from({ length: Number(count) }, () => reader.number(bytes));
}

async function readValueText(reader: Reader, mostBytes: number): Promise<string> {
  await reader.need(8);
  const length = toLength(reader.u64());
  if (length > mostBytes) {
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

import { writeFileSync } from 'node:fs';

/** A value of a GGUF header, or its bytes where a test wants to lie. */
export type GgufValue =
  | string
  | number
  | readonly string[]
  | { readonly type: number; readonly bytes: Buffer };

export type GgufTensor = {
  readonly name: string;
  readonly dimensions: readonly (number | bigint)[];
  /** ggml type: 0 is 32-bit float, 2 is Q4_0. */
  readonly type: number;
  readonly offset: number | bigint;
};

export type GgufFile = {
  readonly magic?: string;
  readonly version?: number;
  readonly entries?: Readonly<Record<string, GgufValue>>;
  readonly tensors?: readonly GgufTensor[];
  /** What the header claims, where it should differ from the truth. */
  readonly claimedTensors?: bigint;
  readonly claimedEntries?: bigint;
  readonly dataBytes?: number;
};

export const usualEntries: Readonly<Record<string, GgufValue>> = {
  'general.architecture': 'llama',
  'general.name': 'Tiny',
  'llama.context_length': 2048,
  'tokenizer.ggml.tokens': ['a', 'b', 'c'],
  'tokenizer.chat_template': '{{ messages }}',
};

export const usualTensor: GgufTensor = { name: 'output.weight', dimensions: [32, 2], type: 0, offset: 0 };

/** The smallest file that passes for a model, unless told otherwise. Format: ggml's docs/gguf.md, version 3. */
export function ggufBytes(file: GgufFile = {}): Buffer {
  const entries = Object.entries(file.entries ?? usualEntries);
  const tensors = file.tensors ?? [usualTensor];
  const header = Buffer.concat([
    Buffer.from(file.magic ?? 'GGUF'),
    u32(file.version ?? 3),
    u64(file.claimedTensors ?? BigInt(tensors.length)),
    u64(file.claimedEntries ?? BigInt(entries.length)),
    ...entries.flatMap(([key, value]) => [text(key), valueBytes(value)]),
    ...tensors.map(tensorBytes),
  ]);
  const padding = Buffer.alloc((32 - (header.length % 32)) % 32);
  return Buffer.concat([header, padding, Buffer.alloc(file.dataBytes ?? 256)]);
}

export function writeGguf(path: string, file: GgufFile = {}): string {
  writeFileSync(path, ggufBytes(file));
  return path;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function valueBytes(value: GgufValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(8), text(value)]);
  if (typeof value === 'number') return Buffer.concat([u32(4), u32(value)]);
  if ('bytes' in value) return Buffer.concat([u32(value.type), value.bytes]);
  return Buffer.concat([u32(9), u32(8), u64(value.length), ...value.map(text)]);
}

function tensorBytes(tensor: GgufTensor): Buffer {
  return Buffer.concat([
    text(tensor.name),
    u32(tensor.dimensions.length),
    ...tensor.dimensions.map(u64),
    u32(tensor.type),
    u64(tensor.offset),
  ]);
}

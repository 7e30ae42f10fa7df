import type { Entries } from './gguf-entries.ts';
import type { TensorBytes } from './gguf-tensors.ts';

/** `general.file_type` → name (llama.h, `enum llama_ftype`); the types of old files that nobody makes any more are left out. */
export const quantisationNames: Readonly<Record<number, string>> = {
  0: 'f32',
  1: 'f16',
  2: 'q4_0',
  3: 'q4_1',
  7: 'q8_0',
  8: 'q5_0',
  9: 'q5_1',
  10: 'q2_k',
  11: 'q3_k_s',
  12: 'q3_k_m',
  13: 'q3_k_l',
  14: 'q4_k_s',
  15: 'q4_k_m',
  16: 'q5_k_s',
  17: 'q5_k_m',
  18: 'q6_k',
  19: 'iq2_xxs',
  20: 'iq2_xs',
  21: 'q2_k_s',
  22: 'iq3_xs',
  23: 'iq3_xxs',
  24: 'iq1_s',
  25: 'iq4_nl',
  26: 'iq3_s',
  27: 'iq3_m',
  28: 'iq2_s',
  29: 'iq2_m',
  30: 'iq4_xs',
  31: 'iq1_m',
  32: 'bf16',
  36: 'tq1_0',
  37: 'tq2_0',
  38: 'mxfp4',
};

/** 16 bits for each number, as the engine keeps them. */
const bytesPerNumber = 2;

/**
 * What one token of a conversation takes: keys and values of every layer with attention. Models that look only at
 * the nearest tokens in some layers (sliding window) need less, so this is the most it can be.
 * @returns null where the header does not tell
 */
export function contextBytesPerToken(architecture: string, entries: Entries): number | null {
  const number = (key: string): number | null => {
    const value = entries.get(`${architecture}.${key}`);
    return typeof value === 'number' && value > 0 ? value : null;
  };
  const layers = number('block_count');
  if (layers === null || layers > 10_000) return null;
  const rank = number('attention.kv_lora_rank');
  if (rank !== null) {
    // DeepSeek's latent attention keeps one compressed row for each layer.
    return within(layers * (rank + (number('rope.dimension_count') ?? 0)) * bytesPerNumber);
  }
  const heads = number('attention.head_count');
  const width = number('embedding_length');
  const headLength = heads === null || width === null ? null : width / heads;
  const keyLength = number('attention.key_length') ?? headLength;
  const valueLength = number('attention.value_length') ?? headLength;
  const kvHeads = kvHeadsOfAllLayers(entries.get(`${architecture}.attention.head_count_kv`), layers, heads);
  if (keyLength === null || valueLength === null || kvHeads === null) return null;
  return within(kvHeads * (keyLength + valueLength) * bytesPerNumber);
}

/**
 * Which part of the weights is read for each token that is written: without the table of words, of which one row is
 * needed, and of experts only those that a token passes (`expert_used_count` of `expert_count`).
 * @returns null where the header does not tell
 */
export function activeShareOf(architecture: string, entries: Entries, bytes: TensorBytes): number | null {
  if (bytes.all <= 0) return null;
  const number = (key: string): number => Number(entries.get(`${architecture}.${key}`) ?? Number.NaN);
  const usedShare = bytes.experts === 0 ? 1 : number('expert_used_count') / number('expert_count');
  const share = (bytes.all - bytes.lookedUp - bytes.experts * (1 - usedShare)) / bytes.all;
  return share > 0 && share <= 1 ? share : null;
}

/** One number for all layers, or one for each; without either, as many as there are heads. */
function kvHeadsOfAllLayers(value: unknown, layers: number, heads: number | null): number | null {
  if (Array.isArray(value) && value.length > 0) {
    return value.reduce((sum: number, count: unknown) => sum + (typeof count === 'number' ? count : 0), 0);
  }
  const each = typeof value === 'number' && value > 0 ? value : heads;
  return each === null ? null : layers * each;
}

/** No real model takes more than 64 MiB for a token; a header that says so is not believed. */
function within(bytes: number): number | null {
  return Number.isFinite(bytes) && bytes > 0 && bytes <= 64 * 1024 ** 2 ? Math.ceil(bytes) : null;
}

import type { Task } from '../../../core/ask.ts';
import type { Entries } from './gguf-entries.ts';

/** Families that read a text as a whole and write none (llama.cpp, `llama_model_is_…` and its encoders). */
const encoders = new Set([
  'bert',
  'eurobert',
  'gemma-embedding',
  'jina-bert-v2',
  'jina-bert-v3',
  'modern-bert',
  'neo-bert',
  'nomic-bert',
  'nomic-bert-moe',
]);

/** llama.h, `enum llama_pooling_type`; 0 is none, 1 to 3 make a vector of a text. */
const rankPooling = 4;

/** What a model is made for, as its header tells: how it pools, and which family it is of. */
export function taskOf(architecture: string, entries: Entries): Task {
  const pooling = entries.get(`${architecture}.pooling_type`);
  const ranks =
    pooling === rankPooling ||
    entries.has('tokenizer.chat_template.rerank') ||
    entries.has(`${architecture}.classifier.output_labels`);
  if (ranks) return 'rerank';
  if (encoders.has(architecture)) return 'embed';
  return typeof pooling === 'number' && pooling > 0 && pooling < rankPooling ? 'embed' : 'generate';
}

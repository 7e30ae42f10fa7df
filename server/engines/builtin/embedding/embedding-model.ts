import type { Backend } from '../../../core/model.ts';

/**
 * What the embedding service needs of a model that was loaded for vectors or for ranking. The engine process makes
 * one of the real library; tests make one of plain arrays.
 */
export type EmbeddingModel = {
  readonly task: 'embed' | 'rerank';
  readonly backend: Backend;
  readonly threads: number;
  /** Most tokens of one input. */
  readonly contextTokens: number;
  readonly vocabularySize: number;
  /** Length of its vectors, as its header says. */
  readonly dimensions: number;
  /** Whether vectors cut short are still good (Matryoshka training). */
  readonly isShortenable: boolean;
  /** Control tokens in the text stay text. */
  readonly tokenize: (text: string) => number[];
  /** Tokens as the model reads them, with those it wants at the beginning and the end. */
  readonly lengthOf: (tokens: readonly number[]) => number;
  /** The same for a query and a document; only of a model for ranking. */
  readonly pairLengthOf: (query: readonly number[], document: readonly number[]) => number;
  /** One computation at a time in each; a few at the same time. */
  readonly workers: readonly EmbeddingWorker[];
};

export type EmbeddingWorker = {
  /** As the model gives it, of any length; only of a model for vectors. */
  readonly vectorOf: (tokens: readonly number[]) => Promise<ArrayLike<number>>;
  /** 0 … 1; only of a model for ranking. A document too long is read in overlapping pieces, the best one counts. */
  readonly scoreOf: (query: readonly number[], document: readonly number[]) => Promise<number>;
};

/** What a model is loaded for. Each has a process of its own, so that one kind of work never takes another's memory. */
export type Task = 'generate' | 'embed' | 'rerank';

/** A text, or tokens of the model's own. */
export type EmbedInput = string | readonly number[];

export type EmbedRequest = {
  readonly model: string;
  /** At least one; none of them empty. */
  readonly inputs: readonly EmbedInput[];
  /** Shorter vectors, from models that are made for it; null for the model's own length. */
  readonly dimensions: number | null;
};

export type EmbedAnswer = {
  /** In the order of the inputs, each of length 1 (Euclidean). */
  readonly vectors: readonly Float32Array[];
  readonly promptTokens: number;
};

export type RerankRequest = {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
};

export type RerankAnswer = {
  /** In the order of the documents: 0 (has nothing to do with the query) … 1. */
  readonly scores: readonly number[];
  readonly promptTokens: number;
};

import type { Sampling } from '../../core/generate.ts';
import type { Backend } from '../../core/model.ts';

/**
 * What the tick loop and the prompt builder need of a loaded model. The engine process makes one of the real
 * library; tests make one of plain arrays.
 */
export type LoadedModel = {
  /** All of them, taken at start and never given back; the index is llama.cpp's sequence id. */
  readonly sequences: readonly SlotSequence[];
  /** Per sequence; a sequence holds at most one token less (its last token is sampled, not read). */
  readonly contextTokens: number;
  /** Most tokens of one `llama_decode`. */
  readonly batchSize: number;
  readonly backend: Backend;
  /** Fewest and most threads worth trying; the same where threads do not matter. Begins with the fewest. */
  readonly threads: { readonly least: number; readonly most: number };
  /** For the ticks that follow; between ticks. */
  readonly setThreads: (threads: number) => void;
  readonly tokenizer: Tokenizer;
  readonly chat: ChatFormat;
  /**
   * Of a model that cannot go back to every earlier place (sliding window, recurrent state); null for all others. Tells
   * whether a token ends somebody's turn.
   */
  readonly checkpoints: { readonly isTurnEnd: (token: number) => boolean } | null;
  /** What the model and its conversations take of the GPU's memory; 0 without one. */
  readonly gpuBytes: number;
  /** How often `llama_decode` has been called. */
  readonly decodes: () => number;
};

export type Tokenizer = {
  /** With `special`, the text of control tokens becomes those tokens; without, it stays text. */
  readonly tokenize: (text: string, special: boolean) => number[];
  /** Text of `tokens` where it follows `previous` (some models put a space before a text's first word). */
  readonly detokenize: (tokens: readonly number[], previous: readonly number[]) => string;
  /** Texts that the tokenizer would turn into control tokens. */
  readonly controlTexts: readonly string[];
  /** For a text with a gap; null for models that cannot fill one. Without `middle` the suffix comes first. */
  readonly infill: {
    readonly prefix: number;
    readonly suffix: number;
    readonly middle: number | null;
  } | null;
  /** To be put before every prompt that does not begin with it; null for models without. */
  readonly bosToken: number | null;
  readonly vocabularySize: number;
};

export type ChatFormat = {
  /** The model's own Jinja template; null if its file has none. */
  readonly template: string | null;
  readonly bosText: string;
  readonly eosText: string;
};

/** All of the sampling options, none left to a library's default. */
export type TokenSampling = { readonly [name in keyof Sampling]: NonNullable<Sampling[name]> };

/** One conversation's place in the model's memory. Never used by two callers at the same time. */
export type SlotSequence = {
  /** The tokens it holds. */
  readonly tokens: () => readonly number[];
  /**
   * How many of the first `length` tokens can be kept without computing any of them again: all, or up to the last
   * checkpoint before.
   */
  readonly keepable: (length: number) => number;
  /** Forgets all tokens from `length` on. Only between ticks. */
  readonly truncate: (length: number) => Promise<void>;
  /** Remembers the present place, to go back to. Only between ticks, and where the model needs it. */
  readonly checkpoint: () => Promise<void>;
  /** Reads tokens without an answer; part of the present tick. */
  readonly read: (tokens: readonly number[]) => Promise<void>;
  /** Starts to answer after `tokens` (at least one); every `next` is part of one tick. */
  readonly generate: (
    tokens: readonly number[],
    sampling: TokenSampling,
    options: StreamOptions,
  ) => TokenStream;
};

export type StreamOptions = {
  /** Whether `likelihoods` will be asked for. */
  readonly withLikelihoods: boolean;
  /** The model's own end of an answer is never chosen. */
  readonly ignoreEos: boolean;
  /** What the answer may look like, in GBNF; null for anything. */
  readonly grammar: string | null;
};

/** Natural logarithm of the probability, before temperature and penalties. */
export type TokenLikelihood = { readonly token: number; readonly logprob: number };

export type TokenStream = {
  /**
   * The next token; null when the model has ended its answer. `instead`: go on from these tokens, not from the one
   * that was given last.
   */
  readonly next: (instead?: readonly number[]) => Promise<number | null>;
  /** From the next token on, by a grammar that begins there. */
  readonly useGrammar: (grammar: string | null) => void;
  /** The likeliest tokens in the last one's place, in descending order; empty unless asked for. */
  readonly likelihoods: () => readonly TokenLikelihood[];
  /** Frees the sampler; between ticks. The sequence keeps its tokens. */
  readonly close: () => Promise<void>;
};

/** No token could be chosen (a request with impossible sampling options): only this request has failed. */
export class SamplingFailed extends Error {
  override readonly name = 'SamplingFailed';
}

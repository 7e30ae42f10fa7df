import type { TokenSampling } from '../loaded-model.ts';
import type { AnswerParser } from '../chat/tool-parser.ts';

/** A request whose prompt is already tokens. */
export type Job = {
  readonly id: number;
  /** At least one and fewer than `contextTokens`. */
  readonly prompt: readonly number[];
  readonly sampling: TokenSampling;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly cacheScope: string | null;
  /** How many of the likeliest tokens are told beside each; null tells nothing of probabilities. */
  readonly logprobs: number | null;
  readonly ignoreEos: boolean;
  /** An older job with the same text is given up. */
  readonly replaces?: string | null;
  /** Told when it is accepted. */
  readonly promptText?: string;
  /** How the answer is read and led; absent for plain text. */
  readonly answer?: AnswerPlan;
};

export type AnswerPlan = {
  /** Splits the answer into its kinds; used by this job only. */
  readonly parser: AnswerParser;
  /** What the answer may look like, in GBNF; null for anything. */
  readonly grammar: string | null;
  readonly thought: ThoughtLimit | null;
};

/** A thought of more tokens is ended: the closing tokens are put into the model's mouth. */
export type ThoughtLimit = {
  readonly mostTokens: number;
  readonly closing: readonly number[];
  /** For what comes behind it, if the job has a grammar. */
  readonly grammarAfter: string | null;
};

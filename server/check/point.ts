import type { Task } from '../core/ask.ts';
import type { CheckPoint } from '../wire/checks.ts';
import type { Ask } from './ask.ts';
import type { Verdict } from './verdict.ts';

/** What a point knows of the model it is tried on. */
export type PointFacts = {
  readonly model: string;
  /** Longest conversation that is served; null where the server does not tell. */
  readonly contextTokens: number | null;
  /** Whether what it is sent leaves the office, and may cost money by the token. */
  readonly isOutside: boolean;
  /** How long reading the whole context may take. */
  readonly longestReadMs: number;
  readonly monotonicMs: () => number;
};

/** One thing that tools do, as a small program that does it. Judged is the form, never the wit: a tiny model has none. */
export type Point = {
  readonly id: CheckPoint;
  /** What a model must be made for. */
  readonly task: Task;
  /** Whether a model may honestly say no to it. */
  readonly isFeature: boolean;
  readonly timeoutMs: number;
  /** @throws Fault, Refusal, Broken, or the reason why it was ended */
  readonly run: (ask: Ask, facts: PointFacts) => Promise<Verdict>;
};

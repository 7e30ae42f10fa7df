import type { Backend } from '../../core/model.ts';
import type { ChatMessage, FinishReason, Sampling } from '../../core/generate.ts';

/**
 * What the server and one engine process say to each other over fork's IPC (`serialization: 'advanced'`). The
 * engine never waits for a reader, and no text of a prompt is ever in a `log` message.
 */

/** How a model is loaded; null leaves the choice to the engine, which measures the computer. */
export type LoadOptions = {
  readonly path: string;
  /** Requests at the same time. */
  readonly slots: number | null;
  /** Prompt and answer together, per slot. */
  readonly contextTokens: number | null;
  readonly threads: number | null;
};

export type EngineRequest = {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  readonly cacheScope: string | null;
};

export type ToEngine =
  | { readonly type: 'load'; readonly options: LoadOptions }
  | { readonly type: 'generate'; readonly id: number; readonly request: EngineRequest }
  | { readonly type: 'cancel'; readonly id: number };

/** An AppError on its way between two processes. */
export type WireError = {
  readonly message: string;
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly retryAfterSeconds: number | null;
};

/** Counted by the engine since the model was loaded. */
export type EngineStats = {
  /** Calls of `llama_decode`, seen at the library's binding and not assumed. */
  readonly decodes: number;
  readonly generatedTokens: number;
  readonly freeSlots: number;
  /** Of the last tick. */
  readonly threads: number;
};

export type AcceptedJob = {
  readonly id: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
};
export type JobText = { readonly id: number; readonly text: string; readonly tokens: number };
export type FinishedJob = {
  readonly id: number;
  readonly reason: FinishReason;
  readonly completionTokens: number;
};
export type FailedJob = { readonly id: number; readonly error: WireError };

/** Everything that one tick brought, for all requests, in the order accepted, text, finished. */
export type TickReport = {
  readonly accepted: readonly AcceptedJob[];
  readonly text: readonly JobText[];
  readonly finished: readonly FinishedJob[];
  readonly failed: readonly FailedJob[];
  readonly stats: EngineStats;
};

export type LoadedInfo = {
  readonly slots: number;
  readonly contextTokens: number;
  readonly backend: Backend;
  readonly threads: number;
};

export type FromEngine =
  | { readonly type: 'progress'; readonly percent: number }
  | ({ readonly type: 'ready' } & LoadedInfo)
  /** The process is of no more use; the server ends it. */
  | { readonly type: 'load-failed'; readonly reason: string }
  | ({ readonly type: 'tick' } & TickReport)
  | { readonly type: 'refused'; readonly id: number; readonly error: WireError }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

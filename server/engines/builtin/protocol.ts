import type { EmbedInput, Task } from '../../core/ask.ts';
import type { GraphicsFacts } from '../../core/graphics.ts';
import type { Backend } from '../../core/model.ts';
import type {
  ChatMessage,
  ChatOptions,
  FinishReason,
  RawPrompt,
  Sampling,
  TokenLogprob,
} from '../../core/generate.ts';
import type { OutputPiece } from './chat/tool-scanner.ts';

/**
 * What the server and one engine process say to each other over fork's IPC (`serialization: 'advanced'`). The
 * engine never waits for a reader, and no text of a prompt is ever in a `log` message.
 */

/** What this computer's engine could load a model with, measured just now. */
export type EngineMachine = {
  readonly backend: Backend;
  /** All that work here, best first, `cpu` last. */
  readonly backends: readonly Backend[];
  /** Null where this backend has none. */
  readonly gpu: {
    readonly freeBytes: number;
    readonly totalBytes: number;
    /** Whether it is the same memory as the processor's. */
    readonly isShared: boolean;
  } | null;
};

/** How a model is loaded, decided by the server (plan-room.ts). */
export type LoadOptions = {
  readonly path: string;
  /** Models for vectors and ranking are loaded without the GPU. */
  readonly task: Task;
  /** Requests at the same time. */
  readonly slots: number;
  /** Prompt and answer together, per slot; where memory turns out to be less, not below the least. */
  readonly contextTokens: number;
  readonly leastContextTokens: number;
  /** Null leaves the choice to the engine, which measures. */
  readonly threads: number | null;
  /** Which part of the model's layers goes to the GPU at most, if they fit: 0 … 1. */
  readonly gpuShare: number;
};

/** What a loaded model takes. */
export type EngineMemory = {
  /** Of its process; `mappedBytes` of these are pages of the model's file, which the system counts as free. */
  readonly rssBytes: number;
  readonly mappedBytes: number;
  readonly gpuBytes: number;
};

export type EngineRequest = {
  readonly messages: readonly ChatMessage[];
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  readonly cacheScope: string | null;
  /** A newer request with the same text takes the older one's place. */
  readonly replaces: string | null;
  readonly raw: RawPrompt | null;
  readonly chat: ChatOptions;
  /** How many of the likeliest tokens to tell beside each; null tells none and no log-probability. */
  readonly logprobs: number | null;
  readonly ignoreEos: boolean;
};

/** What is answered at once, without a slot. */
export type EngineQuestion =
  | { readonly type: 'embed'; readonly inputs: readonly EmbedInput[]; readonly dimensions: number | null }
  | { readonly type: 'rerank'; readonly query: string; readonly documents: readonly string[] }
  | { readonly type: 'count-tokens'; readonly request: EngineRequest };

/** Bears the type of its question. */
export type EngineAnswer =
  | {
      readonly type: 'embed';
      readonly vectors: readonly Float32Array[];
      readonly promptTokens: number;
    }
  | { readonly type: 'rerank'; readonly scores: readonly number[]; readonly promptTokens: number }
  | { readonly type: 'count-tokens'; readonly promptTokens: number };

export type ToEngine =
  /** First of all, and again whenever memory has changed before the load. */
  | { readonly type: 'survey'; readonly backend: Backend | 'auto' }
  | { readonly type: 'load'; readonly options: LoadOptions }
  /** Looks at the graphics cards; of a process that loads nothing. */
  | { readonly type: 'inspect' }
  | { readonly type: 'generate'; readonly id: number; readonly request: EngineRequest }
  | { readonly type: 'ask'; readonly id: number; readonly question: EngineQuestion }
  /** Of a request or a question; nothing more is told of it. */
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
  /** Why so many, in a sentence. */
  readonly threadsReason: string;
  readonly memory: EngineMemory;
};

export type AcceptedJob = {
  readonly id: number;
  readonly promptText?: string;
  readonly promptTokens: number;
  readonly cachedTokens: number;
};
export type JobText = {
  readonly id: number;
  readonly piece: OutputPiece;
  readonly tokens: number;
  readonly logprobs?: readonly TokenLogprob[];
};
export type FinishedJob = {
  readonly id: number;
  readonly reason: FinishReason;
  /** The stop string that ended it, if one did. */
  readonly stopSequence?: string;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
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
  readonly memory: EngineMemory;
};

export type FromEngine =
  | ({ readonly type: 'machine' } & EngineMachine)
  | { readonly type: 'inspected'; readonly graphics: GraphicsFacts }
  | { readonly type: 'progress'; readonly percent: number }
  | ({ readonly type: 'ready' } & LoadedInfo)
  /** The process is of no more use; the server ends it. */
  | { readonly type: 'load-failed'; readonly reason: string }
  /** A tick that reads so many tokens of prompts has begun, and may take its time (watchdog.ts). */
  | { readonly type: 'reading'; readonly tokens: number }
  | ({ readonly type: 'tick' } & TickReport)
  /** A computation failed and nothing is certain any more: it ends itself now. */
  | { readonly type: 'broken'; readonly reason: string }
  | { readonly type: 'answered'; readonly id: number; readonly answer: EngineAnswer }
  | { readonly type: 'refused'; readonly id: number; readonly error: WireError }
  | { readonly type: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };

import type { Task } from './ask.ts';

/**
 * A model as the office sees it. `off`: on disk, not loaded. `failed`: cannot be used, `reason` says why and
 * what to do. `ready` and `busy` differ by `activeSlots` only.
 */
export type ModelState = 'off' | 'loading' | 'ready' | 'busy' | 'failed';

/** What really computes; reported by the engine itself, never assumed. */
export type Backend = 'cpu' | 'cuda' | 'vulkan' | 'metal';

export type ModelDescription = {
  /** Readable slug, unique on this computer: `smollm2-135m-instruct`. */
  readonly id: string;
  readonly engine: string;
  /** What it is made for. */
  readonly task: Task;
  /**
   * Where it comes from: brought along, fetched by us, added by the owner, found in a folder that was named, or another
   * server's: Ollama's or an upstream's.
   */
  readonly source: 'starter' | 'pulled' | 'added' | 'folder' | 'ollama' | 'upstream';
  /** The file; for another server's model, the server's address. */
  readonly path: string;
  readonly sizeBytes: number;
  /** When the file was last changed; what `/v1/models` gives as `created`. */
  readonly modifiedMs: number;
  readonly state: ModelState;
  /** 0 … 100 while loading, else null. */
  readonly progressPercent: number | null;
  /** Why it failed, in a sentence for the owner; else null. */
  readonly reason: string | null;
  /** Whether it was refused because the memory would not be enough, so that it can be tried anyway; absent for no. */
  readonly isTooBig?: boolean;
  /** The rest is known once loaded; null before. */
  readonly contextTokens: number | null;
  readonly slots: number | null;
  readonly activeSlots: number;
  readonly backend: Backend | null;
  readonly threads: number | null;
  /** How often the engine has run the model since it was loaded: one per tick, however many streams. */
  readonly decodes: number | null;
  /** Tokens generated since it was loaded. */
  readonly generatedTokens: number | null;
  /** Why so many threads, in a sentence; null until something was measured. */
  readonly threadsReason: string | null;
  /** What holds up its loading: another load, memory that others use, or the pause after a crash. */
  readonly waitingFor: 'turn' | 'memory' | 'restart' | null;
  readonly memory: ModelMemory;
  /** How it was tried to load it the last time, in order; the last one is how it runs, or why it does not. */
  readonly attempts: readonly LoadAttempt[];
  /** When it will be unloaded if nobody asks before; null while it is busy, pinned or not loaded. */
  readonly keepAliveUntilMs: number | null;
  /** Crashes since it last answered a request to the end, and the last one's story. */
  readonly crashes: number;
  readonly lastCrash: string | null;
  readonly settings: ModelSettings;
  /** What its file says of itself; absent for other servers' models, and for a file that cannot be read. */
  readonly header?: ModelHeader;
  /** Whether it can be shown pictures; absent where that is not known. */
  readonly canSee?: boolean;
  /** Since when it is in memory; null while it is not, absent for other servers' models. */
  readonly readySinceMs?: number | null;
};

/** Of a model's file, whether it is loaded or not. */
export type ModelHeader = {
  /** Longest conversation it was trained for; null where the header does not tell. */
  readonly trainContextTokens: number | null;
  /** What one token of a conversation takes in memory, at most. */
  readonly contextBytesPerToken: number;
  /** Beside weights and conversations. */
  readonly workingBytes: number;
  readonly canUseTools: boolean | null;
  /** Which part of the weights is read for each token that is written, 0 … 1; null where it cannot be told. */
  readonly activeShare: number | null;
};

export type ModelMemory = {
  /** Weights, conversations and working memory as reckoned before loading; null until it was to be loaded. */
  readonly estimatedBytes: number | null;
  /** What it really takes, GPU included; null while it is not loaded. */
  readonly measuredBytes: number | null;
};

export type LoadAttempt = {
  readonly backend: Backend;
  /** Which part of the model was to be on the GPU, as far as it fits: 0 … 1. */
  readonly gpuShare: number;
  readonly slots: number;
  readonly contextTokens: number;
  /** Null if it is loaded this way; else why not, in a sentence. */
  readonly reason: string | null;
  /** The engine's own words where it failed. */
  readonly cause: string | null;
};

/** What the owner has set for a model. */
export type ModelSettings = {
  /** Stays in memory: neither idleness nor another model unloads it. */
  readonly pinned: boolean;
  /** Is loaded when the server starts. */
  readonly preload: boolean;
  /** Idle for so long, it is unloaded; null for the usual 30 minutes. */
  readonly keepAliveMinutes: number | null;
  /**
   * People at once, and the longest conversation of each (prompt and answer together): memory is their product, so
   * they are one choice. Null leaves it to the computer's memory.
   */
  readonly slots: number | null;
  readonly contextTokens: number | null;
};

export const usualModelSettings: ModelSettings = {
  pinned: false,
  preload: false,
  keepAliveMinutes: null,
  slots: null,
  contextTokens: null,
};

export const usualKeepAliveMinutes = 30;

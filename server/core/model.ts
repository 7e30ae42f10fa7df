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
  /** Where it comes from: brought along, added by the owner, or found in a folder that was named. */
  readonly source: 'starter' | 'added' | 'folder';
  readonly path: string;
  readonly sizeBytes: number;
  /** When the file was last changed; what `/v1/models` gives as `created`. */
  readonly modifiedMs: number;
  readonly state: ModelState;
  /** 0 … 100 while loading, else null. */
  readonly progressPercent: number | null;
  /** Why it failed, in a sentence for the owner; else null. */
  readonly reason: string | null;
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
};

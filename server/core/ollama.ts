/** What the owner has set about Ollama. */
export type OllamaSettings = {
  /** Whose Ollama answers: none, one that we start and stop, or the one that somebody else runs on this computer. */
  readonly use: 'none' | 'own' | 'theirs';
  /** Requests one model answers at once. Each needs memory for a conversation of its own. */
  readonly requestsAtOnce: number;
  /** Models in memory at once. */
  readonly modelsAtOnce: number;
  /** Idle for so long, a model leaves the memory. */
  readonly keepAliveMinutes: number;
  /** Longest conversation, prompt and answer together: really asked for with every request. */
  readonly contextTokens: number;
};

export const usualOllamaSettings: OllamaSettings = {
  use: 'none',
  requestsAtOnce: 4,
  modelsAtOnce: 2,
  keepAliveMinutes: 30,
  contextTokens: 16_384,
};

/** A model that is being fetched by Ollama, or was. */
export type OllamaPull = {
  readonly model: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  /** What Ollama says it is doing, or why it failed. */
  readonly status: string;
  readonly doneBytes: number;
  /** Null until it tells. */
  readonly totalBytes: number | null;
};

/** The Ollama that answers, or could. */
export type OllamaState = {
  /** `running`: somebody's own answers at the usual address; `installed`: it could be started; `missing`: it is not here. */
  readonly found: 'running' | 'installed' | 'missing';
  /** Of the one that somebody else runs; null while there is none. */
  readonly theirs: { readonly address: string; readonly version: string } | null;
  readonly program: string | null;
  /** What becomes of the one that is used. */
  readonly state: 'off' | 'starting' | 'ready' | 'failed';
  readonly reason: string | null;
  readonly address: string | null;
  readonly version: string | null;
  /** What the owner should know, in sentences. */
  readonly warnings: readonly string[];
  /** Whether settings wait for running answers to end. */
  readonly restartPending: boolean;
  readonly settings: OllamaSettings;
  readonly pulls: readonly OllamaPull[];
};

/** Everything the owner can do with Ollama. */
export type OllamaControl = {
  /** Looks again whether it runs or is installed. */
  readonly read: (signal: AbortSignal) => Promise<OllamaState>;
  /**
   * Changes what is set. Ours is started anew for what it reads at its start only, once nothing runs in it; somebody's own
   * is never touched. Resolves when it is ready or has failed.
   */
  readonly configure: (change: Partial<OllamaSettings>) => Promise<OllamaState>;
  /** Fetches a model; answers at once. @throws AppError 400, 409 */
  readonly pull: (model: string) => OllamaPull;
  /** @throws AppError 404 */
  readonly cancelPull: (model: string) => void;
  /** All that run. What is here stays. */
  readonly cancelPulls: () => void;
};

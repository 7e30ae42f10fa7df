import type { GeneratePart, GenerateRequest } from './generate.ts';
import type { ModelDescription } from './model.ts';

/** Something that answers requests for one or more models. Built-in, Ollama, or an upstream. */
export type Engine = {
  readonly id: string;
  /** Every model this engine knows, loaded or not, with its present state. */
  models(): readonly ModelDescription[];
  /**
   * Loads the model if it is not loaded; however many ask at once, it is loaded once. Resolves when requests
   * are accepted. Rejects with an AppError when it cannot be loaded, or with the signal's reason.
   */
  ensureReady(modelId: string, signal: AbortSignal): Promise<ReadyModel>;
  /**
   * Answers one request; call `ensureReady` first and hold one of its slots. Aborting the signal stops the
   * generation within one tick and ends the iteration by throwing the signal's reason.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GeneratePart>;
  /** Frees the model's memory once its running requests have ended. */
  unload(modelId: string): Promise<void>;
  /** Ends everything, running requests included. Resolves when no process of the engine is left. */
  stop(): Promise<void>;
};

export type ReadyModel = {
  /** How many requests this model serves at the same time. */
  readonly slots: number;
  /** Longest conversation of one slot, prompt and answer together, in tokens. */
  readonly contextTokens: number;
};

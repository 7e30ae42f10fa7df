import type { EmbedAnswer, EmbedRequest, RerankAnswer, RerankRequest, Task } from './ask.ts';
import type { GeneratePart, GenerateRequest } from './generate.ts';
import type { ModelDescription } from './model.ts';

/** Something that answers requests for one or more models. Built-in, Ollama, or an upstream. */
export type Engine = {
  readonly id: string;
  /** Whether what it is sent leaves the office ("may leave the office" is a right of a key). Absent: it stays. */
  readonly isOutside?: boolean;
  /**
   * Whether it answers over a network: what fails before the first part is then tried again after a pause, and a model
   * that goes on failing is left alone for a while. Absent: it computes here, and its failures are its own to mend.
   */
  readonly isRemote?: boolean;
  /**
   * Whether its models take this computer's own memory, so that they are held back while the owner needs it. Absent: unless
   * it is remote.
   */
  readonly computesHere?: boolean;
  /**
   * Whether it hands requests on to a server that may do the same. A request that has already come from another
   * Inglenook goes to no such engine, so that two that name each other cannot send it round and round.
   */
  readonly handsOn?: boolean;
  /**
   * Whether it can be reached, cheaply and without computing anything: rejects if not. Asked every few seconds, with a
   * short time-out in the signal. Absent: never asked.
   */
  probe?(signal: AbortSignal): Promise<void>;
  /** Every model this engine knows, loaded or not, with its present state. */
  models(): readonly ModelDescription[];
  /**
   * Loads the model if it is not loaded; however many ask at once, it is loaded once. Resolves when requests
   * are accepted. Rejects with an AppError when it cannot be loaded, or with the signal's reason. Without a task it
   * is loaded for what it is made for.
   */
  ensureReady(modelId: string, signal: AbortSignal, task?: Task): Promise<ReadyModel>;
  /**
   * Looks at the schemas of a request before anything is loaded: the paths of keywords that will not be enforced.
   * Throws an AppError (400) for those that cannot be done at all. Absent: everything is passed on.
   */
  check?(request: GenerateRequest): readonly string[];
  /**
   * Answers one request; call `ensureReady` first and hold one of its slots. Aborting the signal stops the
   * generation within one tick and ends the iteration by throwing the signal's reason.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GeneratePart>;
  /** Texts as vectors; `ensureReady` for 'embed' first. Rejects with an AppError 400 for what the model cannot take. */
  embed(request: EmbedRequest, signal: AbortSignal): Promise<EmbedAnswer>;
  /** How well each document answers the query; `ensureReady` for 'rerank' first. 400 unless the model is made for it. */
  rerank(request: RerankRequest, signal: AbortSignal): Promise<RerankAnswer>;
  /** Tokens of the prompt, as the model's own template renders it. Needs no slot; `ensureReady` first. */
  countTokens(request: GenerateRequest, signal: AbortSignal): Promise<number>;
  /** Frees the model's memory once its running requests have ended. */
  unload(modelId: string): Promise<void>;
  /** Ends everything, running requests included. Resolves when no process of the engine is left. */
  stop(): Promise<void>;
};

export type ReadyModel = {
  /** How many requests this model serves at the same time. */
  readonly slots: number;
  /**
   * What shares these slots: every request to the engine, or every one to this model, whatever its task. Absent: those
   * to this model for this task.
   */
  readonly slotsAreFor?: 'engine' | 'model';
  /** Longest conversation of one slot, prompt and answer together, in tokens. */
  readonly contextTokens: number;
};

/**
 * The one internal contract between the dialects (what clients speak) and the engines (what answers):
 * `generate(request, signal) → AsyncIterable<GeneratePart>` (design decision 1).
 */

export type TextContent = { readonly type: 'text'; readonly text: string };
/** Something other than text: an image, sound or file. Only engines that can take it get it. */
export type MediaContent = { readonly type: 'media'; readonly kind: 'image' | 'audio' | 'file' };
export type ContentPart = TextContent | MediaContent;

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

export type ChatMessage = {
  readonly role: ChatRole;
  readonly content: readonly ContentPart[];
  readonly name?: string;
};

/** How the next token is chosen. `null` means that the client did not ask; the engine's default applies. */
export type Sampling = {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly minP: number | null;
  readonly presencePenalty: number | null;
  readonly frequencyPenalty: number | null;
  /** Unsigned 32-bit; the same seed and request give the same answer on the same engine. */
  readonly seed: number | null;
  /** Token id of the model → value added to its logit, −100 … 100. */
  readonly logitBias: Readonly<Record<number, number>>;
};

export type GenerateRequest = {
  /** What the client called the model; routing replaces it by the id of the model that serves. */
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  /** Most tokens to answer with; `null` up to the end of the context. */
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  /**
   * Whose prompts may share computed prefixes: only requests of the same scope reuse one another's. The key's id;
   * null shares with nobody (timing would otherwise tell one key what another has asked).
   */
  readonly cacheScope: string | null;
};

export type FinishReason = 'stop' | 'length';

export type Usage = {
  readonly promptTokens: number;
  /** Of the prompt's tokens, how many were not computed again because the slot still held them. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
};

/**
 * What an engine says, in order: one `start`, any number of `text-delta`, one `finish`. Errors are thrown:
 * before the first part another engine may still be tried, after it the stream ends with the dialect's error.
 */
export type GeneratePart =
  | {
      readonly type: 'start';
      readonly promptTokens: number;
      readonly cachedTokens: number;
    }
  /** `tokens`: how many tokens of the answer have been spent since the last part (may be 0 or several). */
  | { readonly type: 'text-delta'; readonly text: string; readonly tokens: number }
  | { readonly type: 'finish'; readonly reason: FinishReason; readonly usage: Usage };

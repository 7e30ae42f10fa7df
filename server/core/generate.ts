/**
 * The one internal contract between the dialects (what clients speak) and the engines (what answers):
 * `generate(request, signal) → AsyncIterable<GeneratePart>` (design decision 1).
 */

export type TextContent = { readonly type: 'text'; readonly text: string };
/** Something other than text: an image, sound or file. Only engines that can take it get it. */
export type MediaContent = {
  readonly type: 'media';
  readonly kind: 'image' | 'audio' | 'file';
  /** Absent where the client names what only its vendor's servers hold (the id of an uploaded file): no engine of ours can take that. */
  readonly source?: MediaSource;
  /** Of a file, as the client calls it. */
  readonly name?: string;
  /** How closely an image is to be looked at; absent leaves it to the model. */
  readonly detail?: 'low' | 'high' | 'auto' | 'original';
};

/** The thing itself in base64, or where it lies (http or https); what lies elsewhere is fetched before an engine gets it. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mimeType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string };

export type ContentPart = TextContent | MediaContent;

export type ChatRole = 'system' | 'user' | 'assistant' | 'tool';

export type ChatMessage = {
  readonly role: ChatRole;
  readonly content: readonly ContentPart[];
  readonly name?: string;
  /** What an assistant's message has called. */
  readonly toolCalls?: readonly ToolCall[];
  /** Which call a tool's message answers. */
  readonly toolCallId?: string;
  /** What an assistant's message has thought before it spoke. */
  readonly reasoning?: string;
};

/** `arguments` is JSON text, as the model wrote it. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };

/** A schema of the client's, and where it stands in the request: `path` begins what is said about its keywords. */
export type RequestSchema = { readonly schema: unknown; readonly path: string; readonly param: string };

export type Tool = {
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema of the arguments, always an object; null for a tool without. */
  readonly parameters: RequestSchema | null;
  /** Whether a keyword that cannot be enforced is an error; else it is dropped and named. */
  readonly isStrict: boolean;
};

/** `name`: exactly this tool. */
export type ToolChoice = 'none' | 'auto' | 'required' | { readonly name: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  /** Any JSON object. */
  | { readonly type: 'json' }
  | ({ readonly type: 'json-schema' } & RequestSchema);

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh';

/** What is asked of a conversation beyond its text. */
export type ChatOptions = {
  readonly responseFormat: ResponseFormat;
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice;
  /** Whether one answer may call several tools. */
  readonly parallelToolCalls: boolean;
  /** How much the model may think; null leaves it to the model. */
  readonly reasoningEffort: ReasoningEffort | null;
  /** At most so many tokens of thought, where a client sets a number beside the effort. */
  readonly mostReasoningTokens?: number;
  /** Further variables of the model's own template, such as `enable_thinking`. */
  readonly templateArguments: Readonly<Record<string, unknown>>;
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

/** Nothing asked for: the model's or the engine's own values. */
export const usualSampling: Sampling = {
  temperature: null,
  topP: null,
  topK: null,
  minP: null,
  presencePenalty: null,
  frequencyPenalty: null,
  seed: null,
  logitBias: {},
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
  /**
   * Only the newest request with this text counts: an older one of the same model that still waits or runs ends with
   * 409 `replaced` (completions while typing; the text names the device).
   */
  readonly replaces?: string;
  /** Instead of `messages`: no template is used. */
  readonly raw?: RawPrompt;
  /** Tell each token's log-probability, and those of this many likeliest tokens (0 … 20) beside it. */
  readonly logprobs?: number;
  /** Go on after the model has ended its answer, up to `maxTokens`: for measuring. */
  readonly ignoreEos?: boolean;
  /**
   * Nobody reads along, and all that the answer may cost is put aside: it may come in one piece. An engine that does so
   * tells what was computed in vain where the request is aborted, in parts without text.
   */
  readonly whole?: true;
  /** Absent for plain text without tools. */
  readonly chat?: ChatOptions;
};

/** A prompt as it is: a text, or tokens of the model's own. */
export type RawPrompt = {
  readonly prompt: string | readonly number[];
  /** What comes after the answer: the model fills the middle, by its own tokens for that. Null: goes on from the prompt. */
  readonly suffix: string | null;
  /** Tell a prompt of tokens as text in `start`. */
  readonly echo?: boolean;
};

/** `logprob` is natural; −9999 stands for a token that is not among the likeliest few hundred. */
export type Likelihood = {
  readonly text: string;
  readonly logprob: number;
};
/** A token of the answer, and the likeliest tokens in its place, in descending order. */
export type TokenLogprob = Likelihood & { readonly top: readonly Likelihood[] };

export type FinishReason = 'stop' | 'length' | 'tool_calls';

export type Usage = {
  readonly promptTokens: number;
  /** Of the prompt's tokens, how many were not computed again because the slot still held them. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** Of the answer's tokens, how many were thought and not said. */
  readonly reasoningTokens?: number;
};

/** A piece of an answer that is not text for the reader. A call is whole before the next one, or text, begins. */
export type ToolCallPiece =
  /** `index` counts the calls of one answer, from 0; `id` is unique. */
  | { readonly type: 'tool-call-start'; readonly index: number; readonly id: string; readonly name: string }
  /** The next piece of the arguments' JSON text. */
  | { readonly type: 'tool-call-delta'; readonly index: number; readonly arguments: string };

/**
 * Pieces of an upstream's own answer that came together, for a dialect of the same kind to pass on without parsing it (design decision 1):
 * the envelope (id, time, the model's name) is ours, what is in it is as the upstream wrote it, unknown fields included.
 */
export type PassedFrames = {
  readonly dialect: 'openai-chat';
  /** JSON of the one choice of each, its `index` 0. */
  readonly choices: readonly string[];
};

/**
 * What an engine says, in order: one `start`, any number of deltas, one `finish`. Errors are thrown:
 * before the first part another engine may still be tried, after it the stream ends with the dialect's error.
 */
export type GeneratePart =
  | {
      readonly type: 'start';
      readonly promptTokens: number;
      readonly cachedTokens: number;
      /** Where it was asked for. */
      readonly promptText?: string;
      /** What the prompt really has is told at the end only. */
      readonly isEstimate?: true;
    }
  /** `tokens`: how many tokens of the answer have been spent since the last part (may be 0 or several). */
  | {
      readonly type: 'text-delta';
      readonly text: string;
      readonly tokens: number;
      /** Of the tokens of this text, where they were asked for. */
      readonly logprobs?: readonly TokenLogprob[];
      /** How the upstream put it. `text` says the same; where frames are, it is read only when somebody asks for it. */
      readonly frames?: PassedFrames;
    }
  /** What the model thinks; before the text. */
  | { readonly type: 'reasoning-delta'; readonly text: string; readonly tokens: number }
  | (ToolCallPiece & { readonly tokens: number })
  /** `stopSequence`: the one of the request's `stop` that ended it, where the engine tells. */
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      readonly stopSequence?: string;
      readonly usage: Usage;
    };

/** A part of one of several answers to a request; the first answer is choice 0. */
export type ChoicePart = { readonly choice: number; readonly part: GeneratePart };

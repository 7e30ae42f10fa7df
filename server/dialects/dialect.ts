import type { Task } from '../core/ask.ts';
import type { Engine } from '../core/engine.ts';
import type { AppError } from '../core/errors.ts';
import type {
  FinishReason,
  GeneratePart,
  GenerateRequest,
  TokenLogprob,
  ToolCall,
  Usage,
} from '../core/generate.ts';

/** A wire language clients speak, as a pure translation to and from the internal contract. */
export type Dialect = {
  readonly id: string;
  /** Wire body → call. Throws an AppError (400) that names the field. */
  readonly parse: (body: unknown) => Call;
  /** The whole answer as the JSON value to send. */
  readonly whole: (answer: WholeAnswer, call: Call) => unknown;
  /** The same as JSON where it is one plain text, which nearly all are, and can be written down at once; else null. */
  readonly wholeText?: (answer: WholeAnswer, call: Call) => string | null;
  /** One encoder per streamed choice; returns the bytes to send as text, whole SSE frames only. */
  readonly openStream: (head: AnswerHead, call: Call, choice: number) => StreamEncoder;
  /** The error body, and its HTTP status. `requestId`: as in the header. */
  readonly error: (
    error: AppError,
    requestId?: string,
  ) => { readonly status: number; readonly body: unknown };
};

/** A language for questions that are answered at once, in one JSON value: embeddings, ranking. */
export type AskDialect = {
  readonly id: string;
  readonly parseAsk: (body: unknown) => AskCall;
  readonly error: Dialect['error'];
};

export type AskCall = {
  readonly model: string;
  readonly task: Task;
  /** False for what computes nothing and so waits for nobody; else it holds one of the model's slots. */
  readonly needsSlot?: boolean;
  readonly dropped: readonly string[];
  /** All that the reply depends on beside the model that serves, as JSON; absent where a reply is never given again. */
  readonly asked?: unknown;
  /** Puts the question to the engine that was chosen; the reply is in this language. */
  readonly ask: (engine: Engine, modelId: string, signal: AbortSignal) => Promise<Reply>;
};

export type Reply = { readonly body: unknown; readonly promptTokens: number };

export type Call = {
  readonly request: GenerateRequest;
  /** Answers wanted beside the first (`n`, several prompts), in the order of their choices. */
  readonly more?: readonly GenerateRequest[];
  /** Texts to be put before the answers, by choice, null for those the engine tells; none where absent. */
  readonly echo?: readonly (string | null)[];
  readonly stream: boolean;
  /** Whether a stream ends with a frame that tells the usage. */
  readonly includeUsage: boolean;
  /** Fields that were asked for and are not done, named in `x-inglenook-dropped`. */
  readonly dropped: readonly string[];
  /** Whether calls are told in OpenAI's form before tools, one `function_call`. */
  readonly usesFunctions?: boolean;
};

/** What is the same in every piece of one answer. */
export type AnswerHead = {
  readonly requestId: string;
  /** The name the client used. */
  readonly model: string;
  readonly createdSeconds: number;
};

export type WholeAnswer = AnswerHead & {
  /** At least one, in order. */
  readonly choices: readonly WholeChoice[];
  /** Of all choices; a prompt that several of them share is counted once. */
  readonly usage: Usage;
};

export type WholeChoice = {
  /** As the engine has told it; empty where nobody asked. */
  readonly promptText?: string;
  readonly text: string;
  /** What the model has thought before; empty if nothing. */
  readonly reasoning: string;
  readonly toolCalls: readonly ToolCall[];
  readonly reason: FinishReason;
  /** The stop string that ended it, where that is known. */
  readonly stopSequence?: string;
  /** Null where they were not asked for. */
  readonly logprobs: readonly TokenLogprob[] | null;
};

export type StreamEncoder = {
  /** Empty where the part needs no frame. */
  readonly encode: (part: GeneratePart) => string;
  /** Everything that follows when all choices have finished, up to the stream's end; `usage` is theirs together. */
  readonly end: (usage: Usage) => string;
  /** The last frame of a stream that failed after it had begun. */
  readonly fail: (error: AppError) => string;
  /** Sent at least every 15 s while nothing else is. */
  readonly keepAlive: () => string;
};

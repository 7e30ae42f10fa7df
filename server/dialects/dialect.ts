import type { AppError } from '../core/errors.ts';
import type { FinishReason, GeneratePart, GenerateRequest, Usage } from '../core/generate.ts';

/** A wire language clients speak, as a pure translation to and from the internal contract. */
export type Dialect = {
  readonly id: string;
  /** Wire body → call. Throws an AppError (400) that names the field. */
  readonly parse: (body: unknown) => Call;
  /** The whole answer as the JSON value to send. */
  readonly whole: (answer: WholeAnswer) => unknown;
  /** One encoder per streamed answer; returns the bytes to send as text, whole SSE frames only. */
  readonly openStream: (head: AnswerHead, call: Call) => StreamEncoder;
  /** The error body, and its HTTP status. */
  readonly error: (error: AppError) => { readonly status: number; readonly body: unknown };
};

export type Call = {
  readonly request: GenerateRequest;
  readonly stream: boolean;
  /** Whether a stream ends with a frame that tells the usage. */
  readonly includeUsage: boolean;
  /** Fields that were asked for and are not done, named in `x-inglenook-dropped`. */
  readonly dropped: readonly string[];
};

/** What is the same in every piece of one answer. */
export type AnswerHead = {
  readonly requestId: string;
  /** The name the client used. */
  readonly model: string;
  readonly createdSeconds: number;
};

export type WholeAnswer = AnswerHead & {
  readonly text: string;
  readonly reason: FinishReason;
  readonly usage: Usage;
};

export type StreamEncoder = {
  /** Empty where the part needs no frame. A `finish` part gives everything up to the stream's end. */
  readonly encode: (part: GeneratePart) => string;
  /** The last frame of a stream that failed after it had begun. */
  readonly fail: (error: AppError) => string;
  /** Sent at least every 15 s while nothing else is. */
  readonly keepAlive: string;
};

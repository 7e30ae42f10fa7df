/**
 * The only error that reaches a client. Made where the cause is known; rendered by a dialect or the admin API.
 * The message tells the person what happened and what to do; it never holds a key, a prompt or a path that the
 * reader has no business with.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  /** HTTP status. */
  readonly status: number;
  /** Machine-readable, in OpenAI's vocabulary where it has a word: `invalid_api_key`, `model_not_found`. */
  readonly code: string;
  /** JSON path of the offending field, where there is one. */
  readonly param: string | null;
  readonly retryAfterSeconds: number | null;
  /** Whether the same request may succeed later without anyone doing anything. */
  readonly retryable: boolean;
  /** Who failed: we, or the engine or upstream behind us. */
  readonly source: 'inglenook' | 'engine';
  /** What a limit counts that is used up for now (429). */
  readonly limited: 'requests' | 'tokens';

  constructor(message: string, details: AppErrorDetails) {
    super(message, { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.param = details.param ?? null;
    this.retryAfterSeconds = details.retryAfterSeconds ?? null;
    this.retryable = details.retryable ?? details.retryAfterSeconds !== undefined;
    this.source = details.source ?? 'inglenook';
    this.limited = details.limited ?? 'requests';
  }
}

export type AppErrorDetails = {
  readonly status: number;
  readonly code: string;
  readonly param?: string;
  readonly retryAfterSeconds?: number;
  readonly retryable?: boolean;
  readonly source?: 'inglenook' | 'engine';
  readonly limited?: 'requests' | 'tokens';
  readonly cause?: unknown;
};

/** A request we understand to be wrong: 400, naming the field where there is one. */
export function invalidRequest(message: string, param?: string): AppError {
  return new AppError(message, {
    status: 400,
    code: 'invalid_request',
    ...(param === undefined ? {} : { param }),
  });
}

/**
 * The one answer for a model that does not exist and for one the key may not use (no existence oracle). `nearest`: names
 * like it that the key may use, so that a slip of the finger costs one look.
 */
export function modelNotFound(name: string, nearest: readonly string[] = []): AppError {
  const hint =
    nearest.length === 0 ? '' : ` Did you mean ${nearest.map((one) => `\`${one}\``).join(' or ')}?`;
  return new AppError(`The model \`${name}\` does not exist or you do not have access to it.${hint}`, {
    status: 404,
    code: 'model_not_found',
    param: 'model',
  });
}

/** What an older request is told when a newer one of the same device has taken its place. */
export function replacedByNewer(): AppError {
  return new AppError('A newer completion was asked for by the same device, so this one was given up.', {
    status: 409,
    code: 'replaced',
    retryable: false,
  });
}

/** The one door for errors we did not make: nothing of their text reaches a client. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError(
    'Something went wrong inside Inglenook. The server goes on; its log has the details. Please try again.',
    { status: 500, code: 'internal_error', cause: error },
  );
}

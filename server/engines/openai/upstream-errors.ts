import { EgressRefused } from '../../core/egress.ts';
import { AppError } from '../../core/errors.ts';

/** What went wrong at an upstream, in our words. Nothing of what it says is trusted: it may hold our own key. */

const mostTextCharacters = 400;
const longestWaitSeconds = 3600;
const usualWaitSeconds = 5;

/** The upstream answered with an error status (or said so in its stream). `text`: its own words, untrusted. */
export function fromStatus(
  name: string,
  status: number,
  { text, retryAfterSeconds, isSpent, secret }: UpstreamWords = {},
): AppError {
  const words = spoken(text ?? '', secret ?? null);
  const said = words === '' ? '' : ` It says: ${words}`;
  if (status >= 300 && status < 400) {
    return broken(name, 'upstream_redirects', 'sends us to another address, which is not followed');
  }
  if (status === 401 || status === 403) {
    return unusable(
      name,
      'upstream_refused',
      'does not accept the key it was given. The owner can set another.',
    );
  }
  if (status === 404) {
    return unusable(name, 'upstream_model_missing', `does not have this model (any more).${said}`);
  }
  if (status === 413)
    return clientError(413, 'request_too_large', `The request is too large for ${name}.${said}`);
  if (status === 429 && isSpent === true) {
    return unusable(name, 'upstream_refused', `says that what we may use there is spent.${said}`);
  }
  if (status === 429 || status === 503) {
    return new AppError(`${name} is busy: it takes no further request just now.${said}`, {
      status: 503,
      code: 'upstream_busy',
      retryAfterSeconds: retryAfterSeconds ?? usualWaitSeconds,
      source: 'engine',
    });
  }
  if (status >= 400 && status < 500) {
    const code = /context|too long|maximum.{0,20}tokens/iu.test(words)
      ? 'context_length_exceeded'
      : 'invalid_request';
    return clientError(400, code, `${name} does not take this request.${said}`);
  }
  // What a server says when it breaks (paths, traces) is for its owner, not for who asked.
  return broken(name, 'upstream_failed', `failed (${status})`, new Error(words));
}

export type UpstreamWords = {
  readonly text?: string;
  readonly retryAfterSeconds?: number | null;
  /** Its 429 is about a budget: trying again does not help. */
  readonly isSpent?: boolean;
  /** The key that was sent; it never comes back out. */
  readonly secret?: string | null;
};

/** The connection failed, or something on it was not what it should be. The caller's own abort comes through as it is. */
export function fromFailure(name: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof AppError) return error;
  const refusal = error instanceof EgressRefused || causeOf(error) instanceof EgressRefused;
  if (refusal) {
    return unusable(
      name,
      'upstream_outside',
      'lies outside the office (or nowhere a request may go), and it was not said that requests may leave the office to it.',
      error,
    );
  }
  const code = errorCode(error);
  if (/ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|CONNECT_TIMEOUT/u.test(code)) {
    return unavailable(name, 'upstream_unreachable', `cannot be reached (${code}). Is it running?`, error);
  }
  if (/CERT|TLS|SSL/iu.test(code)) {
    return unusable(name, 'upstream_refused', `shows a certificate that is not trusted (${code}).`, error);
  }
  return broken(name, 'upstream_broken', 'broke the connection off in the middle.', error);
}

export function tooSilent(name: string, seconds: number): AppError {
  return new AppError(`${name} has said nothing for ${seconds} s, so this request was given up.`, {
    status: 504,
    code: 'upstream_timeout',
    retryable: true,
    source: 'engine',
  });
}

export function broken(name: string, code: string, what: string, cause?: unknown): AppError {
  const sentence = /[.!?]$/u.test(what) ? what : `${what}.`;
  return new AppError(`${name} ${sentence}`, {
    status: 502,
    code,
    retryable: true,
    source: 'engine',
    cause,
  });
}

function unavailable(name: string, code: string, what: string, cause?: unknown): AppError {
  return new AppError(`${name} ${what}`, { status: 503, code, retryable: true, source: 'engine', cause });
}

/** Nothing that time mends: another may be asked instead, but this one not again (`retryable`). */
function unusable(name: string, code: string, what: string, cause?: unknown): AppError {
  return new AppError(`${name} ${what}`, { status: 503, code, retryable: false, source: 'engine', cause });
}

/** For requests, while what was asked of the server itself (its list of models) has failed. Never the asker's fault. */
export function whileFailed(name: string, failure: AppError | null): AppError {
  if (failure !== null && failure.status >= 500) return failure;
  return unavailable(name, 'upstream_unreachable', 'cannot be used just now.', failure);
}

function clientError(status: number, code: string, message: string): AppError {
  return new AppError(message, { status, code, retryable: false, source: 'engine' });
}

/** One line of its words, without anything that looks like a secret. */
function spoken(text: string, secret: string | null): string {
  const own = secret === null || secret === '' ? text : text.replaceAll(secret, '…');
  return own
    .slice(0, 8 * mostTextCharacters)
    .replaceAll(/\b(?:sk|pk|hf|gsk|xai|ghp)[-_][\w-]{8,}/giu, '…')
    .replaceAll(/bearer\s+\S+/giu, '…')
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, mostTextCharacters);
}

/** The words of an error body: OpenAI's form, Ollama's, FastAPI's; nothing of a page that is no JSON. */
export function wordsOf(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return '';
    const { error, detail, message } = value as Record<string, unknown>;
    for (const candidate of [error, (error as { message?: unknown } | undefined)?.message, message, detail]) {
      if (typeof candidate === 'string') return candidate;
    }
    return '';
  } catch {
    return '';
  }
}

/** Whether an error body says `insufficient_quota`, as OpenAI and another Inglenook do where a budget is spent. */
export function saysSpent(body: string): boolean {
  return /"(?:code|type)"\s*:\s*"insufficient_quota"/u.test(body);
}

/** `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), within reason; null where it says nothing. */
export function secondsOf(header: string | undefined, nowMs: number): number | null {
  if (header === undefined || header.trim() === '') return null;
  const seconds = /^\s*\d+(?:\.\d+)?\s*$/u.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - nowMs) / 1000);
  return seconds > 0 ? Math.min(seconds, longestWaitSeconds) : null;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function errorCode(error: unknown): string {
  for (const candidate of [error, causeOf(error)]) {
    if (candidate instanceof Error && 'code' in candidate && typeof candidate.code === 'string')
      return candidate.code;
  }
  return '';
}

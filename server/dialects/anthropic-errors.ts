import type { AppError } from '../core/errors.ts';

/** Anthropic's error body (@anthropic-ai/sdk 1.12, `ErrorResponse`). */
type AnthropicErrorBody = {
  readonly type: 'error';
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id: string | null;
};

/** Statuses and types are those of the vendor's table; 529 is its word for "too busy now". */
export function anthropicError(
  error: AppError,
  requestId?: string,
): { status: number; body: AnthropicErrorBody } {
  const status = statusOf(error);
  return {
    status,
    body: {
      type: 'error',
      error: { type: errorType(status), message: messageOf(error) },
      request_id: requestId ?? null,
    },
  };
}

function statusOf({ status, code }: AppError): number {
  if (code === 'insufficient_quota') return 402;
  return status === 503 ? 529 : status;
}

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

function errorType(status: number): string {
  return types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
}

/** Clients look for this phrase, and for nothing else, to make the conversation shorter by themselves. */
function messageOf({ code, message }: AppError): string {
  if (code !== 'context_length_exceeded') return message;
  // OpenAI's sentence, which our engine and most others speak.
  const [, most, tokens] = /maximum context length is (\d+) tokens\D+(\d+) tokens/.exec(message) ?? [];
  return most === undefined || tokens === undefined
    ? `prompt is too long: ${message}`
    : `prompt is too long: ${tokens} tokens > ${most} maximum`;
}

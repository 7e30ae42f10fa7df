import type { AppError } from '../core/errors.ts';

/** OpenAI's error body: all four keys always present (openai-openapi, schema `Error`). */
export type OpenAiErrorBody = {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
};

/** The vendor has no word for these beside their type (clients.md §5.1). */
const namelessCodes: ReadonlySet<string> = new Set(['invalid_request', 'internal_error']);

export function openAiError(error: AppError): { status: number; body: OpenAiErrorBody } {
  return {
    status: error.status,
    body: {
      error: {
        message: error.message,
        type: errorType(error),
        param: error.param,
        code: namelessCodes.has(error.code) ? null : error.code,
      },
    },
  };
}

function errorType(error: AppError): string {
  if (error.code === 'insufficient_quota') return 'insufficient_quota';
  if (error.status === 429) return error.limited;
  if (error.status === 403) return 'permission_error';
  return error.status >= 500 ? 'server_error' : 'invalid_request_error';
}

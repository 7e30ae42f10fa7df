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

export function openAiError(error: AppError): { status: number; body: OpenAiErrorBody } {
  return {
    status: error.status,
    body: {
      error: {
        message: error.message,
        type: errorType(error),
        param: error.param,
        code: error.code === 'invalid_request' ? null : error.code,
      },
    },
  };
}

function errorType(error: AppError): string {
  if (error.code === 'insufficient_quota') return 'insufficient_quota';
  if (error.status === 429) return 'requests';
  if (error.status === 403) return 'permission_error';
  return error.status >= 500 ? 'server_error' : 'invalid_request_error';
}

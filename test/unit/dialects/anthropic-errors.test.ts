import { expect, test } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { anthropicError } from '../../../server/dialects/anthropic-errors.ts';

test.each([
  [400, 'invalid_request', 400, 'invalid_request_error'],
  [401, 'invalid_api_key', 401, 'authentication_error'],
  [403, 'role_not_allowed', 403, 'permission_error'],
  [404, 'model_not_found', 404, 'not_found_error'],
  [409, 'replaced', 409, 'conflict_error'],
  [413, 'request_too_large', 413, 'request_too_large'],
  [415, 'unsupported_media_type', 415, 'invalid_request_error'],
  [429, 'rate_limit_exceeded', 429, 'rate_limit_error'],
  [429, 'insufficient_quota', 402, 'billing_error'],
  [500, 'internal_error', 500, 'api_error'],
  [502, 'engine_failed', 502, 'api_error'],
  [503, 'overloaded', 529, 'overloaded_error'],
  [504, 'upstream_timeout', 504, 'timeout_error'],
])('the error %i %s is %i %s', (status, code, wireStatus, type) => {
  expect(anthropicError(new AppError('Sorry.', { status, code }), 'req_1')).toEqual({
    status: wireStatus,
    body: { type: 'error', error: { type, message: 'Sorry.' }, request_id: 'req_1' },
  });
});

test('a prompt that is too long is told so in the vendor’s phrase, whoever counted', () => {
  const told = (message: string) =>
    anthropicError(new AppError(message, { status: 400, code: 'context_length_exceeded' })).body.error
      .message;
  expect(
    told(
      "This model's maximum context length is 4096 tokens, but the request has more than 65536 tokens. Please shorten it.",
    ),
  ).toBe('prompt is too long: 65536 tokens > 4096 maximum');
  expect(
    told("This model's maximum context length is 10 tokens. However, your messages resulted in 12 tokens."),
  ).toBe('prompt is too long: 12 tokens > 10 maximum');
  expect(told('Too much.')).toBe('prompt is too long: Too much.');
});

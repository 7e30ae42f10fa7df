import { expect, it } from 'vitest';
import { failureKinds, failureOf } from '../../../server/wire/failures.ts';

const refused = (error: string | null, httpStatus: number) =>
  failureOf({ status: 'refused', httpStatus, error });

it('an answer has no kind of failure, and everything else has one', () => {
  expect(failureOf({ status: 'ok', httpStatus: 200, error: null })).toBe(null);
  expect(failureOf({ status: 'cancelled', httpStatus: 499, error: null })).toBe('cancelled');
  for (const httpStatus of [200, 301, 400, 404, 418, 500, 599, 0]) {
    expect(failureKinds).toContain(failureOf({ status: 'error', httpStatus, error: null }));
  }
});

it.each([
  ['invalid_api_key: This key is unknown.', 401, 'no-key'],
  ['ip_not_allowed: Not from here.', 403, 'not-allowed'],
  ['rate_limit_exceeded: Too many.', 429, 'rate-limit'],
  ['insufficient_quota: The budget is spent.', 429, 'budget'],
  ['overloaded: Too many wait.', 503, 'busy'],
  ['model_not_found: No such model.', 404, 'unknown-model'],
  ['context_length_exceeded: Too long.', 400, 'too-long'],
  ['unsupported_parameter: Not here.', 400, 'bad-request'],
  ['engine_failed: It stopped.', 502, 'engine'],
  ['engine_stopped: It stopped.', 503, 'engine'],
  ['upstream_refused: It says no: 401.', 502, 'elsewhere'],
  ['ollama_silent: It says nothing.', 504, 'elsewhere'],
  ['internal_error: Something went wrong.', 500, 'internal'],
  ['unsettled', 200, 'internal'],
  ['a_code_of_tomorrow: New.', 503, 'busy'],
  ['a_code_of_tomorrow: New.', 413, 'too-long'],
])('%s is told as %s %s', (error, httpStatus, kind) => {
  expect(refused(error, httpStatus)).toBe(kind);
});

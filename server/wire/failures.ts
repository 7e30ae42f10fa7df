/** Why a request was not answered, in few enough kinds that they can be counted, coloured and filtered by. */

export const failureKinds = [
  'no-key',
  'not-allowed',
  'rate-limit',
  'budget',
  'busy',
  'unknown-model',
  'too-long',
  'bad-request',
  'engine',
  'elsewhere',
  'internal',
  'cancelled',
] as const;
export type FailureKind = (typeof failureKinds)[number];

type Ended = {
  readonly status: 'ok' | 'error' | 'cancelled' | 'refused';
  readonly httpStatus: number;
  /** `code: sentence`. */
  readonly error: string | null;
};

/** Codes of refusals and errors, which begin a row's `error`. */
const kindOfCode: Readonly<Record<string, FailureKind>> = {
  invalid_api_key: 'no-key',
  key_revoked: 'no-key',
  key_expired: 'no-key',
  address_blocked: 'not-allowed',
  rate_limit_exceeded: 'rate-limit',
  insufficient_quota: 'budget',
  models_without_price: 'budget',
  overloaded: 'busy',
  too_many_waiting: 'busy',
  too_many_connections: 'busy',
  waiting_for_memory: 'busy',
  model_busy: 'busy',
  server_stopping: 'busy',
  model_not_found: 'unknown-model',
  context_length_exceeded: 'too-long',
  request_too_large: 'too-long',
  model_unavailable: 'engine',
  model_unloaded: 'engine',
  template_failed: 'engine',
  internal_error: 'internal',
  store_unavailable: 'internal',
  unsettled: 'internal',
};

/** The kind of what went wrong; null where the request was answered. Every request that was not has one. */
export function failureOf({ status, httpStatus, error }: Ended): FailureKind | null {
  if (status === 'ok') return null;
  if (status === 'cancelled') return 'cancelled';
  const code = error?.split(':', 1)[0] ?? '';
  if (/^(upstream|ollama)_/.test(code)) return 'elsewhere';
  if (code.startsWith('engine_')) return 'engine';
  return kindOfCode[code] ?? kindOfStatus(httpStatus);
}

/** Codes come and go; what has none of those above is told by its HTTP status. */
function kindOfStatus(httpStatus: number): FailureKind {
  if (httpStatus === 401) return 'no-key';
  if (httpStatus === 403) return 'not-allowed';
  if (httpStatus === 402) return 'budget';
  if (httpStatus === 413) return 'too-long';
  if (httpStatus === 429) return 'rate-limit';
  if (httpStatus >= 400 && httpStatus < 500) return 'bad-request';
  return httpStatus === 503 ? 'busy' : 'engine';
}

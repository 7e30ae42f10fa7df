import { AppError, invalidRequest } from '../core/errors.ts';

/** The parts of a request that may carry a key. Header names are lower case, as Node gives them. */
export type KeyBearing = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
};

const queryNames: ReadonlySet<string> = new Set([
  'key',
  'api_key',
  'apikey',
  'api-key',
  'access_token',
  'token',
]);

/**
 * The key a request shows, taken in one place for all routes: `Authorization: Bearer`, `x-api-key` or
 * `api-key`; several clients send two of them at once, which is fine while they agree.
 * @returns null where none is shown.
 */
export function presentedKey(request: KeyBearing): string | null {
  if (Object.keys(request.query).some((name) => queryNames.has(name.toLowerCase()))) {
    throw invalidRequest(
      'A key must not be in the address, where histories and logs keep it. Send it as "Authorization: Bearer …".',
    );
  }
  const shown = new Set<string>();
  const authorization = one(request.headers['authorization']);
  const bearer = authorization === null ? '' : bearerToken(authorization);
  // Tools that send both leave the one that is not filled in empty.
  if (bearer !== '') shown.add(bearer);
  for (const name of ['x-api-key', 'api-key']) {
    const value = one(request.headers[name]);
    if (value !== null && value.trim() !== '') shown.add(value.trim());
  }
  if (shown.size > 1) throw invalidRequest('The request shows two different keys; send one.');
  const [key] = shown;
  return key ?? null;
}

function one(value: string | string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : (value[0] ?? null);
}

function bearerToken(authorization: string): string {
  const [scheme, token, ...rest] = authorization.trim().split(/\s+/);
  if (scheme?.toLowerCase() !== 'bearer' || rest.length > 0) throw invalidKey();
  return token ?? '';
}

/** The one answer for every key that does not open the door, whatever is wrong with it. */
export function invalidKey(): AppError {
  return new AppError(
    'The API key is missing, wrong, expired or revoked. Ask the owner of this Inglenook for a key and send it as "Authorization: Bearer sk-ink_…".',
    { status: 401, code: 'invalid_api_key', retryable: false },
  );
}

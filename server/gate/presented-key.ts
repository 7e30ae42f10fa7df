import { AppError, invalidRequest } from '../core/errors.ts';
import { hashKey, isWellFormedKey } from '../core/key-format.ts';

/** The parts of a request that may carry a key. Header names are lower case, as Node gives them. */
export type KeyBearing = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The path with what follows it, where it is known: without a question mark there is no query to look at. */
  readonly url?: string | undefined;
  /** The connection it came by. */
  readonly socket?: object | undefined;
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
  const hasQuery = request.url?.includes('?') !== false;
  if (hasQuery && Object.keys(request.query).some((name) => queryNames.has(name.toLowerCase()))) {
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

type Shown = { readonly authorization: string; readonly hash: Buffer };
/** Most connections show one key again and again. What is kept of it goes with the connection. */
const shownBefore = new WeakMap<object, Shown>();

/**
 * What the key that a request shows is known by.
 * @throws AppError 401 where none is shown, or one that cannot be ours
 */
export function presentedHash(request: KeyBearing): Buffer {
  const { headers, socket } = request;
  const { authorization } = headers;
  const isUsual =
    socket !== undefined &&
    typeof authorization === 'string' &&
    headers['x-api-key'] === undefined &&
    headers['api-key'] === undefined &&
    request.url?.includes('?') === false;
  const before = isUsual ? shownBefore.get(socket) : undefined;
  if (before !== undefined && before.authorization === authorization) return before.hash;
  const text = presentedKey(request);
  if (text === null || !isWellFormedKey(text)) throw invalidKey();
  const hash = hashKey(text);
  if (isUsual) shownBefore.set(socket, { authorization, hash });
  return hash;
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

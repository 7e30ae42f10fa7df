import type { Request } from 'express';
import { adminTokenPrefix, keyPrefix } from '../core/key-format.ts';
import { AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import type { AdminContext } from './admin-services.ts';
import { sameSecret } from './secrets.ts';
import { csrfTokenFor, sessionIdFrom } from './sessions.ts';
import { isFromThisComputer } from './this-computer.ts';

/**
 * Who is asking the admin API. `window` is the app's own window; `token` a script of the owner's, by the file
 * `admin.token` on this computer, or by a token with a name, which is `named` then.
 */
export type AdminCaller =
  | { readonly via: 'window'; readonly csrfToken: string }
  | {
      readonly via: 'token';
      readonly csrfToken: string;
      readonly named: { readonly id: string; readonly name: string } | null;
    }
  | { readonly via: 'password'; readonly csrfToken: string; readonly sessionId: string };

/**
 * Who is asking? Looks at headers only. Null when nothing, or nothing valid, is shown: then only the routes of
 * signing in are open. Steps:
 * 1. an API key never opens the admin API: 403, whether it is valid or not;
 * 2. `Authorization` decides alone when it is there, so a wrong token is not saved by a good cookie;
 * 3. else the session's cookie.
 * @throws AppError 403 for an API key, and for a token at a place where it is not taken
 */
export function identifyCaller(
  context: AdminContext,
  request: Request,
  { ip, isUse }: { readonly ip: string; readonly isUse: boolean },
): AdminCaller | null {
  refuseApiKeys(request); // (1)
  if (request.headers.authorization !== undefined) return callerByToken(context, request, ip); // (2)
  const sessionId = sessionIdFrom(request); // (3)
  if (sessionId === null || !context.sessions.isAlive(sessionId, isUse)) return null;
  return { via: 'password', sessionId, csrfToken: csrfTokenFor(sessionId) };
}

/** Turns away what another website's page sends through the owner's browser. */
export function refuseForeignPages(request: Request): void {
  if (!isFromForeignPage(request)) return;
  throw new AppError(
    'The admin API answers only to its own console and to scripts, not to other web pages.',
    {
      status: 403,
      code: 'foreign_origin',
    },
  );
}

/**
 * Whether another website's page sent this through somebody's browser. `Origin` and `Sec-Fetch-Site` are looked
 * at when present: browsers leave the second out on plain http to another computer, scripts send neither.
 */
export function isFromForeignPage(request: Request): boolean {
  const origin = request.headers.origin;
  const site = request.headers['sec-fetch-site'];
  return (
    (origin !== undefined && !isOwnOrigin(origin, request)) ||
    (site !== undefined && site !== 'same-origin' && site !== 'none')
  );
}

/** A cookie is sent by itself, so whoever changes something by it must also show that they can read our answers. */
export function requireCsrfToken(request: Request, caller: AdminCaller): void {
  if (caller.via !== 'password') return;
  const shown = request.headers['x-inglenook-csrf'];
  if (typeof shown === 'string' && sameSecret(shown, caller.csrfToken)) return;
  throw new AppError(
    'The request lacks the header X-Inglenook-CSRF with the value that GET /api/session gives. Load the page again.',
    { status: 403, code: 'csrf_token_missing' },
  );
}

/** A token that ends one day may not open a door that stays open. */
export function refuseNamedToken(caller: AdminCaller | null): void {
  if (caller?.via !== 'token' || caller.named === null) return;
  throw new AppError(
    'An admin token may not change the password, the second step, sessions or other tokens. Do this in the console, or on the computer itself by npx inglenook.',
    { status: 403, code: 'token_not_allowed', retryable: false },
  );
}

export function notSignedIn(): AppError {
  return new AppError(
    'Sign in first, or send an admin token: "Authorization: Bearer …" with what the file admin.token in the data folder holds.',
    { status: 401, code: 'not_signed_in' },
  );
}

function refuseApiKeys(request: Request): void {
  const { authorization, 'x-api-key': key, 'api-key': azureKey } = request.headers;
  const shown = [authorization?.replace(/^\s*bearer\s+/i, ''), key, azureKey].flat();
  if (!shown.some((text) => text?.trimStart().startsWith(keyPrefix))) return;
  throw new AppError('An API key does not open the admin API. Sign in as the owner or use the admin token.', {
    status: 403,
    code: 'api_key_not_allowed',
  });
}

function callerByToken(context: AdminContext, request: Request, ip: string): AdminCaller | null {
  const token = /^\s*bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const { adminToken, windowToken, namedTokens } = context;
  if (token.startsWith(adminTokenPrefix)) {
    requireEncrypted(request);
    const named = namedTokens.identify(token, ip);
    return named === null ? null : { via: 'token', named, csrfToken: csrfTokenFor(token) };
  }
  if (sameSecret(token, adminToken)) {
    requireHere(request);
    return { via: 'token', named: null, csrfToken: csrfTokenFor(adminToken) };
  }
  if (windowToken !== null && sameSecret(token, windowToken)) {
    requireHere(request);
    return { via: 'window', csrfToken: csrfTokenFor(windowToken) };
  }
  return null;
}

/** Said whether the token is valid or not, so that nobody learns it here. */
function requireEncrypted(request: Request): void {
  if (clientOf(request).isSecure || isFromThisComputer(request)) return;
  throw new AppError(
    'Admin tokens are taken over https only. This one has just travelled unencrypted: revoke it and make another.',
    { status: 403, code: 'https_needed', retryable: false },
  );
}

/** These two lie in files and memory of this computer; elsewhere they can only be stolen. */
function requireHere(request: Request): void {
  if (isFromThisComputer(request)) return;
  throw new AppError(
    'The token in admin.token works on the computer that Inglenook runs on alone. For a script elsewhere make one there: npx inglenook admin-token create --name N --expires 90d',
    { status: 403, code: 'this_computer_only', retryable: false },
  );
}

/** The Host header was checked against our own names before; so what equals it is ours. */
function isOwnOrigin(origin: string, request: Request): boolean {
  try {
    const protocol = clientOf(request).isSecure ? 'https' : 'http';
    const own = new URL(`${protocol}://${request.headers.host ?? ''}`);
    return new URL(origin).origin === own.origin && own.origin !== 'null';
  } catch {
    return false;
  }
}

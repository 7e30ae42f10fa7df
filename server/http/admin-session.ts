import { AppError } from '../core/errors.ts';
import { ownerPasswordHash, replacePassword, setFirstPassword } from '../store/owner.ts';
import { changePasswordRequest, sessionState, setupRequest, signInRequest } from '../wire/admin.ts';
import type { SessionState } from '../wire/admin.ts';
import type { AdminCaller } from './admin-auth.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import { sameSecret } from './secrets.ts';
import { csrfTokenFor, expiredSessionCookie, sessionCookie, sessionIdFrom } from './sessions.ts';

/** Signing in and out, the first password, another password. */
export const sessionRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/session',
    summary: 'Whether the caller is signed in. Always 200.',
    access: 'public',
    isUse: false,
    answer: sessionState,
    handle: ({ context, caller }) => stateOf(caller, ownerPasswordHash(context.store) === null),
  }),
  route({
    method: 'post',
    path: '/session',
    summary: 'Sign in with the owner’s password.',
    access: 'public',
    body: signInRequest,
    answer: sessionState,
    handle: signIn,
  }),
  route({
    method: 'delete',
    path: '/session',
    summary: 'Sign out; open event streams of the session end.',
    status: 204,
    handle: signOut,
  }),
  route({
    method: 'post',
    path: '/setup',
    summary: 'Set the first password with the token of the one-time link printed at start; signs in as well.',
    access: 'public',
    body: setupRequest,
    answer: sessionState,
    handle: setUp,
  }),
  route({
    method: 'post',
    path: '/password',
    summary: 'Set another password. All sessions end, the caller’s too.',
    status: 204,
    body: changePasswordRequest,
    handle: changePassword,
  }),
];

function stateOf(caller: AdminCaller | null, needsSetup: boolean): SessionState {
  return {
    signedIn: caller !== null,
    needsSetup,
    csrfToken: caller?.csrfToken ?? null,
    via: caller?.via ?? null,
  };
}

async function signIn(call: AdminCall<{ password: string }>): Promise<SessionState> {
  const { context, ip } = call;
  const stored = ownerPasswordHash(context.store);
  if (stored === null) {
    throw new AppError(
      'No password has been set yet. Open the set-up link that the server printed when it started.',
      { status: 401, code: 'setup_needed' },
    );
  }
  await verifyPassword(call, call.body.password, stored);
  context.log.info('The owner has signed in.', { ip });
  return beginSession(call);
}

async function setUp(call: AdminCall<{ token: string; password: string }>): Promise<SessionState> {
  const { context, body, ip } = call;
  if (ownerPasswordHash(context.store) !== null) throw usedLink();
  if (context.setup === null || !sameSecret(body.token, context.setup.token)) {
    throw new AppError(
      'This set-up link is not valid. Each start of the server prints a new one; open the newest.',
      { status: 401, code: 'setup_link_invalid', param: 'token' },
    );
  }
  const hash = await context.passwords.hash(body.password);
  if (!setFirstPassword(context.store, hash, context.clock.nowMs())) throw usedLink();
  context.log.info('The owner has set the password.', { ip });
  return beginSession(call);
}

function signOut({ context, caller, response }: AdminCall): void {
  if (caller?.via === 'password') context.sessions.end(caller.sessionId);
  response.appendHeader('Set-Cookie', expiredSessionCookie());
}

/** Somebody at the signed-in browser must know the present password; the token and the window are proof enough. */
async function changePassword(
  call: AdminCall<{ currentPassword?: string | undefined; password: string }>,
): Promise<void> {
  const { context, body, caller } = call;
  const stored = ownerPasswordHash(context.store);
  if (stored !== null && caller?.via === 'password') {
    await verifyPassword(call, body.currentPassword ?? '', stored);
  }
  const hash = await context.passwords.hash(body.password);
  const nowMs = context.clock.nowMs();
  if (!setFirstPassword(context.store, hash, nowMs)) replacePassword(context.store, hash, nowMs);
  context.sessions.announceAllEnded();
  context.log.info('The owner’s password has been changed; all sessions have ended.', { ip: call.ip });
}

async function verifyPassword({ context, ip }: AdminCall, password: string, stored: string): Promise<void> {
  context.attempts.begin(ip);
  if (await context.passwords.verify(password, stored)) return context.attempts.succeed(ip);
  context.log.warn('A wrong password was given.', { ip });
  throw new AppError('The password is not right.', {
    status: 401,
    code: 'wrong_password',
    param: 'password',
  });
}

/** A new id each time, so that an id planted in the browser before signing in is worth nothing. */
function beginSession({ context, request, response, ip }: AdminCall): SessionState {
  const old = sessionIdFrom(request.headers.cookie);
  if (old !== null) context.sessions.end(old);
  const client = request.headers['user-agent']?.slice(0, 200) ?? null;
  const id = context.sessions.begin({ ip, client });
  response.appendHeader('Set-Cookie', sessionCookie(id));
  return { signedIn: true, needsSetup: false, csrfToken: csrfTokenFor(id), via: 'password' };
}

function usedLink(): AppError {
  return new AppError('This set-up link has been used: the password is set. Sign in with it.', {
    status: 410,
    code: 'setup_link_used',
  });
}

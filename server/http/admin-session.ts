import { AppError } from '../core/errors.ts';
import { clientOf } from '../edge/client.ts';
import { setOfficeName } from '../store/office-name.ts';
import { write } from '../store/open.ts';
import { ownerPasswordHash, replacePassword, setFirstPassword } from '../store/owner.ts';
import {
  changePasswordRequest,
  confirmSessionRequest,
  sessionState,
  setupRequest,
  signInRequest,
  ticketSignInRequest,
} from '../wire/admin.ts';
import type { SessionState, SetupRequest } from '../wire/admin.ts';
import type { AdminCaller } from './admin-auth.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import { requireSetUpToken, usedLink } from './admin-set-up.ts';
import { requireCode, requirePassword } from './re-authenticate.ts';
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
    summary:
      'Sign in with the owner’s password; where the second step is on, with a code too (401 code_needed asks for it).',
    access: 'public',
    body: signInRequest,
    answer: sessionState,
    handle: signIn,
  }),
  route({
    method: 'post',
    path: '/session/ticket',
    summary: 'Sign in with the one-time ticket of a link that the app has opened in this browser.',
    access: 'public',
    body: ticketSignInRequest,
    answer: sessionState,
    handle: signInByTicket,
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
    path: '/session/confirm',
    summary:
      'Show the password again, as 403 password_needed asks for before what reaches beyond a session; holds for ten minutes.',
    isForNamedTokens: false,
    status: 204,
    body: confirmSessionRequest,
    handle: confirmSession,
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
    isForNamedTokens: false,
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

type SignIn = { readonly password: string; readonly code?: string | undefined };

/** In two steps where the second is on: a page shows the password first, then both. */
async function signIn(call: AdminCall<SignIn>): Promise<SessionState> {
  const { context, body, ip } = call;
  const stored = ownerPasswordHash(context.store);
  if (stored === null) {
    throw new AppError(
      'No password has been set yet. Open the set-up link that the server printed when it started.',
      { status: 401, code: 'setup_needed' },
    );
  }
  await requirePassword(call, body.password, stored);
  if (context.secondFactor.isOn()) requireSecondStep(call, body.code);
  context.log.info('The owner has signed in.', { ip });
  return beginSession(call);
}

/** The app's window, which has issued it, is proof enough by itself. */
function signInByTicket(call: AdminCall<{ ticket: string }>): SessionState {
  const { context, body, ip } = call;
  if (!context.browserTickets.redeem(body.ticket)) {
    throw new AppError(
      'This link has been used, or is older than a minute. Open another from the app, or sign in with the password.',
      { status: 401, code: 'ticket_used' },
    );
  }
  context.log.info('The owner has signed in by a link of the app.', { ip });
  return {
    ...beginSession(call),
    needsSetup: ownerPasswordHash(context.store) === null,
  };
}

function requireSecondStep(call: AdminCall, code: string | undefined): void {
  if (code !== undefined) return requireCode(call, code);
  throw new AppError('Now enter the code that your authenticator app shows, or a recovery code.', {
    status: 401,
    code: 'code_needed',
    param: 'code',
  });
}

/** The window and the token are proof enough by themselves. */
async function confirmSession(call: AdminCall<{ password: string }>): Promise<void> {
  const { context, caller, body } = call;
  const stored = ownerPasswordHash(context.store);
  if (caller?.via !== 'password' || stored === null) return;
  await requirePassword(call, body.password, stored);
  context.sessions.confirm(caller.sessionId);
}

async function setUp(call: AdminCall<SetupRequest>): Promise<SessionState> {
  const { context, body, ip } = call;
  const { store } = context;
  requireSetUpToken(context, body.token);
  const hash = await context.passwords.hash(body.password);
  const isSet = write(store, () => {
    if (!setFirstPassword(store, hash, context.clock.nowMs())) return false;
    if (body.officeName !== undefined) setOfficeName(store, body.officeName);
    return true;
  });
  if (!isSet) throw usedLink();
  if (body.officeName !== undefined) await context.office.refresh();
  context.log.info('The owner has set the password.', { ip });
  return beginSession(call);
}

function signOut({ context, caller, request, response }: AdminCall): void {
  if (caller?.via === 'password') context.sessions.end(caller.sessionId);
  response.appendHeader('Set-Cookie', expiredSessionCookie(clientOf(request).isSecure));
}

/** Somebody at the signed-in browser must know the present password; the token and the window are proof enough. */
async function changePassword(
  call: AdminCall<{ currentPassword?: string | undefined; password: string }>,
): Promise<void> {
  const { context, body, caller } = call;
  const stored = ownerPasswordHash(context.store);
  if (stored !== null && caller?.via === 'password') {
    await requirePassword(call, body.currentPassword ?? '', stored);
  }
  const hash = await context.passwords.hash(body.password);
  const nowMs = context.clock.nowMs();
  if (!setFirstPassword(context.store, hash, nowMs)) replacePassword(context.store, hash, nowMs);
  context.sessions.announceAllEnded();
  context.log.info('The owner’s password has been changed; all sessions have ended.', { ip: call.ip });
}

/** A new id each time, so that an id planted in the browser before signing in is worth nothing. */
function beginSession({ context, request, response, ip }: AdminCall): SessionState {
  const old = sessionIdFrom(request);
  if (old !== null) context.sessions.end(old);
  const client = request.headers['user-agent']?.slice(0, 200) ?? null;
  const id = context.sessions.begin({ ip, client });
  response.appendHeader('Set-Cookie', sessionCookie(id, clientOf(request).isSecure));
  return { signedIn: true, needsSetup: false, csrfToken: csrfTokenFor(id), via: 'password' };
}

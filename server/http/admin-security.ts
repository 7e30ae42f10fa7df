import { AppError, invalidRequest } from '../core/errors.ts';
import { qrSvg } from '../lan/qr.ts';
import { ownerPasswordHash } from '../store/owner.ts';
import {
  adminTokenList,
  adminTokenRecord,
  beginTotpRequest,
  begunTotp,
  changeTotpRequest,
  confirmTotpRequest,
  createAdminTokenRequest,
  createdAdminToken,
  endedSessions,
  longestAdminTokenDays,
  recoveryCodes,
  sessionList,
  totpState,
  type AdminTokenRecord,
  type BegunTotp,
  type ChangeTotpRequest,
  type CreateAdminTokenRequest,
  type CreatedAdminToken,
  type RecoveryCodes,
  type TotpState,
} from '../wire/security.ts';
import { route, type AdminCall, type AdminRoute } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';
import { requireCode, requireOwnerAgain } from './re-authenticate.ts';

/** The owner's own doors: the second step of signing in, who is signed in, tokens of scripts. Closed to such tokens. */
export const securityRoutes: readonly AdminRoute[] = [
  route({
    method: 'get',
    path: '/totp',
    summary: 'Whether signing in asks for a code of an authenticator app.',
    isForNamedTokens: false,
    answer: totpState,
    handle: ({ context }) => stateOf(context),
  }),
  route({
    method: 'post',
    path: '/totp',
    summary:
      'Begin to set up the second step: a secret for the app, which counts once a code of it is sent to /totp/confirm within 15 minutes.',
    isForNamedTokens: false,
    body: beginTotpRequest,
    answer: begunTotp,
    handle: begin,
  }),
  route({
    method: 'post',
    path: '/totp/confirm',
    summary:
      'Switch the second step on by a code of the app. Answers the recovery codes, once; other sessions end.',
    isForNamedTokens: false,
    body: confirmTotpRequest,
    answer: recoveryCodes,
    handle: confirm,
  }),
  route({
    method: 'post',
    path: '/totp/recovery-codes',
    summary: 'Make new recovery codes, by password and a code; those before are worth nothing.',
    isForNamedTokens: false,
    body: changeTotpRequest,
    answer: recoveryCodes,
    handle: renewRecoveryCodes,
  }),
  route({
    method: 'post',
    path: '/totp/off',
    summary: 'Switch the second step off, by password and a code; other sessions end.',
    isForNamedTokens: false,
    status: 204,
    body: changeTotpRequest,
    handle: switchOff,
  }),
  route({
    method: 'delete',
    path: '/totp',
    summary:
      'Switch the second step off without a code, for an owner who is locked out: with the token in admin.token alone. All sessions end.',
    isForNamedTokens: false,
    status: 204,
    handle: reset,
  }),
  route({
    method: 'get',
    path: '/sessions',
    summary: 'Browsers that are signed in.',
    isForNamedTokens: false,
    answer: sessionList,
    handle: ({ context, caller }) => context.sessions.list(ownSession(caller)),
  }),
  route({
    method: 'delete',
    path: '/sessions',
    summary: 'End all sessions but the caller’s own; their live views end at once.',
    isForNamedTokens: false,
    answer: endedSessions,
    handle: ({ context, caller }) => ({ ended: context.sessions.endOthers(ownSession(caller)) }),
  }),
  route({
    method: 'delete',
    path: '/sessions/:session',
    summary: 'End one session; its live view ends at once.',
    isForNamedTokens: false,
    status: 204,
    handle: endSession,
  }),
  route({
    method: 'get',
    path: '/admin-tokens',
    summary:
      'Tokens that open the admin API to scripts on other computers, newest first; those that have ended too.',
    isForNamedTokens: false,
    answer: adminTokenList,
    handle: ({ context }) => context.namedTokens.list(),
  }),
  route({
    method: 'post',
    path: '/admin-tokens',
    summary:
      'Make a token for a script on another computer, for a year at most. It is shown once, and taken over https alone.',
    isForNamedTokens: false,
    status: 201,
    body: createAdminTokenRequest,
    answer: createdAdminToken,
    handle: createToken,
  }),
  route({
    method: 'delete',
    path: '/admin-tokens/:token',
    summary: 'Revoke a token, by name or id; counts from the next request on.',
    isForNamedTokens: false,
    answer: adminTokenRecord,
    handle: revokeToken,
  }),
];

function stateOf({ secondFactor }: AdminContext): TotpState {
  const { state, sinceMs, recoveryCodesLeft } = secondFactor.state();
  return { state, since: sinceMs === null ? null : new Date(sinceMs).toISOString(), recoveryCodesLeft };
}

async function begin(call: AdminCall<{ currentPassword?: string | undefined }>): Promise<BegunTotp> {
  const { context } = call;
  if (ownerPasswordHash(context.store) === null) {
    throw new AppError('Set a password first; the second step comes after it.', {
      status: 409,
      code: 'setup_needed',
    });
  }
  await requireOwnerAgain(call);
  const begun = context.secondFactor.begin();
  return { ...begun, qr: await qrSvg(begun.uri) };
}

function confirm({ context, body, caller, ip }: AdminCall<{ code: string }>): RecoveryCodes {
  const { byAddress } = context.codeAttempts;
  byAddress.begin(ip);
  const codes = context.secondFactor.confirm(body.code);
  byAddress.succeed(ip);
  context.sessions.endOthers(ownSession(caller));
  context.log.info('The second step of signing in has been switched on.', { ip });
  return { recoveryCodes: [...codes] };
}

async function renewRecoveryCodes(call: AdminCall<ChangeTotpRequest>): Promise<RecoveryCodes> {
  await requireBoth(call);
  return { recoveryCodes: [...call.context.secondFactor.renewRecoveryCodes()] };
}

async function switchOff(call: AdminCall<ChangeTotpRequest>): Promise<void> {
  const { context, caller, ip } = call;
  await requireBoth(call);
  context.secondFactor.remove();
  context.sessions.endOthers(ownSession(caller));
  context.log.info('The second step of signing in has been switched off.', { ip });
}

async function requireBoth(call: AdminCall<ChangeTotpRequest>): Promise<void> {
  if (!call.context.secondFactor.isOn()) {
    throw new AppError('The second step is not on.', { status: 409, code: 'second_factor_off' });
  }
  await requireOwnerAgain(call);
  requireCode(call, call.body.code);
}

/** Who can read `admin.token` can read and change everything else in the data folder, too. */
function reset({ context, caller, ip }: AdminCall): void {
  if (caller?.via !== 'token') {
    throw new AppError(
      'Without a code the second step is switched off on the computer itself alone: npx inglenook owner reset-totp',
      { status: 403, code: 'command_line_only' },
    );
  }
  context.secondFactor.remove();
  context.sessions.endOthers(null);
  context.log.warn('The second step of signing in has been taken away by the command line.', { ip });
}

function endSession({ context, param }: AdminCall): void {
  if (context.sessions.endListed(param('session'))) return;
  throw new AppError('There is no such session any more.', {
    status: 404,
    code: 'session_not_found',
    param: 'session',
  });
}

async function createToken(call: AdminCall<CreateAdminTokenRequest>): Promise<CreatedAdminToken> {
  const { context, body } = call;
  const nowMs = context.clock.nowMs();
  const expiresMs = Date.parse(body.expiresAt);
  if (expiresMs <= nowMs) throw invalidRequest('expiresAt: This time has passed already.', 'expiresAt');
  if (expiresMs > nowMs + longestAdminTokenDays * 86_400_000) {
    throw invalidRequest(
      `expiresAt: An admin token lasts ${longestAdminTokenDays} days at most.`,
      'expiresAt',
    );
  }
  await requireOwnerAgain(call);
  const created = context.namedTokens.create({ name: body.name, expiresMs });
  context.log.info('An admin token was made.', { name: created.name, expiresAt: created.expiresAt });
  return created;
}

function revokeToken({ context, param }: AdminCall): AdminTokenRecord {
  const revoked = context.namedTokens.revoke(param('token'));
  if (revoked === null) {
    throw new AppError('There is no such admin token.', {
      status: 404,
      code: 'admin_token_not_found',
      param: 'token',
    });
  }
  context.log.info('An admin token was revoked.', { name: revoked.name });
  return revoked;
}

function ownSession(caller: AdminCall['caller']): string | null {
  return caller?.via === 'password' ? caller.sessionId : null;
}

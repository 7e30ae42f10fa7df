import { AppError } from '../core/errors.ts';
import { ownerPasswordHash } from '../store/owner.ts';
import type { AdminCaller } from './admin-auth.ts';
import type { AdminCall } from './admin-route.ts';
import type { AdminContext } from './admin-services.ts';

/** What the owner shows to get in, and again before a door is changed. */

type Asked = Pick<AdminCall, 'context' | 'ip'>;

/** @throws AppError 401 for a wrong one, 429 while the address has to wait */
export async function requirePassword(
  { context, ip }: Asked,
  password: string,
  stored: string,
): Promise<void> {
  context.attempts.begin(ip);
  if (await context.passwords.verify(password, stored)) return context.attempts.succeed(ip);
  context.log.warn('A wrong password was given.', { ip });
  throw new AppError('The password is not right.', {
    status: 401,
    code: 'wrong_password',
    param: 'password',
  });
}

/** A code of the app or a recovery code, taken once. @throws AppError 401 for a wrong one, 429 for too many of them */
export function requireCode({ context, ip }: Asked, code: string): void {
  const { byAddress, together } = context.codeAttempts;
  byAddress.begin(ip);
  // Whoever is here knows the password, so that many addresses are one attacker.
  together.begin(everywhere);
  try {
    const by = context.secondFactor.require(code);
    if (by === 'recovery-code') context.log.warn('A recovery code was used.', { ip });
  } catch (error) {
    context.log.warn('A wrong code was given.', { ip });
    throw error;
  }
  byAddress.succeed(ip);
  together.succeed(everywhere);
}

const everywhere = 'everywhere';

/**
 * Somebody at a signed-in browser must know the present password before a door is changed; the window and the token of
 * this computer are proof enough. @throws AppError as `requirePassword`
 */
export async function requireOwnerAgain(
  call: AdminCall<{ readonly currentPassword?: string | undefined }>,
): Promise<void> {
  const stored = ownerPasswordHash(call.context.store);
  if (call.caller?.via !== 'password' || stored === null) return;
  await requirePassword(call, call.body.currentPassword ?? '', stored);
  call.context.sessions.confirm(call.caller.sessionId);
}

/**
 * What reaches beyond the session, such as a copy of everything, is for a browser whose owner has shown the password
 * within ten minutes: whoever finds it signed in has that much less. @throws AppError 403 `password_needed`
 */
export function requireRecentPassword({ sessions }: AdminContext, caller: AdminCaller | null): void {
  if (caller?.via !== 'password' || sessions.isConfirmed(caller.sessionId)) return;
  throw new AppError(
    'This needs the password once more. Send it to POST /api/session/confirm, then ask again within ten minutes.',
    { status: 403, code: 'password_needed' },
  );
}

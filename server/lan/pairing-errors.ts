import { AppError } from '../core/errors.ts';
import type { PairingRecord } from '../wire/pairing.ts';

/** The one answer for what is unknown, used, expired, denied and closed: it tells a guesser nothing. */
export function gone(): AppError {
  return new AppError(
    'This link or code cannot be used. It may be mistyped, used up, expired or refused. Ask the owner for a new one.',
    { status: 410, code: 'pairing_gone' },
  );
}

export function tooManyGuesses(waitMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const wait = seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return new AppError(`Too many wrong codes came from this address. Wait ${wait}, then try again.`, {
    status: 429,
    code: 'too_many_attempts',
    retryAfterSeconds: seconds,
  });
}

export function tooManyWaiting(): AppError {
  return new AppError(
    'Too many devices are waiting to be let in. Ask the owner to answer them, then try again.',
    { status: 429, code: 'too_many_waiting', retryAfterSeconds: 30 },
  );
}

/** The owner has made it by hand and may have given it to several. */
export function notYoursToEnd(): AppError {
  return new AppError('This key did not come by pairing, so only the owner can revoke it.', {
    status: 403,
    code: 'not_paired',
  });
}

/** The owner wants to be asked by those alone whom they have invited. */
export function onlyInvited(): AppError {
  return new AppError(
    'Nobody is let in here without an invitation. Ask the owner for one: its code or ticket lets this computer in.',
    { status: 403, code: 'invitation_needed' },
  );
}

/** Somebody who was refused, or never answered, asks and asks. */
export function tooManyAsks(waitMs: number): AppError {
  const minutes = Math.max(1, Math.ceil(waitMs / 60_000));
  return new AppError(
    `This computer has asked to be let in too often. Wait ${minutes} minute${minutes === 1 ? '' : 's'}, or ask the owner for an invitation.`,
    { status: 429, code: 'too_many_attempts', retryAfterSeconds: Math.ceil(waitMs / 1000) },
  );
}

export function namelessDevice(): AppError {
  return new AppError('device: give the device a name that can be read.', {
    status: 400,
    code: 'invalid_request',
    param: 'device',
  });
}

export function tooManyOpen(most: number): AppError {
  return new AppError(
    `${most} invitations are open already. Use or take back one of them, or wait until one expires.`,
    { status: 409, code: 'too_many_invitations' },
  );
}

export function expiredFromTheStart(): AppError {
  return new AppError('The key would be expired already. Give a time in the future.', {
    status: 400,
    code: 'invalid_request',
    param: 'expiresAt',
  });
}

export function noSuchPairing(): AppError {
  return new AppError('There is no such invitation, or it ended more than a day ago.', {
    status: 404,
    code: 'pairing_not_found',
  });
}

/** The owner decided about something that is no longer, or not yet, to be decided. */
export function nobodyWaiting(state: PairingRecord['state']): AppError {
  return new AppError(`Nobody is waiting here: ${sentences[state]}`, {
    status: 409,
    code: 'pairing_not_waiting',
  });
}

const sentences: Readonly<Record<PairingRecord['state'], string>> = {
  open: 'no device has used this invitation yet.',
  waiting: 'the device has just gone.',
  joined: 'the device has its key already. To end its access, revoke the key.',
  denied: 'the device was refused. Make a new invitation.',
  expired: 'the invitation has expired. Make a new one.',
  closed: 'the invitation was taken back. Make a new one.',
};

import { noLimits, usualPolicy } from '../core/policy.ts';
import { changedLimits } from '../store/limits.ts';
import { requireBounds } from '../store/outside.ts';
import type { KeyPolicy } from '../store/pairing.ts';
import type { CreatePairingRequest } from '../wire/pairing.ts';
import { expiredFromTheStart } from './pairing-errors.ts';
import { nextFridayEvening } from './pairing-expiry.ts';

export const invitationLifetimeMs = 10 * 60_000;

type When = { readonly nowMs: number; readonly timeZone: string };

/**
 * What the key will be, fixed now, and until when the invitation counts: ten minutes, or the end of the key if
 * that is sooner. Without a word about its end a guest's key ends on Friday evening and any other never;
 * `expiresAt: null` is the owner's word that it never ends.
 * @throws AppError 400 when the key would be expired from the start, or may be used from outside without the bounds of that
 */
export function policyOf(
  request: CreatePairingRequest,
  { nowMs, timeZone }: When,
): { readonly policy: KeyPolicy; readonly expiresMs: number } {
  const { preset, autoApprove: _autoApprove, name, expiresAt: wanted, ...rest } = request;
  const expiresAt =
    wanted === undefined && preset === 'guest'
      ? new Date(nextFridayEvening(nowMs, timeZone)).toISOString()
      : (wanted ?? null);
  const keyEndsMs = expiresAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
  if (keyEndsMs <= nowMs) throw expiredFromTheStart();
  const limits = changedLimits(noLimits, rest.limits);
  const ofKey = { ...usualPolicy, outside: rest.outside ?? false, limits };
  requireBounds(
    { policy: ofKey, expiresMs: expiresAt === null ? null : keyEndsMs, role: 'inference' },
    nowMs,
  );
  return {
    policy: { ...rest, name: name ?? null, expiresAt },
    expiresMs: Math.min(nowMs + invitationLifetimeMs, keyEndsMs),
  };
}

import { noLimits, usualPolicy } from '../core/policy.ts';
import { changedLimits } from '../store/limits.ts';
import type { StoredKey } from '../store/keys.ts';
import { requireBounds } from '../store/outside.ts';
import type { KeyPolicy } from '../store/pairing.ts';
import type { CreatePairingRequest } from '../wire/pairing.ts';
import { presetPolicy } from '../wire/presets.ts';
import { expiredFromTheStart } from './pairing-errors.ts';
import { nextFridayEvening } from './pairing-expiry.ts';

const minuteMs = 60_000;
export const invitationLifetimeMs = 10 * minuteMs;

type When = { readonly nowMs: number; readonly timeZone: string };
type Promised = { readonly policy: KeyPolicy; readonly expiresMs: number };

/**
 * What the key will be, fixed now, and until when the invitation counts: the time asked for, or the end of the key if
 * that is sooner. Without a word about its end a guest's key ends on Friday evening and any other never;
 * `expiresAt: null` is the owner's word that it never ends. Limits that are left out are those of the preset.
 * @throws AppError 400 when the key would be expired from the start, or may be used from outside without the bounds of that
 */
export function policyOf(request: CreatePairingRequest, { nowMs, timeZone }: When): Promised {
  const { preset, name, expiresAt: wanted, autoApprove: _asked, validMinutes, ...others } = request;
  const { replaces: _key, overlapSeconds: _overlap, ...rest } = others;
  const expiresAt =
    wanted === undefined && preset === 'guest'
      ? new Date(nextFridayEvening(nowMs, timeZone)).toISOString()
      : (wanted ?? null);
  const keyEndsMs = expiresAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(expiresAt);
  if (keyEndsMs <= nowMs) throw expiredFromTheStart();
  const usual = presetPolicy(preset);
  const limits = changedLimits(usual.isDefault ? usual.limits : noLimits, rest.limits);
  const ofKey = { ...usualPolicy, outside: rest.outside ?? false, limits };
  requireBounds(
    { policy: ofKey, expiresMs: expiresAt === null ? null : keyEndsMs, role: 'inference' },
    nowMs,
  );
  const priority = rest.priority ?? (usual.isDefault ? usual.priority : undefined);
  return {
    policy: {
      ...rest,
      ...(priority === undefined ? {} : { priority }),
      limits: { ...limits, budgets: [...limits.budgets] },
      name: name ?? null,
      expiresAt,
    },
    expiresMs: Math.min(nowMs + validMinutes * minuteMs, keyEndsMs),
  };
}

/** Of an invitation that brings a key's device another text: what it is called, and its end. The rest is the key's own. */
export function policyOfKey(
  key: StoredKey,
  { nowMs, validMinutes }: { nowMs: number; validMinutes: number },
): Promised {
  const { name, person, device, expiresMs } = key;
  return {
    policy: {
      name,
      person,
      device,
      expiresAt: expiresMs === null ? null : new Date(expiresMs).toISOString(),
    },
    expiresMs: Math.min(nowMs + validMinutes * minuteMs, expiresMs ?? Number.MAX_SAFE_INTEGER),
  };
}

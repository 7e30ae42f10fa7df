import { playgroundKeyId, playgroundName } from '../core/playground.ts';
import { usualPolicy } from '../core/policy.ts';
import type { KnownKey } from './known-keys.ts';

/** What the owner asks by from the console; there is no text that opens anything. */
export function ownersKey(mayLeave: boolean): KnownKey {
  return {
    principal: {
      ...usualPolicy,
      ...quiet,
      keyId: playgroundKeyId,
      keyName: playgroundName,
      person: null,
      team: null,
      device: playgroundName,
      role: 'inference',
      models: null,
      mayLeave,
      isOwner: true,
    },
    stored: { expiresMs: null, revokedMs: null, pausedMs: null },
    mayComeFrom: () => true,
    modelLimits: new Map(),
    team: null,
  };
}

/** What a key may do, done by the owner. */
export function asOwner(key: KnownKey): KnownKey {
  return { ...key, principal: { ...key.principal, ...quiet, isOwner: true } };
}

/** Nothing is kept of what the owner tries, and none of what was kept for the key is told. */
const quiet = { traceUntilMs: null, cache: false } as const;

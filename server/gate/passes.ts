import { hashKey, newKeyText } from '../core/key-format.ts';
import { passKeyId, passKeyName, type Pass, type PassFor } from '../core/pass.ts';
import { usualPolicy } from '../core/policy.ts';
import { compileAddresses } from '../core/ip-address.ts';
import type { KnownKey } from './known-keys.ts';

/** Keys that the server has made for itself and that hold now. */
export type Passes = {
  readonly issue: (to: PassFor) => Pass;
  /** Null for what is no pass, or was withdrawn. */
  readonly find: (hash: Buffer) => KnownKey | null;
};

export function createPasses(): Passes {
  const open = new Map<string, KnownKey>();
  const mayComeFrom = compileAddresses(['127.0.0.0/8', '::1']);
  return {
    issue(to) {
      const key = newKeyText();
      const name = nameOf(hashKey(key));
      open.set(name, {
        principal: {
          ...usualPolicy,
          keyId: passKeyId,
          keyName: passKeyName,
          person: null,
          team: null,
          device: null,
          role: 'inference',
          models: [to.model],
          priority: 'low',
          // Only what the owner has asked for goes to such an engine, and it holds nothing of anybody's.
          mayLeave: true,
          cache: false,
          pass: to,
        },
        stored: { expiresMs: null, revokedMs: null, pausedMs: null },
        mayComeFrom,
        modelLimits: new Map(),
        team: null,
      });
      return { key, withdraw: () => void open.delete(name) };
    },
    // There is none except while a model is being checked.
    find: (hash) => (open.size === 0 ? null : (open.get(nameOf(hash)) ?? null)),
  };
}

function nameOf(hash: Buffer): string {
  return hash.toString('latin1');
}

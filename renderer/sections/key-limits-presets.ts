import type { WireLimits } from '../../server/wire/limits.ts';
import type { PairingPreset } from '../../server/wire/pairing.ts';
import type { KeyValues } from './key-limits-form.ts';
import { limitsValues, noLimits } from './key-limits-values.ts';

/**
 * What is sensible for most offices; our own choice. A colleague may work as fast as tools do, a script that runs away
 * ends within the day and lets people go first, a visitor tries things out.
 */
const wanted = {
  teammate: {
    priority: 'normal',
    limits: { ...noLimits, requestsPerMinute: 60, maxParallel: 4 },
  },
  script: {
    priority: 'low',
    limits: {
      ...noLimits,
      requestsPerMinute: 30,
      maxParallel: 2,
      budgets: [{ unit: 'tokens', amount: 1_000_000, period: 'day' }],
    },
  },
  guest: {
    priority: 'low',
    limits: {
      ...noLimits,
      requestsPerMinute: 20,
      maxParallel: 1,
      budgets: [{ unit: 'tokens', amount: 50_000, period: 'day' }],
    },
  },
} as const satisfies Record<PairingPreset, unknown>;

export const presets = ['teammate', 'script', 'guest'] as const satisfies readonly PairingPreset[];

/** The usual limits of a preset, as they are asked for with a new device. */
export function presetPolicy(preset: PairingPreset): {
  readonly priority: KeyValues['priority'];
  readonly limits: WireLimits;
} {
  const { priority, limits } = wanted[preset];
  return { priority, limits: { ...limits, budgets: limits.budgets.map((budget) => ({ ...budget })) } };
}

/** A guest's key ends; that of the others does not by itself. */
export function presetValues(preset: PairingPreset, before: KeyValues, isEndless: boolean): KeyValues {
  const { priority, limits } = presetPolicy(preset);
  return {
    ...before,
    priority,
    limits: limitsValues(limits),
    ...(preset === 'guest' && isEndless && before.expiry === 'keep' ? { expiry: 'week' } : {}),
  };
}

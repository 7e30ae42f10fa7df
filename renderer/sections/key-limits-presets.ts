import type { WireLimits } from '../../server/wire/limits.ts';
import type { PairingPreset } from '../../server/wire/pairing.ts';
import { presetPolicy } from '../../server/wire/presets.ts';
import type { KeyValues } from './key-limits-form.ts';
import { limitsOf, limitsProblems, limitsValues, noLimits, type LimitsValues } from './key-limits-values.ts';

export const presets = ['teammate', 'script', 'guest'] as const satisfies readonly PairingPreset[];

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

/** What a new device of this preset begins with. */
export function firstLimits(preset: PairingPreset): LimitsValues {
  const { limits, isDefault } = presetPolicy(preset);
  return limitsValues(isDefault ? limits : noLimits);
}

/** Whether a form's limits are those that are usual for the preset. */
export function areUsual(preset: PairingPreset, values: LimitsValues): boolean {
  const isComplete = Object.keys(limitsProblems(values)).length === 0;
  return isComplete && isSame(limitsOf(values), presetPolicy(preset).limits);
}

function isSame(a: WireLimits, b: WireLimits): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ requestsPerMinute, burst, tokensPerMinute, maxParallel, budgets }: WireLimits): string {
  const spent = budgets.map(({ unit, amount, period }) => [unit, amount, period]);
  return JSON.stringify([requestsPerMinute, burst, tokensPerMinute, maxParallel, spent]);
}

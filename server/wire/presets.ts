import type { WireLimits } from './limits.ts';
import type { PairingPreset } from './pairing.ts';

/** What is usual for a preset: the console offers it, and an invitation that says nothing else brings it. */
type PresetPolicy = {
  readonly priority: 'low' | 'normal' | 'high';
  readonly limits: WireLimits;
  /** Whether it counts where nothing is said. Colleagues are trusted; a script or a visitor must not use up everything. */
  readonly isDefault: boolean;
};

const none = { requestsPerMinute: null, burst: null, tokensPerMinute: null, maxParallel: null } as const;

/**
 * What is sensible for most offices; our own choice. A colleague may work as fast as tools do, a script that runs away
 * ends within the day and lets people go first, a visitor tries things out.
 */
const policies = {
  teammate: {
    priority: 'normal',
    limits: { ...none, requestsPerMinute: 60, maxParallel: 4, budgets: [] },
    isDefault: false,
  },
  script: {
    priority: 'low',
    limits: {
      ...none,
      requestsPerMinute: 30,
      maxParallel: 2,
      budgets: [{ unit: 'tokens', amount: 1_000_000, period: 'day' }],
    },
    isDefault: true,
  },
  guest: {
    priority: 'low',
    limits: {
      ...none,
      requestsPerMinute: 20,
      maxParallel: 1,
      budgets: [{ unit: 'tokens', amount: 50_000, period: 'day' }],
    },
    isDefault: true,
  },
} as const satisfies Record<PairingPreset, unknown>;

export function presetPolicy(preset: PairingPreset): PresetPolicy {
  const { priority, limits, isDefault } = policies[preset];
  return {
    priority,
    isDefault,
    limits: { ...limits, budgets: limits.budgets.map((budget) => ({ ...budget })) },
  };
}

import type { Principal } from '../core/principal.ts';
import { nobody, type Asker } from '../core/route.ts';

/** The share of a busy model by the key's priority: bounded, so that `low` waits longer but never for ever. */
const weights = { low: 0.5, normal: 1, high: 2 } as const satisfies Record<Principal['priority'], number>;

/** Who asks, as the routing sees it. */
export function askerOf(principal: Principal | null): Asker {
  if (principal === null) return nobody;
  const { keyId, priority, mayLeave, pass } = principal;
  return {
    keyId,
    weight: weights[priority],
    mayLeaveOffice: mayLeave,
    ...(pass === undefined ? {} : { isBackground: true }),
  };
}

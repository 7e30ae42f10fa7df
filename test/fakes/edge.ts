import type { Clock } from '../../server/core/clock.ts';
import { createEdge, type Edge } from '../../server/edge/edge.ts';
import { getEdgeSettings } from '../../server/store/edge-settings.ts';
import type { Store } from '../../server/store/open.ts';

/** The real edge over the settings of this store; no program counts as the owner's own. */
export function testEdge({ store, clock }: { readonly store: Store; readonly clock: Clock }): Edge {
  return createEdge({
    settings: () => getEdgeSettings(store),
    clock,
    isOwnProgram: () => false,
    onBlock() {},
  });
}

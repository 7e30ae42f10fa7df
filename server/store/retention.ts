import { z } from 'zod';
import { getSetting, setSetting } from './settings.ts';
import type { Store } from './open.ts';

/** How long is kept what; each kind has its own time. */
export type KeptKind = 'requests' | 'usage';

/** In days; null keeps for ever. */
export const keptDays = z.union(
  [z.int().min(1).max(36_500), z.null()],
  'a whole number of days from 1 to 36500, or null',
);

const usual: Readonly<Record<KeptKind, number | null>> = { requests: null, usage: null };

export function keepDays(store: Store, kind: KeptKind): number | null {
  const stored = keptDays.safeParse(getSetting(store, `retention.${kind}Days`));
  return stored.success ? stored.data : usual[kind];
}

export function setKeepDays(store: Store, kind: KeptKind, days: number | null): void {
  setSetting(store, `retention.${kind}Days`, days);
}

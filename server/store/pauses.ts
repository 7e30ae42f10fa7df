import { z } from 'zod';
import { pauseKind, type PauseKind } from '../wire/owner.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'pauses';

const keptPause = z.object({
  sinceMs: z.number(),
  /** Null: until it is ended by hand. */
  untilMs: z.number().nullable(),
  drainUntilMs: z.number(),
  by: z.enum(['owner', 'app']),
  /** What was in memory when it began. */
  loaded: z.array(z.object({ engine: z.string(), model: z.string() })),
});
/** A pause as it outlives the server. */
export type KeptPause = Readonly<z.infer<typeof keptPause>>;
export type KeptPauses = Readonly<Record<PauseKind, KeptPause | null>>;

/** A pause that cannot be read is none: better served than shut for ever. */
const stored = z.object({ gpu: keptPause.nullable().catch(null), all: keptPause.nullable().catch(null) });
const noPauses: KeptPauses = { gpu: null, all: null };

export const getPauses: (store: Store) => KeptPauses = settingReader(
  settingName,
  (value) => stored.safeParse(value ?? noPauses).data ?? noPauses,
);

/** Both pauses are kept apart: each ends by itself. */
export function setPause(store: Store, kind: PauseKind, pause: KeptPause | null): void {
  setSetting(store, settingName, { ...getPauses(store), [kind]: pause });
}

/** Null where there is none, or its time is over. */
export function activePause(store: Store, kind: PauseKind, nowMs: number): KeptPause | null {
  const pause = getPauses(store)[kind];
  return pause === null || (pause.untilMs !== null && pause.untilMs <= nowMs) ? null : pause;
}

export const pauseKinds: readonly PauseKind[] = pauseKind.options;

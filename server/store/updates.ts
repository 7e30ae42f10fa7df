import { z } from 'zod';
import { updateChoice, updateProblem } from '../wire/updates.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'updates';

const stored = z.object({
  choice: updateChoice.catch('ask'),
  /** The owner's own address; null for the publisher's. */
  feed: z.string().nullable().catch(null),
  lookedMs: z.number().nullable().catch(null),
  knownMs: z.number().nullable().catch(null),
  problem: updateProblem.nullable().catch(null),
  /** The newest news, signed, word for word: it is verified whenever it is read. */
  seen: z.string().nullable().catch(null),
});

/** What the owner wants of looking for newer versions, and what the last look has brought. */
export type StoredUpdates = z.infer<typeof stored>;

const nothing: StoredUpdates = {
  choice: 'ask',
  feed: null,
  lookedMs: null,
  knownMs: null,
  problem: null,
  seen: null,
};

export const storedUpdates: (store: Store) => StoredUpdates = settingReader(settingName, (value) =>
  value === undefined ? nothing : stored.catch(nothing).parse(value),
);

/** Changes what is named. */
export function setStoredUpdates(store: Store, change: Partial<StoredUpdates>): void {
  setSetting(store, settingName, { ...storedUpdates(store), ...change });
}

import { z } from 'zod';
import { readWebAddress } from '../core/egress.ts';
import { setStoredUpdates, storedUpdates } from '../store/updates.ts';
import { updateChoice, type UpdateChoice } from '../wire/updates.ts';
import type { AdminContext } from './admin-services.ts';

/** Looking for newer versions as settings by name; they count at once. */
export const updateSettingTable = {
  'updates.check': {
    meaning:
      'Whether the server looks for newer versions of itself, once a day, by one request that tells nobody who asks (yes), or not (no); ask: you have not said yet, and it does not. Nothing is installed by itself.',
    schema: z.enum(updateChoice.options, 'yes, no or ask'),
    get: ({ store }: AdminContext) => storedUpdates(store).choice,
    set: (context: AdminContext, choice: UpdateChoice) => {
      setStoredUpdates(context.store, { choice });
      context.live.publish({ type: 'updates-changed' });
    },
  },
  'updates.feed': {
    meaning:
      'Where news of newer versions lie, in place of the publisher’s own address: a file on a server of your network, or another Inglenook’s /.well-known/inglenook-updates.json. What is not signed by the makers is not believed. Null: the publisher’s.',
    schema: z.union(
      [z.string().max(2000).refine(isFeed), z.null()],
      'an http or https address without a name and password in it, or null',
    ),
    get: ({ store }: AdminContext) => storedUpdates(store).feed,
    set: (context: AdminContext, feed: string | null) => {
      // What was said of another address is not true of this one.
      setStoredUpdates(context.store, { feed, problem: null, lookedMs: null });
      context.live.publish({ type: 'updates-changed' });
    },
  },
};

function isFeed(text: string): boolean {
  return typeof readWebAddress(text) !== 'string';
}

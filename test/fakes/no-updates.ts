import type { UpdateState } from '../../server/wire/updates.ts';
import type { Updates } from '../../server/updates/updates.ts';

const state: UpdateState = {
  version: '1.2.3',
  releasedOn: '2026-11-23',
  ageDays: 0,
  choice: 'no',
  feed: null,
  isOwnFeed: false,
  isPossible: false,
  lookedAt: null,
  knownAt: null,
  problem: null,
  problemText: null,
  news: null,
  download: { state: 'none' },
};

/** Knows of no newer version and asks nobody; for tests of everything else. */
export function noUpdates(): Updates {
  return {
    state: () => state,
    look: async () => state,
    begin() {},
    download: () => state,
    stop: async () => {},
    seen: () => null,
  };
}

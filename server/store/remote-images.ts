import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

const name = 'images.fetchRemote';

/** Whether images that messages only point at are fetched; only if the owner wants it (security.md §4). */
export function fetchesRemoteImages(store: Store): boolean {
  return getSetting(store, name) === true;
}

export function setFetchesRemoteImages(store: Store, fetches: boolean): void {
  setSetting(store, name, fetches);
}

import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

const name = 'cache.sharePrefixes';

/** Whether all keys share computed beginnings of prompts; only if the owner wants it (engine.md §5.2). */
export function sharesPrefixes(store: Store): boolean {
  return getSetting(store, name) === true;
}

export function setSharesPrefixes(store: Store, shares: boolean): void {
  setSetting(store, name, shares);
}

import type { Store } from './open.ts';
import { setSetting, settingReader } from './settings.ts';

const name = 'cache.sharePrefixes';

/** Whether all keys share computed beginnings of prompts; only if the owner wants it (engine.md §5.2). */
export const sharesPrefixes: (store: Store) => boolean = settingReader(name, (value) => value === true);

export function setSharesPrefixes(store: Store, shares: boolean): void {
  setSetting(store, name, shares);
}

import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

const name = 'pairing.uninvited';

/** Whether devices may ask to be let in that nobody has invited; nothing happens without the owner's yes either way. */
export function mayAskUninvited(store: Store): boolean {
  return getSetting(store, name) !== false;
}

export function setMayAskUninvited(store: Store, may: boolean): void {
  setSetting(store, name, may);
}

import { getSetting, setSetting } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'metrics.perKey';

/** Whether /metrics tells of each key for itself. Off, unless the owner says otherwise: names of keys are of people. */
export function countsEachKey(store: Store): boolean {
  return getSetting(store, settingName) === true;
}

export function setCountsEachKey(store: Store, counts: boolean): void {
  setSetting(store, settingName, counts);
}

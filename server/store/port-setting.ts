import { portNumber } from '../wire/trials.ts';
import { getSetting, setSetting } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'network.port';

/** What the owner wants the server to listen on from the next start on; null for the usual. */
export function keptPort(store: Store): number | null {
  return portNumber.safeParse(getSetting(store, settingName)).data ?? null;
}

export function keepPort(store: Store, port: number | null): void {
  setSetting(store, settingName, port);
}

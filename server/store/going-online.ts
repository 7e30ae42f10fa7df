import { AppError } from '../core/errors.ts';
import type { IsOffline } from '../core/offline.ts';
import type { Store } from './open.ts';
import { getSetting, setSetting } from './settings.ts';

const name = 'online.never';

export type GoingOnline = {
  readonly isOffline: IsOffline;
  /** Said when the server was started: then nobody who is signed in can change it. */
  readonly isForced: boolean;
  /** @throws AppError 409 where it was said at the start */
  readonly forbid: (never: boolean) => void;
};

/** The one place that knows whether the server may go online. */
export function createGoingOnline(store: Store, isForced: boolean): GoingOnline {
  return {
    isOffline: () => isForced || getSetting(store, name) === true,
    isForced,
    forbid(never) {
      if (isForced && !never) throw forced();
      setSetting(store, name, never);
    },
  };
}

function forced(): AppError {
  return new AppError(
    'Inglenook was started with INGLENOOK_OFFLINE=1, so that nobody can let it go online from here. Start it without.',
    { status: 409, code: 'offline', param: 'value' },
  );
}

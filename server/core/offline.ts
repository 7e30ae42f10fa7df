import { AppError } from './errors.ts';

/**
 * Whether the owner has said: never go online. Asked each time, since the console can switch it. It forbids what we
 * fetch for ourselves: models, searches, images, and exports that leave the office. Upstreams that the owner has added
 * are asked all the same.
 */
export type IsOffline = () => boolean;

/** The sentence for everything that would need a network that the owner has forbidden. */
export function offlineRefusal(): AppError {
  return new AppError(
    'Inglenook is set to never go online, so nothing can be fetched. Add a model file of this computer instead, or allow it in the settings (where it was started with INGLENOOK_OFFLINE=1, start it without).',
    { status: 409, code: 'offline' },
  );
}

/** @throws AppError 409 `offline` */
export function requireOnline(isOffline: IsOffline): void {
  if (isOffline()) throw offlineRefusal();
}

import { z } from 'zod';
import type { Store } from './open.ts';
import { setSetting, settingReader } from './settings.ts';

const name = 'routing.retries';

/** One that has failed three times in a row is left alone for a while, so more would never be asked. */
export const mostRetries = 2;
export const retryCount = z.int().min(0).max(mostRetries);
const stored = retryCount.catch(mostRetries);

/** How often remote engines are asked again after failures that may be gone in a moment. */
export const retries: (store: Store) => number = settingReader(name, (value) => stored.parse(value));

export function setRetries(store: Store, count: number): void {
  setSetting(store, name, count);
}

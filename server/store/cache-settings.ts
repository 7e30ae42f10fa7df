import { z } from 'zod';
import { cacheSettings, type CacheSettings } from '../wire/cache.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const name = 'cache';

/** Each falls back to the usual where another program has written what this one does not know. */
const stored = z.object({
  enabled: cacheSettings.shape.enabled.catch(false),
  maxAgeMinutes: cacheSettings.shape.maxAgeMinutes.catch(60),
  maxMegabytes: cacheSettings.shape.maxMegabytes.catch(64),
  anySampling: cacheSettings.shape.anySampling.catch(false),
  shareAnswers: cacheSettings.shape.shareAnswers.catch(false),
});

/** Whether and how answers are kept to be given again (`routing/answer-cache.ts`); off unless the owner wants it. */
export const getCacheSettings: (store: Store) => CacheSettings = settingReader(name, (value) =>
  stored.parse(value ?? {}),
);

/** What is left out stays as it is. */
export function setCacheSettings(store: Store, change: Partial<CacheSettings>): void {
  setSetting(store, name, { ...getCacheSettings(store), ...change });
}

export function cacheBounds(store: Store): { readonly maxBytes: number; readonly maxAgeMs: number } {
  const { enabled, maxMegabytes, maxAgeMinutes } = getCacheSettings(store);
  return { maxBytes: enabled ? maxMegabytes * 1e6 : 0, maxAgeMs: maxAgeMinutes * 60_000 };
}

import { z } from 'zod';
import { getCacheSettings } from '../store/cache-settings.ts';
import { getEdgeSettings } from '../store/edge-settings.ts';
import { cacheSettings, type CacheSettings } from '../wire/cache.ts';
import { edgeSettings, type EdgeSettings } from '../wire/edge.ts';
import { changeCache } from './admin-cache.ts';
import { changeEdge } from './admin-edge.ts';
import type { Setting } from './admin-setting.ts';

/** Of the edge; all are kept together. */
export function edgeSetting(
  name: Exclude<keyof EdgeSettings, 'allow' | 'trustedProxies'>,
  meaning: string,
): Setting {
  return {
    meaning,
    schema: edgeSettings.shape[name],
    get: ({ store }) => getEdgeSettings(store)[name],
    set: (context, value: EdgeSettings[typeof name], request) =>
      changeEdge({ context, request }, { [name]: value }),
  };
}

export function edgeAddresses(name: 'allow' | 'trustedProxies', meaning: string): Setting {
  const list = edgeSettings.shape[name];
  return {
    meaning,
    schema: z
      .string('a text')
      .max(50_000, 'at most 50000 characters')
      .superRefine((text, check) => {
        const issue = list.safeParse(listed(text)).error?.issues[0];
        // Whoever tells it puts the full stop behind it.
        const message = `addresses. ${issue?.message.replace(/\.$/, '')}`;
        if (issue !== undefined) check.addIssue({ code: 'custom', message });
      }),
    get: ({ store }) => getEdgeSettings(store)[name].join(', '),
    set: (context, text: string, request) => changeEdge({ context, request }, { [name]: listed(text) }),
  };
}

/** Of the response cache; all are kept together. */
export function cacheSetting(name: keyof CacheSettings, meaning: string): Setting {
  return {
    meaning,
    schema: cacheSettings.shape[name],
    get: ({ store }) => getCacheSettings(store)[name],
    set: (context, value: CacheSettings[typeof name]) => changeCache(context, { [name]: value }),
  };
}

/** What was written with commas between. */
export function listed(text: string): string[] {
  return text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
}

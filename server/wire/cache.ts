import { z } from 'zod';

/** The response cache. Each is set by name: `PUT /api/settings/cache.enabled` and so on. */
export const cacheSettings = z.object({
  enabled: z.boolean('true or false'),
  /** An answer is given again for so long. */
  maxAgeMinutes: z
    .int('a whole number')
    .min(1, 'a number from 1 to 43200')
    .max(43_200, 'a number from 1 to 43200'),
  /** Memory of all kept answers together. */
  maxMegabytes: z
    .int('a whole number')
    .min(1, 'a number from 1 to 4096')
    .max(4096, 'a number from 1 to 4096'),
  /** Also answers to requests that may be answered differently each time. */
  anySampling: z.boolean('true or false'),
  /** Whether an answer that one key was given is given to others that may use the same model. */
  shareAnswers: z.boolean('true or false'),
});
export type CacheSettings = z.infer<typeof cacheSettings>;

/** `GET /api/cache`; `DELETE` empties it and gives the same. */
export const cacheState = z.object({
  ...cacheSettings.shape,
  answers: z.number().int(),
  bytes: z.number().int(),
  /** Since the server's start; requests that may not be answered from the cache count as neither. */
  hits: z.number().int(),
  misses: z.number().int(),
});
export type CacheState = z.infer<typeof cacheState>;

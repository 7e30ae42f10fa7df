import { z } from 'zod';

/** Office hours, as they are set. The plan is a text, so that `settings set` can set it too: see `core/week-plan.ts`. */

export const mostPreloadMinutes = 120;

export const hoursSettings = z.object({
  /** `Mon-Fri 08:00-18:00`; null: there are no hours, and nothing is done by the clock. */
  week: z.string().max(1000).nullable(),
  /** So long before they begin the models are loaded. */
  preloadMinutes: z
    .int('a whole number')
    .min(0, 'a number from 0 on')
    .max(mostPreloadMinutes, `a number up to ${mostPreloadMinutes}`),
  /** Which; empty: what is marked to be loaded at the start, and what the name `office` leads to. */
  models: z.array(z.string().min(1).max(200)).max(20, 'at most 20 models'),
  /** Whether this computer is kept from falling asleep while they last. */
  keepAwake: z.boolean('true or false'),
  /** Outside of them, a model that nobody has used for so long leaves the memory; null: as each model's own settings say. */
  unloadAfterMinutes: z.union([z.int().min(0).max(1440), z.null()], 'a whole number from 0 to 1440, or null'),
});
export type HoursSettings = z.infer<typeof hoursSettings>;

export const usualHours: HoursSettings = {
  week: null,
  preloadMinutes: 10,
  models: [],
  keepAwake: true,
  unloadAfterMinutes: null,
};

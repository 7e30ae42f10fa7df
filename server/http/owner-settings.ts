import { z } from 'zod';
import { formatWeekPlan, isEmptyPlan, parseWeekPlan, WeekPlanFault } from '../core/week-plan.ts';
import { getHours, setHours } from '../store/hours.ts';
import { hoursSettings, type HoursSettings } from '../wire/hours.ts';
import type { AdminContext } from './admin-services.ts';

/** The office hours as settings by name; they count at once. */

/** A plan as it is written best, or why it is none. */
const weekText = z.union(
  [
    z
      .string('a text such as Mon-Fri 08:00-18:00')
      .max(1000, 'at most 1000 characters')
      .transform((text, check) => {
        try {
          const plan = parseWeekPlan(text);
          return isEmptyPlan(plan) ? null : formatWeekPlan(plan);
        } catch (error) {
          if (!(error instanceof WeekPlanFault)) throw error;
          check.addIssue({ code: 'custom', message: error.message });
          return z.NEVER;
        }
      }),
    z.null(),
  ],
  {
    // A union tells nothing of why; the text's own reason is the one that helps.
    error: ({ input }) =>
      typeof input === 'string' ? faultOf(input) : 'a text such as Mon-Fri 08:00-18:00, or null',
  },
);

function faultOf(text: string): string {
  try {
    parseWeekPlan(text);
    return 'at most 1000 characters';
  } catch (error) {
    return error instanceof WeekPlanFault ? error.message : 'a text such as Mon-Fri 08:00-18:00';
  }
}

const modelsText = z
  .string('a text')
  .max(4000, 'at most 4000 characters')
  .refine(
    (text) => hoursSettings.shape.models.safeParse(listed(text)).success,
    'up to 20 names of models, separated by commas',
  );

export const hoursSettingTable = {
  'hours.week': {
    meaning:
      'The office’s hours in this computer’s time zone, such as Mon-Fri 08:00-18:00; Sat 09:00-13:00. Models are loaded before they begin. Null: nothing is done by the clock.',
    schema: weekText,
    get: ({ store }: AdminContext) => getHours(store).week,
    set: (context: AdminContext, week: string | null) => change(context, { week }),
  },
  'hours.preloadMinutes': {
    meaning: 'So many minutes before the office hours begin the models are loaded.',
    schema: hoursSettings.shape.preloadMinutes,
    get: ({ store }: AdminContext) => getHours(store).preloadMinutes,
    set: (context: AdminContext, preloadMinutes: number) => change(context, { preloadMinutes }),
  },
  'hours.models': {
    meaning:
      'Models or names that are loaded for the office hours, separated by commas; empty for those marked to be loaded at the start and the one that office leads to.',
    schema: modelsText,
    get: ({ store }: AdminContext) => getHours(store).models.join(', '),
    set: (context: AdminContext, text: string) => change(context, { models: listed(text) }),
  },
  'hours.keepAwake': {
    meaning: 'Whether this computer is kept from falling asleep during the office hours.',
    schema: hoursSettings.shape.keepAwake,
    get: ({ store }: AdminContext) => getHours(store).keepAwake,
    set: (context: AdminContext, keepAwake: boolean) => change(context, { keepAwake }),
  },
  'hours.unloadAfterMinutes': {
    meaning:
      'Outside the office hours, after so many minutes without use a model leaves the memory; null: as each model’s own settings say.',
    schema: hoursSettings.shape.unloadAfterMinutes,
    get: ({ store }: AdminContext) => getHours(store).unloadAfterMinutes,
    set: (context: AdminContext, unloadAfterMinutes: number | null) =>
      change(context, { unloadAfterMinutes }),
  },
};

function change({ store, owner }: AdminContext, wanted: Partial<HoursSettings>): void {
  setHours(store, wanted);
  owner.hours.look();
}

function listed(text: string): string[] {
  return text.split(',').flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));
}

import { hoursSettings, usualHours, type HoursSettings } from '../wire/hours.ts';
import { setSetting, settingReader } from './settings.ts';
import type { Store } from './open.ts';

const settingName = 'hours';

/** What cannot be read, each for itself, is as usual. */
function kept(value: unknown): HoursSettings {
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const { week, preloadMinutes, models, keepAwake, unloadAfterMinutes } = hoursSettings.shape;
  return {
    week: week.catch(usualHours.week).parse(given['week'] ?? null),
    preloadMinutes: preloadMinutes.catch(usualHours.preloadMinutes).parse(given['preloadMinutes']),
    models: models.catch(usualHours.models).parse(given['models']),
    keepAwake: keepAwake.catch(usualHours.keepAwake).parse(given['keepAwake']),
    unloadAfterMinutes: unloadAfterMinutes
      .catch(usualHours.unloadAfterMinutes)
      .parse(given['unloadAfterMinutes'] ?? null),
  };
}

export const getHours: (store: Store) => HoursSettings = settingReader(settingName, kept);

/** What is left out stays as it is. */
export function setHours(store: Store, change: Partial<HoursSettings>): void {
  setSetting(store, settingName, { ...getHours(store), ...change });
}

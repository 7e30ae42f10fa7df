import type { Clock, Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import type { Logger } from '../core/logger.ts';
import type { ModelDescription } from '../core/model.ts';
import {
  isEmptyPlan,
  parseWeekPlan,
  standingAt,
  type PlanStanding,
  type WeekPlan,
} from '../core/week-plan.ts';
import { getHours } from '../store/hours.ts';
import type { Store } from '../store/open.ts';
import type { HoursSettings } from '../wire/hours.ts';
import type { OfficeHoursState } from '../wire/owner.ts';
import type { KeepAwake } from './keep-awake.ts';

/** What is done by the clock: models are there before the office comes, the computer stays awake, and both end in the evening. */
export type OfficeHours = {
  readonly state: () => OfficeHoursState;
  /** The settings, or a pause, have changed: looks at once. */
  readonly look: () => void;
  readonly begin: () => void;
  readonly stop: () => void;
};

export type OfficeHoursOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly timeZone: string;
  readonly log: Logger;
  readonly awake: KeepAwake;
  /** Whose models are loaded and unloaded. */
  readonly ours: () => readonly Engine[];
  /** The models that are meant, where the owner has named none. */
  readonly usualModels: () => readonly string[];
  /** The id that a name of the owner's stands for now. */
  readonly modelOf: (name: string) => string;
  /** The owner needs the computer: nothing is loaded. */
  readonly isHeld: () => boolean;
  /** Nobody is answered: nobody is stayed awake for. */
  readonly isPaused: () => boolean;
  readonly onChange: () => void;
};

/** The calendar's clock may jump, and a computer sleep: so it is looked at anew every so often. */
const lookEveryMs = 30_000;

export function createOfficeHours(options: OfficeHoursOptions): OfficeHours {
  const { store, clock, timers, timeZone, log, awake } = options;
  let cancel = (): void => {};
  let told = '';
  /** The hours for which models have been loaded, and which the owner had named. */
  let loadedFor: string | null = null;
  /** Since when a model lies idle, and by what that is seen. */
  const idle = new Map<string, { readonly mark: string; readonly sinceMs: number }>();

  function planNow(): { readonly plan: WeekPlan; readonly settings: HoursSettings } | null {
    const settings = getHours(store);
    if (settings.week === null) return null;
    try {
      const plan = parseWeekPlan(settings.week);
      return isEmptyPlan(plan) ? null : { plan, settings };
    } catch (error) {
      // Written by another version; the setting says what it is.
      log.warn('The office hours cannot be read.', { error });
      return null;
    }
  }

  let seen: { readonly week: string; readonly atMs: number; readonly standing: PlanStanding } | null = null;

  /** Reckoned anew only where it may be another: it is asked for at every look, and for every page. */
  function standingNow({ plan, settings }: NonNullable<ReturnType<typeof planNow>>): PlanStanding {
    const nowMs = clock.nowMs();
    const week = settings.week ?? '';
    if (seen === null || seen.week !== week || nowMs < seen.atMs || nowMs >= endOf(seen)) {
      seen = { week, atMs: nowMs, standing: standingAt(plan, nowMs, timeZone) };
    }
    return seen.standing;
  }

  function wanted(): readonly string[] {
    const { models } = getHours(store);
    const ids = models.length === 0 ? options.usualModels() : models.map((name) => options.modelOf(name));
    return [...new Set(ids)];
  }

  function look(): void {
    cancel();
    const nowMs = clock.nowMs();
    const present = planNow();
    let waitMs = lookEveryMs;
    if (present === null) {
      loadedFor = null;
      idle.clear();
      awake.set(false);
    } else {
      const { settings } = present;
      const standing = standingNow(present);
      awake.set(settings.keepAwake && standing.now !== null && !options.isPaused());
      preload(standing, settings, nowMs);
      if (standing.now === null) unloadIdle(settings, nowMs);
      else idle.clear();
      waitMs = Math.min(waitMs, ...momentsAhead(standing, settings, nowMs));
    }
    cancel = timers.after(waitMs, look);
    announce();
  }

  function preload(
    { now, nextMs }: PlanStanding,
    { preloadMinutes, models }: HoursSettings,
    nowMs: number,
  ): void {
    const isSoon = nextMs !== null && nextMs - nowMs <= preloadMinutes * 60_000;
    // The next ones go before those that are about to end.
    const forMs = isSoon ? nextMs : (now?.beginMs ?? null);
    const wish = JSON.stringify([forMs, models]);
    if (forMs === null || wish === loadedFor || options.isHeld()) return;
    loadedFor = wish;
    for (const model of wanted()) void load(model);
  }

  async function load(model: string): Promise<void> {
    const engine = options.ours().find((one) => one.models().some(({ id }) => id === model));
    if (engine === undefined) {
      log.warn('A model for the office hours is not on this computer.', { model });
      return;
    }
    try {
      await engine.ensureReady(model, new AbortController().signal);
      log.info('A model is ready for the office hours.', { model });
    } catch (error) {
      log.warn('A model could not be loaded for the office hours.', { model, error });
    }
  }

  /** Only of our own engine: another has a time of its own, which is its setting. */
  function unloadIdle({ unloadAfterMinutes }: HoursSettings, nowMs: number): void {
    if (unloadAfterMinutes === null) return;
    for (const engine of options.ours().filter(({ isRemote }) => isRemote !== true)) {
      for (const model of engine.models()) {
        const key = `${engine.id}/${model.id}`;
        const mark = markOf(model);
        const before = idle.get(key);
        if (mark === null || willSoonBeWanted(model)) idle.delete(key);
        else if (before?.mark !== mark) idle.set(key, { mark, sinceMs: nowMs });
        else if (nowMs - before.sinceMs >= unloadAfterMinutes * 60_000) {
          idle.delete(key);
          log.info('A model is unloaded: it is outside of office hours and nobody uses it.', {
            model: model.id,
          });
          engine.unload(model.id).catch((error: unknown) => {
            log.warn('A model could not be unloaded.', { model: model.id, error });
          });
        }
      }
    }
  }

  /** What was loaded for hours that are about to begin stays. */
  function willSoonBeWanted({ id }: ModelDescription): boolean {
    const present = planNow();
    if (present === null) return false;
    const { nextMs } = standingNow(present);
    const isSoon = nextMs !== null && nextMs - clock.nowMs() <= present.settings.preloadMinutes * 60_000;
    return isSoon && wanted().includes(id);
  }

  function announce(): void {
    const now = JSON.stringify(state());
    if (now === told) return;
    told = now;
    options.onChange();
  }

  function state(): OfficeHoursState {
    const present = planNow();
    const base = { timeZone, awake: awake.state() };
    if (present === null) return { ...base, open: null, until: null, next: null, models: [] };
    const { now, nextMs } = standingNow(present);
    return {
      ...base,
      open: now !== null,
      until: now === null || now.endMs === null ? null : new Date(now.endMs).toISOString(),
      next: nextMs === null || (now !== null && now.endMs === null) ? null : new Date(nextMs).toISOString(),
      models: [...wanted()],
    };
  }

  return {
    state,
    look,
    begin: look,
    stop() {
      cancel();
      awake.stop();
    },
  };
}

const dayMs = 86_400_000;

/** Until when a standing holds: its next change, but no longer than a day, since no more than some days are looked ahead. */
function endOf({
  atMs,
  standing: { now, nextMs },
}: {
  readonly atMs: number;
  readonly standing: PlanStanding;
}): number {
  return Math.min(atMs + dayMs, now?.endMs ?? Infinity, nextMs ?? Infinity);
}

/** How long until something is to be done, for each thing that is. */
function momentsAhead(
  { now, nextMs }: PlanStanding,
  { preloadMinutes }: HoursSettings,
  nowMs: number,
): number[] {
  const moments = [now?.endMs ?? null, nextMs, nextMs === null ? null : nextMs - preloadMinutes * 60_000];
  return moments.flatMap((atMs) => (atMs !== null && atMs > nowMs ? [atMs - nowMs] : []));
}

/** The same for as long as nobody uses the model; null while it is in use, not there, or to stay. */
function markOf({
  state,
  activeSlots,
  settings,
  decodes,
  generatedTokens,
  keepAliveUntilMs,
}: ModelDescription) {
  if (state !== 'ready' || activeSlots > 0 || settings.pinned) return null;
  return JSON.stringify([decodes, generatedTokens, keepAliveUntilMs]);
}

import { z } from 'zod';
import type { Clock, Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Audit } from '../store/audit.ts';
import type { Store } from '../store/open.ts';
import { getSetting, setSetting } from '../store/settings.ts';
import { trialName, type TrialName, type WireTrial } from '../wire/trials.ts';

/** Changes on trial: see `wire/trials.ts`. */
export type Trials = {
  readonly list: () => WireTrial[];
  /**
   * Begins the minute, or begins it anew. `before` is what is gone back to: of several changes in a row the first one's
   * counts, which is what was kept.
   */
  readonly begin: (name: TrialName, before: unknown) => void;
  /** It stays as it is now. @throws AppError 404 where nothing of that name is on trial */
  readonly keep: (name: TrialName) => Promise<void>;
  /** @throws AppError 404 */
  readonly takeBack: (name: TrialName) => Promise<void>;
  /** No trial any more, if there was one: the owner has decided otherwise. */
  readonly drop: (name: TrialName) => void;
  /** Takes back what was on trial when an earlier server ended: nobody can have kept it. Never rejects. */
  readonly recover: () => Promise<void>;
  readonly stop: () => void;
};

/** How a change is undone; and, where that is not done at once, made to last. */
export type TrialWay = {
  readonly takeBack: (before: unknown) => void | Promise<void>;
  readonly keep?: () => void | Promise<void>;
};

export type TrialOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly audit: Audit;
  readonly ways: Readonly<Record<TrialName, TrialWay>>;
  readonly onChange: () => void;
};

const trialMs = 60_000;
const settingName = 'trials';

const noted = z.object({ endsAtMs: z.number(), before: z.unknown() });
const notedTrials = z.partialRecord(trialName, noted).catch({});
type Noted = z.infer<typeof noted>;

export function createTrials({ store, clock, timers, log, audit, ways, onChange }: TrialOptions): Trials {
  /** Kept over a crash of ours as well: the next start takes them back. */
  const read = (): Partial<Record<TrialName, Noted>> =>
    notedTrials.parse(getSetting(store, settingName) ?? {});
  const ends = new Map<TrialName, () => void>();

  function note(name: TrialName, entry: Noted | null): void {
    const { [name]: _, ...others } = read();
    setSetting(store, settingName, entry === null ? others : { ...others, [name]: entry });
    ends.get(name)?.();
    ends.delete(name);
  }

  function find(name: TrialName): Noted {
    const found = read()[name];
    if (found !== undefined) return found;
    throw new AppError('Nothing of that name is on trial, or not any more.', {
      status: 404,
      code: 'trial_not_found',
      param: 'name',
    });
  }

  async function undo(name: TrialName, { before }: Noted): Promise<void> {
    await ways[name].takeBack(before);
    note(name, null);
    log.info('A change on trial was taken back.', { trial: name });
    onChange();
  }

  /** Nobody has decided. Where it fails it is tried again by the next start. */
  async function undoByItself(name: TrialName, entry: Noted): Promise<void> {
    try {
      await undo(name, entry);
      audit.appendLate({ actor: 'server', act: 'trial.take-back', outcome: 'done', object: name });
    } catch (error) {
      log.error('A change on trial could not be taken back.', { trial: name, error });
    }
  }

  return {
    list: () =>
      trialName.options.flatMap((name) => {
        const found = read()[name];
        return found === undefined ? [] : [{ name, endsAt: new Date(found.endsAtMs).toISOString() }];
      }),
    begin(name, before) {
      const entry = { endsAtMs: clock.nowMs() + trialMs, before: read()[name]?.before ?? before };
      note(name, entry);
      ends.set(
        name,
        timers.after(trialMs, () => void undoByItself(name, entry)),
      );
      onChange();
    },
    async keep(name) {
      find(name);
      await ways[name].keep?.();
      note(name, null);
      onChange();
    },
    async takeBack(name) {
      await undo(name, find(name));
    },
    drop(name) {
      if (read()[name] === undefined) return;
      note(name, null);
      onChange();
    },
    async recover() {
      for (const name of trialName.options) {
        const left = read()[name];
        if (left !== undefined) await undoByItself(name, left);
      }
    },
    stop() {
      for (const cancel of ends.values()) cancel();
      ends.clear();
    },
  };
}

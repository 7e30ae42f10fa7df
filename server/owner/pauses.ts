import type { AuditTrail } from '../core/audit.ts';
import type { Clock, Timers } from '../core/clock.ts';
import { createCrowd } from '../core/crowd.ts';
import type { Engine } from '../core/engine.ts';
import type { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Store } from '../store/open.ts';
import { activePause, getPauses, pauseKinds, setPause, type KeptPause } from '../store/pauses.ts';
import type { PauseKind, Pausing, PausesState } from '../wire/owner.ts';
import { endedByPause, pauseRefusal } from './pause-refusals.ts';

/**
 * The two ways in which the owner takes the computer back:
 *
 *     (none) ──take──► draining ──all have ended, or the time is over──► unloading ──► held ──time, lift──► (none)
 *
 * What is kept in the store is the state: a restart goes on with it. `all` unloads nothing.
 */
export type Pauses = {
  readonly state: () => PausesState;
  /** Null while this kind of request is answered; cheap enough for every request. */
  readonly refusal: (kind: PauseKind) => AppError | null;
  /** Whether this engine's models are held back just now. */
  readonly refusalOf: (engine: Engine) => AppError | null;
  /** Whether it computes on this computer, and so can be held back at all. */
  readonly concerns: (engine: Engine) => boolean;
  /** Called when the models of this computer are taken back, for who waits for them. Returns what ends it. */
  readonly onTaken: (listener: () => void) => () => void;
  /** Begins it, or changes its end; never earlier than the request says. */
  readonly take: (kind: PauseKind, wish: PauseWish) => void;
  /** Ends it; false where there was none. */
  readonly lift: (kind: PauseKind, because: 'asked' | 'time') => boolean;
  /** Takes up what was kept, once the engines are there. */
  readonly begin: () => void;
  readonly stop: () => void;
};

export type PauseWish = {
  /** Null: until it is lifted. */
  readonly forMs: number | null;
  readonly drainMs: number;
  readonly by: KeptPause['by'];
};

export type PausesOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly timeZone: string;
  readonly log: Logger;
  readonly audit: AuditTrail;
  /** Engines whose models are ours to unload. */
  readonly ours: () => readonly Engine[];
  /** Other servers on this computer, by what the owner calls them. */
  readonly others: () => readonly string[];
  /** How many answers are running that a pause of this kind waits for. */
  readonly running: (kind: PauseKind) => number;
  /** Ends them. */
  readonly endRunning: (kind: PauseKind, reason: AppError) => void;
  /** Loads what the owner wants in memory from the start. */
  readonly preload: () => void;
  /** Takes our names off the network, or puts them back. */
  readonly setQuiet: (isQuiet: boolean) => void;
  readonly onChange: () => void;
};

const lookEveryMs = 200;
/** By the calendar's clock, which a computer that slept finds changed: so it is looked at anew every so often. */
const longestSleepMs = 30_000;

/** Whether an engine computes on this computer. Upstreams do not, whatever their address: they are other people's servers. */
export function computesHere(engine: Engine): boolean {
  return engine.computesHere ?? engine.isRemote !== true;
}

function isInMemory(state: ModelDescription['state']): boolean {
  return state === 'ready' || state === 'busy' || state === 'loading';
}

export function createPauses(options: PausesOptions): Pauses {
  const { store, clock, timers, timeZone, log, audit } = options;
  // Every request enters and leaves.
  const listeners = createCrowd<() => void>();
  const phases: Record<PauseKind, Pausing['phase']> = { gpu: 'held', all: 'held' };
  const cancels: Record<PauseKind, () => void> = { gpu: () => {}, all: () => {} };
  /** Raised by every take and lift, so that what was begun before knows that it counts no more. */
  const turns: Record<PauseKind, number> = { gpu: 0, all: 0 };

  const active = (kind: PauseKind): KeptPause | null => activePause(store, kind, clock.nowMs());
  const refusal = (kind: PauseKind): AppError | null =>
    pauseRefusal(store, kind, { nowMs: clock.nowMs(), timeZone });

  function describe(kind: PauseKind): Pausing | null {
    const pause = active(kind);
    if (pause === null) return null;
    const { sinceMs, untilMs, drainUntilMs, by, loaded } = pause;
    return {
      since: new Date(sinceMs).toISOString(),
      until: untilMs === null ? null : new Date(untilMs).toISOString(),
      by,
      phase: phases[kind],
      running: phases[kind] === 'draining' ? options.running(kind) : 0,
      drainUntil: new Date(drainUntilMs).toISOString(),
      models: loaded.map(({ model }) => model),
      others: kind === 'gpu' ? [...options.others()] : [],
    };
  }

  function become(kind: PauseKind, phase: Pausing['phase']): void {
    phases[kind] = phase;
    options.onChange();
  }

  function take(kind: PauseKind, { forMs, drainMs, by }: PauseWish): void {
    const nowMs = clock.nowMs();
    const before = active(kind);
    setPause(store, kind, {
      sinceMs: before?.sinceMs ?? nowMs,
      untilMs: forMs === null ? null : nowMs + forMs,
      drainUntilMs: nowMs + drainMs,
      by,
      loaded: before?.loaded ?? (kind === 'gpu' ? inMemory() : []),
    });
    log.info('The owner takes the computer back.', { what: kind, forMs, drainMs, by });
    if (before === null) {
      if (kind === 'all') options.setQuiet(true);
      else for (const listener of listeners) listener();
    }
    // One that holds already has nothing left to drain, but what has slipped in.
    drain(kind);
    waitForEnd(kind);
  }

  function inMemory(): KeptPause['loaded'] {
    return options.ours().flatMap((engine) =>
      engine
        .models()
        .filter(({ state }) => isInMemory(state))
        .map(({ id }) => ({ engine: engine.id, model: id })),
    );
  }

  function drain(kind: PauseKind): void {
    turns[kind] += 1;
    const mine = turns[kind];
    cancels[kind]();
    const look = (): void => {
      if (mine !== turns[kind]) return;
      const pause = active(kind);
      if (pause === null) return;
      const running = options.running(kind);
      if (running > 0 && clock.nowMs() < pause.drainUntilMs) {
        if (running !== told) options.onChange();
        told = running;
        return;
      }
      cancels[kind]();
      const why = refusal(kind);
      if (running > 0 && why !== null) options.endRunning(kind, endedByPause(why));
      if (kind === 'all') become(kind, 'held');
      else void unload(mine);
    };
    let told = options.running(kind);
    become(kind, 'draining');
    cancels[kind] = timers.every(lookEveryMs, look);
    look();
  }

  async function unload(mine: number): Promise<void> {
    become('gpu', 'unloading');
    await Promise.all(
      options.ours().flatMap((engine) =>
        toUnload(engine).map(async ({ id }) => {
          await engine.unload(id).catch((error: unknown) => {
            log.error('A model could not be unloaded.', { engine: engine.id, model: id, error });
          });
        }),
      ),
    );
    if (mine === turns.gpu && active('gpu') !== null) become('gpu', 'held');
  }

  /** Of our own engine all, since a chat model may be loaded for vectors besides; another is asked only for what it has. */
  function toUnload(engine: Engine): readonly ModelDescription[] {
    const models = engine.models();
    return engine.isRemote === true ? models.filter(({ state }) => isInMemory(state)) : models;
  }

  const cancelEnds: Record<PauseKind, () => void> = { gpu: () => {}, all: () => {} };
  function waitForEnd(kind: PauseKind): void {
    cancelEnds[kind]();
    const untilMs = getPauses(store)[kind]?.untilMs ?? null;
    if (untilMs === null) return;
    const leftMs = untilMs - clock.nowMs();
    if (leftMs <= 0) return void lift(kind, 'time');
    cancelEnds[kind] = timers.after(Math.min(leftMs, longestSleepMs), () => waitForEnd(kind));
  }

  function lift(kind: PauseKind, because: 'asked' | 'time'): boolean {
    const kept = getPauses(store)[kind];
    turns[kind] += 1;
    cancels[kind]();
    cancelEnds[kind]();
    if (kept === null) return false;
    setPause(store, kind, null);
    phases[kind] = 'held';
    log.info('The office has the computer again.', { what: kind, because });
    if (because === 'time') {
      const details = { because: 'time', since: new Date(kept.sinceMs).toISOString() };
      audit.appendLate({ actor: 'server', act: 'pause.end', object: kind, outcome: 'done', details });
    }
    if (kind === 'all') options.setQuiet(false);
    else bringBack(kept);
    options.onChange();
    return true;
  }

  /** What had been in memory, and what the owner wants there from the start. Failures are in the models' states. */
  function bringBack({ loaded }: KeptPause): void {
    options.preload();
    for (const { engine: engineId, model } of loaded) {
      const engine = options.ours().find(({ id }) => id === engineId);
      const isThere = engine?.models().some(({ id }) => id === model) === true;
      if (!isThere) continue;
      engine.ensureReady(model, new AbortController().signal).catch((error: unknown) => {
        log.warn('A model could not be loaded again.', { engine: engineId, model, error });
      });
    }
  }

  return {
    state: () => ({ gpu: describe('gpu'), all: describe('all') }),
    refusal,
    concerns: computesHere,
    refusalOf: (engine) => (computesHere(engine) ? refusal('gpu') : null),
    onTaken(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    take,
    lift,
    begin() {
      for (const kind of pauseKinds) {
        if (getPauses(store)[kind] === null) continue;
        if (kind === 'all' && active(kind) !== null) options.setQuiet(true);
        waitForEnd(kind);
      }
    },
    stop() {
      for (const kind of pauseKinds) {
        turns[kind] += 1;
        cancels[kind]();
        cancelEnds[kind]();
      }
    },
  };
}

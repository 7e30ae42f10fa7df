import type { Clock, Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Pass, PassFor } from '../core/pass.ts';
import { checksByItself, findModelCheck, saveModelCheck, type StoredCheck } from '../store/model-checks.ts';
import type { Store } from '../store/open.ts';
import type { CheckPoint, CheckVerdict, ModelCheck } from '../wire/checks.ts';
import { badgesFor } from './badges.ts';
import { basisOf, changesSince } from './basis.ts';
import { points } from './points.ts';
import { runPoints } from './run.ts';
import { Ended } from './verdict.ts';

/** The compatibility checks of all models: what was found, what waits, and the one that runs. */
export type Checks = {
  /** Of each model there is, in the order of the models. */
  readonly list: () => ModelCheck[];
  /** Null for a model that is not there. By its id, or by `engine` too where two servers have one of the same name. */
  readonly find: (model: string, engine?: string) => ModelCheck | null;
  /**
   * Puts a model in line to be checked; one that waits or runs already stays where it is.
   * @throws AppError 404
   */
  readonly start: (model: string, engine?: string) => ModelCheck;
  /** @throws AppError 404, 409 where none waits or runs */
  readonly cancel: (model: string, engine?: string) => void;
  /** From now on models are checked by themselves where something has changed, see `isDue`. */
  readonly begin: () => void;
  /** A request of somebody's has ended. */
  readonly noteRequest: () => void;
  /** Ends the check that runs and forgets those that wait. */
  readonly stop: () => Promise<void>;
};

export type ChecksServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly engines: () => readonly Engine[];
  /** Null where an engine does not tell. */
  readonly engineVersion: (engineId: string) => Promise<string | null>;
  readonly address: () => string;
  /** A key of ours for one run: see `Gate.issuePass`. */
  readonly issuePass: (to: PassFor) => Pass;
  /** Whether requests of others wait at this engine for this model. */
  readonly othersWait: (engineId: string, modelId: string) => boolean;
  /** Whether any request of others is being answered, whatever for. */
  readonly othersRun: () => boolean;
  readonly onChange: (check: ModelCheck) => void;
};

/** Nobody has asked for anything for so long: then a check by itself is in nobody's way. */
const idleMs = 60_000;
const lookEveryMs = 30_000;
/** One that was asked for stands aside so long; one by itself not at all. */
const ownersPatienceMs = 10 * 60_000;
/** Reading the whole context may take so long. */
const longestRead = { owner: 10 * 60_000, change: 60_000 } as const;
const longestLoadMs = 15 * 60_000;
/** What failed by itself is not tried again at once. */
const pauseAfterFailureMs = 60 * 60_000;

type Job = {
  readonly engine: string;
  readonly model: string;
  /** The owner's from the moment the owner asks for it too. */
  by: 'owner' | 'change';
  readonly abort: AbortController;
  state: 'waiting' | 'running';
  point: CheckPoint | null;
  readonly verdicts: CheckVerdict[];
};

type Held = { readonly engine: Engine; readonly model: ModelDescription };

export function createChecks(services: ChecksServices): Checks {
  const { store, clock, timers, log } = services;
  const line: Job[] = [];
  /** By name: why the last try came to nothing, and when. */
  const problems = new Map<string, { readonly sentence: string; readonly atMs: number }>();
  const versions = new Map<string, string | null>();
  let working: Promise<void> | null = null;
  let lastRequestMs = clock.monotonicMs();
  let stopLooking: (() => void) | null = null;
  let isLooking = false;
  let isStopped = false;

  function held(): Held[] {
    return services.engines().flatMap((engine) => engine.models().map((model) => ({ engine, model })));
  }
  function requireHeld(model: string, engine?: string): Held {
    const found = held().find((one) => one.model.id === model && (engine ?? one.engine.id) === one.engine.id);
    if (found !== undefined) return found;
    throw new AppError(`There is no model named “${model.slice(0, 200)}” on this computer.`, {
      status: 404,
      code: 'model_not_found',
      param: 'model',
    });
  }
  const enginesWith = (state: ModelDescription['state'] | null): Engine[] =>
    services
      .engines()
      .filter((engine) => engine.models().some((model) => state === null || model.state === state));
  const jobOf = ({ engine, model }: Held): Job | undefined =>
    line.find((job) => job.engine === engine.id && job.model === model.id);

  function tell(one: Held): ModelCheck {
    const { engine, model } = one;
    const kept = findModelCheck(store, { engine: engine.id, model: model.id });
    return describe(one, {
      kept,
      job: jobOf(one) ?? null,
      version: versions.get(engine.id) ?? null,
      problem: problems.get(nameOf(one))?.sentence ?? null,
    });
  }
  function announce(job: Job): void {
    const one = held().find(({ engine, model }) => engine.id === job.engine && model.id === job.model);
    if (one !== undefined) services.onChange(tell(one));
  }

  async function versionOf(engineId: string): Promise<string | null> {
    const version = await services.engineVersion(engineId).catch(() => null);
    versions.set(engineId, version);
    return version;
  }

  function enqueue(one: Held, by: Job['by']): Job {
    const known = jobOf(one);
    if (known !== undefined) {
      if (by === 'owner') known.by = by;
      return known;
    }
    problems.delete(nameOf(one));
    const job: Job = {
      engine: one.engine.id,
      model: one.model.id,
      by,
      abort: new AbortController(),
      state: 'waiting',
      point: null,
      verdicts: [],
    };
    line.push(job);
    working ??= workOff().finally(() => (working = null));
    return job;
  }

  /** One after the other: two at once would take each other's time. */
  async function workOff(): Promise<void> {
    // So that whoever has asked is told first that it waits.
    await Promise.resolve();
    for (let job = line[0]; job !== undefined; job = line[0]) {
      const { engine, model } = job;
      try {
        if (!job.abort.signal.aborted) await check(job);
        log.info('A model was checked.', { engine, model, by: job.by });
      } catch (error) {
        noteProblem(job, error);
      }
      line.splice(line.indexOf(job), 1);
      announce(job);
    }
  }
  function noteProblem(job: Job, error: unknown): void {
    const { engine, model } = job;
    // Given up for somebody else or because nobody wants it any more: not a problem of the model.
    if (error instanceof Ended) return;
    const { message } = toAppError(error);
    problems.set(nameOf({ engine: { id: engine }, model: { id: model } }), {
      sentence: message,
      atMs: clock.monotonicMs(),
    });
    log.warn('A model could not be checked.', { engine, model, error });
  }

  async function check(job: Job): Promise<void> {
    const { signal } = job.abort;
    job.state = 'running';
    announce(job);
    const { engine, model: before } = requireHeld(job.model, job.engine);
    const engineVersion = await versionOf(engine.id);
    const ready = await loaded(engine, before, signal);
    // As it is now that it is loaded.
    const { model } = requireHeld(job.model, job.engine);
    const contextTokens = model.contextTokens ?? (engine.isRemote === true ? null : ready.contextTokens);
    const beganMs = clock.monotonicMs();
    const pass = services.issuePass({ engine: engine.id, model: model.id });
    const isCrowded = (): boolean =>
      job.by === 'owner' ? services.othersWait(engine.id, model.id) : services.othersRun();
    try {
      const verdicts = await runPoints(
        { clock, timers, address: services.address, isCrowded },
        {
          model,
          points,
          key: pass.key,
          facts: () => ({
            model: model.id,
            contextTokens,
            isOutside: engine.isOutside === true,
            longestReadMs: longestRead[job.by],
          }),
          mostPatienceMs: () => (job.by === 'owner' ? ownersPatienceMs : 0),
          signal,
          onBegin(point) {
            job.point = point;
            announce(job);
          },
          onVerdict(verdict) {
            job.verdicts.push(verdict);
            if (job.by === 'owner') return;
            if (verdict.code === 'busy') job.abort.abort(new Ended('crowded'));
            if (verdict.code === 'later') job.abort.abort(notNow(model.id, verdict));
          },
        },
      );
      signal.throwIfAborted();
      saveModelCheck(store, {
        engine: engine.id,
        model: model.id,
        engineVersion,
        basis: basisOf(model, engineVersion),
        contextTokens,
        slots: model.slots ?? ready.slots,
        verdicts,
        checkedMs: clock.nowMs(),
        tookMs: Math.round(clock.monotonicMs() - beganMs),
      });
    } finally {
      pass.withdraw();
    }
  }

  /** Loads it for what it is made for. A model that many use is loaded already; one that is not waits for its turn. */
  async function loaded(engine: Engine, model: ModelDescription, signal: AbortSignal) {
    const late = new AbortController();
    const stopClock = timers.after(longestLoadMs, () => late.abort(notLoaded(model.id)));
    try {
      return await engine.ensureReady(model.id, AbortSignal.any([signal, late.signal]), model.task);
    } finally {
      stopClock();
    }
  }

  /**
   * A model is checked by itself when it never was, or something has changed since; while it is in memory anyway, so that
   * none is loaded or unloaded for it; where nothing leaves the office and nothing is paid; and only while nobody uses the
   * server.
   */
  function isDue(one: Held): boolean {
    const { engine, model } = one;
    const isInMemory = model.state === 'ready' && model.activeSlots === 0;
    if (!isInMemory || engine.isOutside === true || model.task === 'rerank') return false;
    const problem = problems.get(nameOf(one));
    if (problem !== undefined && clock.monotonicMs() - problem.atMs < pauseAfterFailureMs) return false;
    const { state } = tell(one);
    return state !== 'fresh';
  }

  const isIdle = (): boolean =>
    line.length === 0 && !services.othersRun() && clock.monotonicMs() - lastRequestMs >= idleMs;

  async function look(): Promise<void> {
    if (isLooking || !isIdle() || !checksByItself(store)) return;
    isLooking = true;
    try {
      for (const { id } of enginesWith('ready')) await versionOf(id);
      const due = held().find(isDue);
      if (due !== undefined && isIdle() && !isStopped) announce(enqueue(due, 'change'));
    } finally {
      isLooking = false;
    }
  }

  return {
    list: () => held().map(tell),
    find(model, engine) {
      const found = held().find(
        (one) => one.model.id === model && (engine ?? one.engine.id) === one.engine.id,
      );
      return found === undefined ? null : tell(found);
    },
    start(model, engine) {
      const one = requireHeld(model, engine);
      enqueue(one, 'owner');
      const told = tell(one);
      services.onChange(told);
      return told;
    },
    cancel(model, engine) {
      const job = jobOf(requireHeld(model, engine));
      if (job === undefined) {
        throw new AppError(`${model.slice(0, 200)} is not being checked.`, {
          status: 409,
          code: 'check_not_running',
          retryable: false,
        });
      }
      job.abort.abort(new Ended('cancelled'));
    },
    begin() {
      stopLooking ??= timers.every(lookEveryMs, () => {
        look().catch((error: unknown) => log.error('Checks of models could not be looked after.', { error }));
      });
      for (const { id } of enginesWith(null)) void versionOf(id);
    },
    noteRequest() {
      lastRequestMs = clock.monotonicMs();
    },
    async stop() {
      isStopped = true;
      stopLooking?.();
      for (const job of line) job.abort.abort(new Ended('cancelled'));
      await working;
    },
  };
}

type Known = {
  readonly kept: StoredCheck | null;
  readonly job: Job | null;
  readonly version: string | null;
  readonly problem: string | null;
};

function describe({ engine, model }: Held, { kept, job, version, problem }: Known): ModelCheck {
  const changed = kept === null ? [] : changesSince(kept.basis, basisOf(model, version));
  return {
    model: model.id,
    engine: engine.id,
    state: kept === null ? 'none' : changed.length > 0 ? 'stale' : 'fresh',
    changed,
    run:
      job === null
        ? null
        : {
            state: job.state,
            by: job.by,
            point: job.point,
            of: points.length,
            verdicts: [...job.verdicts],
          },
    problem,
    checkedAt: kept === null ? null : new Date(kept.checkedMs).toISOString(),
    tookMs: kept?.tookMs ?? null,
    engineVersion: kept?.engineVersion ?? null,
    contextTokens: kept?.contextTokens ?? null,
    slots: kept?.slots ?? null,
    verdicts: [...(kept?.verdicts ?? [])],
    badges:
      kept === null
        ? []
        : badgesFor(kept.verdicts, {
            task: model.task,
            contextTokens: model.contextTokens ?? kept.contextTokens,
            slots: model.slots ?? kept.slots,
            isTestModel: model.source === 'starter',
          }),
  };
}

function nameOf({ engine, model }: { engine: { id: string }; model: { id: string } }): string {
  return `${engine.id}\u0000${model.id}`;
}

function notNow(model: string, { sentence }: CheckVerdict): AppError {
  return new AppError(`${model} was not checked by itself. ${sentence}`, {
    status: 503,
    code: 'check_not_possible',
    retryAfterSeconds: pauseAfterFailureMs / 1000,
  });
}

function notLoaded(model: string): AppError {
  return new AppError(`${model} was not loaded within ${longestLoadMs / 60_000} minutes.`, {
    status: 503,
    code: 'model_unavailable',
    retryAfterSeconds: 60,
  });
}

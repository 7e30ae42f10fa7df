import type { Clock, Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { ModelDescription } from '../core/model.ts';
import type { Pass, PassFor } from '../core/pass.ts';
import {
  checksByItself,
  findModelCheck,
  saveModelCheck,
  type CheckBasis,
  type StoredCheck,
} from '../store/model-checks.ts';
import type { Store } from '../store/open.ts';
import type { CheckVerdict, ModelCheck } from '../wire/checks.ts';
import { basisOf, changesSince } from './basis.ts';
import { describeCheck, type Held, type Job } from './describe.ts';
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
  /**
   * At once for one that waits; one that runs is told so, and the next begins when it has ended.
   * @throws AppError 404, 409 where none waits or runs
   */
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
  /** Whether others use this model: are answered by it, or wait for it or for memory that it may hold. */
  readonly othersUse: (modelId: string) => boolean;
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
  /** One that was cancelled may still be on its way out, and is nobody's any more. */
  const jobOf = ({ engine, model }: Held): Job | undefined =>
    line.find((job) => job.engine === engine.id && job.model === model.id && !job.abort.signal.aborted);

  function tell(one: Held): ModelCheck {
    const { engine, model } = one;
    const kept = findModelCheck(store, { engine: engine.id, model: model.id });
    return describeCheck(one, {
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
    working ??= workOff();
    return job;
  }

  /** One after the other: two at once would take each other's time. */
  async function workOff(): Promise<void> {
    // So that whoever has asked is told first that it waits.
    await Promise.resolve();
    for (let job = line[0]; job !== undefined; job = line[0]) {
      const { engine, model } = job;
      try {
        await check(job);
        log.info('A model was checked.', { engine, model, by: job.by });
      } catch (error) {
        noteProblem(job, error);
      }
      line.splice(line.indexOf(job), 1);
      announce(job);
    }
    // In the same breath as the look at the empty line, so that whoever comes next begins anew.
    working = null;
  }
  function noteProblem({ engine, model, abort: { signal } }: Job, thrown: unknown): void {
    // What an engine says when it is interrupted is not why.
    const error: unknown = signal.aborted ? signal.reason : thrown;
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
      job.by === 'owner' ? services.othersUse(model.id) : services.othersRun();
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
      const basis = basisOf(model, engineVersion);
      const before = findModelCheck(store, { engine: engine.id, model: model.id });
      saveModelCheck(store, {
        engine: engine.id,
        model: model.id,
        engineVersion,
        basis,
        contextTokens,
        slots: model.slots ?? ready.slots,
        verdicts: withoutGaps(verdicts, before, basis),
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
   * A model is checked by itself when it never was, something has changed since, or something was put off; while it is in
   * memory anyway, so that none is loaded or unloaded for it; where nothing leaves the office and nothing is paid; and only
   * while nobody uses the server.
   */
  function isDue(one: Held): boolean {
    const { engine, model } = one;
    const isInMemory = model.state === 'ready' && model.activeSlots === 0;
    if (!isInMemory || engine.isOutside === true || model.task === 'rerank') return false;
    const problem = problems.get(nameOf(one));
    if (problem !== undefined && clock.monotonicMs() - problem.atMs < pauseAfterFailureMs) return false;
    const { state, verdicts } = tell(one);
    return state !== 'fresh' || verdicts.some(isPutOff);
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
      if (isStopped) throw serverStopping();
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
      if (job.state === 'waiting') line.splice(line.indexOf(job), 1);
      announce(job);
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

function nameOf({ engine, model }: { engine: { id: string }; model: { id: string } }): string {
  return `${engine.id}\u0000${model.id}`;
}

/** The server itself, or who stood in the way, asked to come again. */
function isPutOff({ code }: CheckVerdict): boolean {
  return code === 'busy' || code === 'later';
}

/** What could not be tried now is as it was found before, if nothing has changed since. */
function withoutGaps(
  verdicts: readonly CheckVerdict[],
  before: StoredCheck | null,
  basis: CheckBasis,
): CheckVerdict[] {
  const known = before === null || changesSince(before.basis, basis).length > 0 ? [] : before.verdicts;
  return verdicts.map((one) =>
    isPutOff(one) ? (known.find(({ point }) => point === one.point) ?? one) : one,
  );
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

function serverStopping(): AppError {
  return new AppError('The server is stopping. Please try again when it is back.', {
    status: 503,
    code: 'server_stopping',
    retryAfterSeconds: 5,
  });
}

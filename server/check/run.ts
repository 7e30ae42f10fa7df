import type { Clock, Timers } from '../core/clock.ts';
import type { ModelDescription } from '../core/model.ts';
import type { CheckPoint, CheckVerdict } from '../wire/checks.ts';
import { createAsk } from './ask.ts';
import type { Point, PointFacts } from './point.ts';
import { verdictSentence } from './sentences.ts';
import { Ended, verdict, verdictOf, type Verdict } from './verdict.ts';

/** What a run needs of the server. */
export type RunServices = {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Where clients of this computer ask: `http://127.0.0.1:11500`. */
  readonly address: () => string;
  /** Whether others wait for this model, or a check of its own accord would be in anybody's way. */
  readonly isCrowded: () => boolean;
};

export type RunOptions = {
  readonly model: Pick<ModelDescription, 'id' | 'task' | 'source'>;
  readonly points: readonly Point[];
  /** Asked for with each try: whoever wants the check may change. */
  readonly facts: () => Omit<PointFacts, 'monotonicMs'>;
  /** What opens `/v1` for this run alone. */
  readonly key: string;
  /** How long to stand aside, all pauses of the run together, before points are given up as `busy`. */
  readonly mostPatienceMs: () => number;
  /** Aborted with an `Ended`. */
  readonly signal: AbortSignal;
  readonly onBegin: (point: CheckPoint) => void;
  readonly onVerdict: (verdict: CheckVerdict) => void;
};

/** How often it is looked whether somebody waits: people notice half a second. */
const lookEveryMs = 250;

/**
 * Tries one point after the other. As soon as somebody else needs the model, what runs is given up, and tried again when
 * nobody does.
 * @throws the signal's reason; what comes of a point is never thrown
 */
export async function runPoints(services: RunServices, options: RunOptions): Promise<CheckVerdict[]> {
  const verdicts: CheckVerdict[] = [];
  const patience: Patience = { usedMs: 0 };
  for (const point of options.points) {
    options.signal.throwIfAborted();
    options.onBegin(point.id);
    const beganMs = services.clock.monotonicMs();
    const found =
      withoutTrying(point, options.model) ?? (await tryPoint(services, { ...options, patience }, point));
    const tookMs = Math.round(services.clock.monotonicMs() - beganMs);
    const sentence = verdictSentence(found.code, found.values);
    const told: CheckVerdict = { point: point.id, ...found, values: { ...found.values }, sentence, tookMs };
    verdicts.push(told);
    options.onVerdict(told);
  }
  return verdicts;
}

/** What a model is not made for is not asked of it. */
function withoutTrying(point: Point, { task, source }: RunOptions['model']): Verdict | null {
  if (point.task === task) return null;
  if (task === 'embed') return verdict('not-supported', 'made-for-embed');
  if (task === 'rerank') return verdict('not-supported', 'made-for-rerank');
  const isElsewhere = source === 'ollama' || source === 'upstream';
  // Our own engine would load the model once more for it, and maybe another out of the memory.
  return isElsewhere ? null : verdict('skipped', 'second-copy');
}

type Patience = { usedMs: number };

async function tryPoint(
  services: RunServices,
  options: RunOptions & { readonly patience: Patience },
  point: Point,
): Promise<Verdict> {
  const { clock } = services;
  const { patience } = options;
  for (;;) {
    await standAside(services, options);
    if (services.isCrowded()) return verdict('skipped', 'busy');
    const attempt = beginAttempt(services, point.timeoutMs, options.signal);
    const beganMs = clock.monotonicMs();
    try {
      const ask = createAsk({ address: services.address(), key: options.key, signal: attempt.signal });
      const facts: PointFacts = { ...options.facts(), monotonicMs: clock.monotonicMs };
      return await point.run(ask, facts);
    } catch (error) {
      options.signal.throwIfAborted();
      const isCrowded = error instanceof Ended && error.why === 'crowded';
      if (!isCrowded) return verdictOf(error, point.isFeature, point.timeoutMs);
      // Else a point that never gets to its end would be begun for ever.
      patience.usedMs += clock.monotonicMs() - beganMs;
    } finally {
      attempt.end();
    }
  }
}

/** Waits while somebody else needs the model, as long as the patience lasts. */
async function standAside(
  { clock, timers, isCrowded }: RunServices,
  { patience, mostPatienceMs, signal }: RunOptions & { readonly patience: Patience },
): Promise<void> {
  while (isCrowded() && patience.usedMs < mostPatienceMs()) {
    const beganMs = clock.monotonicMs();
    await pause(timers, lookEveryMs, signal);
    patience.usedMs += clock.monotonicMs() - beganMs;
  }
}

/** The signal of one try: ends it when it takes too long, when somebody comes, and with the whole run. */
function beginAttempt(
  { timers, isCrowded }: RunServices,
  timeoutMs: number,
  signal: AbortSignal,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const own = new AbortController();
  const stopClock = timers.after(timeoutMs, () => own.abort(new Ended('late')));
  const stopLooking = timers.every(lookEveryMs, () => {
    if (isCrowded()) own.abort(new Ended('crowded'));
  });
  return {
    signal: AbortSignal.any([signal, own.signal]),
    end() {
      stopClock();
      stopLooking();
    },
  };
}

async function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = timers.after(delayMs, resolve);
  const ended = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', ended, { once: true });
  try {
    await promise;
  } finally {
    stop();
    signal.removeEventListener('abort', ended);
  }
}

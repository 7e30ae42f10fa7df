import type { Task } from '../core/ask.ts';
import type { Clock } from '../core/clock.ts';
import type { ReadyModel } from '../core/engine.ts';
import { nobody, type Asker, type Route, type Way } from '../core/route.ts';
import type { Applicant, FairQueue, Turn } from './fair-queue.ts';
import type { Asked } from './queues.ts';
import type { Candidate } from './resolve.ts';
import type { Swap, SwapHold } from './swap-hold.ts';

/** What is done with a model that is ready, holding one of its slots. */
export type Work<Part> = {
  readonly task: Task;
  /** False: done at once, beside whatever runs. */
  readonly needsSlot: boolean;
  /** A completion while somebody types. */
  readonly isShort: boolean;
  /** What the prompt will probably cost; see `turn-cost.ts`. */
  readonly promptCost: number;
  readonly begin: (candidate: Candidate, signal: AbortSignal) => AsyncIterable<Part>;
  /** Charges the turn for a part. */
  readonly charge: (part: Part, turn: Turn) => void;
};

export type AttemptServices = {
  readonly clock: Clock;
  readonly queueOf: (asked: Asked) => FairQueue;
  readonly swaps: SwapHold;
};

const noTurn: Turn = { hasWaited: false, charge() {}, leave() {} };

/** One candidate's try: its model made ready, a turn at one of its slots, then the work. */
export async function* attempt<Part>(
  services: AttemptServices,
  candidate: Candidate,
  work: Work<Part>,
  { route, signal, asker = nobody }: Way,
): AsyncGenerator<Part> {
  const { clock, queueOf, swaps } = services;
  const { engine, modelId } = candidate;
  route.tried.push(modelId);
  route.engine = null;
  route.servedModel = null;
  const load: { swap: Swap | null } = { swap: null };
  let turn: Turn = noTurn;
  let hasBegun = false;
  const makeReady = async (): Promise<ReadyModel> => {
    route.waitsFor = 'model';
    // Nobody is held up for the server's own requests.
    load.swap ??= asker.isBackground === true ? null : swaps.enter(engine, modelId);
    return await timed(
      clock,
      () => engine.ensureReady(modelId, signal, work.task),
      (ms) => (route.loadMs += ms),
    );
  };
  try {
    const { slots, slotsAreFor } = await makeReady();
    route.waitsFor = 'place';
    if (work.needsSlot) {
      turn = await timed(
        clock,
        () =>
          queueOf({ engine: engine.id, model: modelId, task: work.task, slotsAreFor }).enter(
            slots,
            applicantOf(asker, work, route),
            signal,
          ),
        (ms) => (route.queueMs += ms),
      );
    }
    route.standing = null;
    // While it waited, the model may have made room for another.
    if (turn.hasWaited) await makeReady();
    route.engine = engine.id;
    route.servedModel = modelId;
    route.waitsFor = null;
    if (engine.isOutside === true) route.leftOffice = engine.id;
    for await (const part of work.begin(candidate, signal)) {
      if (!hasBegun) load.swap?.begun();
      hasBegun = true;
      work.charge(part, turn);
      yield part;
    }
  } finally {
    route.waitsFor = null;
    route.standing = null;
    // One that failed at once does not tell how long an answer takes.
    turn.leave(hasBegun);
    load.swap?.left();
  }
}

function applicantOf(
  asker: Asker,
  { isShort, promptCost }: Pick<Work<unknown>, 'isShort' | 'promptCost'>,
  route: Route,
): Applicant {
  return {
    keyId: asker.keyId ?? '',
    weight: asker.weight,
    isBackground: asker.isBackground === true,
    isShort,
    promptCost,
    onWait(standing) {
      route.standing = standing;
      const first = standing();
      if (first !== null) route.enteredAt ??= first;
    },
  };
}

/** Counts the time of what fails too: the log tells where a request's time went. */
async function timed<Result>(
  clock: Clock,
  work: () => Promise<Result>,
  count: (elapsedMs: number) => void,
): Promise<Result> {
  const beganMs = clock.monotonicMs();
  try {
    return await work();
  } finally {
    count(clock.monotonicMs() - beganMs);
  }
}

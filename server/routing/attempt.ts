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

/** A candidate whose model is ready, with a turn at one of its slots. */
export type Attempt = {
  readonly turn: Turn;
  /** The first part is here. */
  readonly begun: () => void;
  /** Gives the turn back. `hasBegun`: one that failed at once does not tell how long an answer takes. */
  readonly leave: (hasBegun: boolean) => void;
};

/** One candidate's try: its model made ready, and a turn at one of its slots. Then the work may begin. */
export async function beginAttempt<Part>(
  { clock, queueOf, swaps }: AttemptServices,
  { engine, modelId }: Candidate,
  work: Work<Part>,
  { route, signal, asker = nobody }: Way,
): Promise<Attempt> {
  route.tried.push(modelId);
  route.engine = null;
  route.servedModel = null;
  let swap: Swap | null = null;
  let turn: Turn = noTurn;
  const leave = (hasBegun: boolean): void => {
    route.waitsFor = null;
    route.standing = null;
    turn.leave(hasBegun);
    swap?.left();
  };
  const makeReady = async (): Promise<ReadyModel> => {
    route.waitsFor = 'model';
    // Nobody is held up for the server's own requests.
    swap ??= asker.isBackground === true ? null : swaps.enter(engine, modelId);
    const beganMs = clock.monotonicMs();
    try {
      return await engine.ensureReady(modelId, signal, work.task);
    } finally {
      // What fails counts too: the log tells where a request's time went.
      route.loadMs += clock.monotonicMs() - beganMs;
    }
  };
  try {
    const { slots, slotsAreFor } = await makeReady();
    route.waitsFor = 'place';
    if (work.needsSlot) {
      const queue = queueOf({ engine: engine.id, model: modelId, task: work.task, slotsAreFor });
      const beganMs = clock.monotonicMs();
      try {
        turn = await queue.enter(slots, applicantOf(asker, work, route), signal);
      } finally {
        route.queueMs += clock.monotonicMs() - beganMs;
      }
    }
    route.standing = null;
    // While it waited, the model may have made room for another.
    if (turn.hasWaited) await makeReady();
  } catch (error) {
    leave(false);
    throw error;
  }
  route.engine = engine.id;
  route.servedModel = modelId;
  route.waitsFor = null;
  if (engine.isOutside === true) route.leftOffice = engine.id;
  return { turn, begun: () => swap?.begun(), leave };
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

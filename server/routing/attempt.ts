import type { Task } from '../core/ask.ts';
import type { Clock } from '../core/clock.ts';
import type { Engine, ReadyModel } from '../core/engine.ts';
import type { AppError } from '../core/errors.ts';
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

/** What the owner holds back: the models of this computer, while it is needed for other work. */
export type HeldBack = {
  /** Whether the engine can be held back at all; who asks another need not listen. */
  readonly concerns: (engine: Engine) => boolean;
  /** Null while the engine may be asked. */
  readonly refusalOf: (engine: Engine) => AppError | null;
  /** Called when something is held back from now on; the returned function ends that. */
  readonly onTaken: (listener: () => void) => () => void;
};

export type AttemptServices = {
  readonly clock: Clock;
  readonly held: HeldBack | null;
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
  { clock, held, queueOf, swaps }: AttemptServices,
  { engine, modelId }: Candidate,
  work: Work<Part>,
  { route, signal, asker = nobody }: Way,
): Promise<Attempt> {
  route.tried.push(modelId);
  route.engine = null;
  route.servedModel = null;
  const patience = untilHeld(held, engine, signal);
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
      return await engine.ensureReady(modelId, patience.signal, work.task);
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
        turn = await queue.enter(slots, applicantOf(asker, work, route), patience.signal);
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
  } finally {
    patience.end();
  }
  route.engine = engine.id;
  route.servedModel = modelId;
  route.waitsFor = null;
  if (engine.isOutside === true) route.leftOffice = engine.id;
  return { turn, begun: () => swap?.begun(), leave };
}

type Patience = { readonly signal: AbortSignal; readonly end: () => void };

/**
 * The request's own signal, that is also aborted when the engine is held back: for who waits only, what is being answered may
 * end. Not by `AbortSignal.any`, which would tie every request to something that outlives them all.
 */
function untilHeld(held: HeldBack | null, engine: Engine, signal: AbortSignal): Patience {
  if (held?.concerns(engine) !== true) return { signal, end() {} };
  const both = new AbortController();
  const onAbort = (): void => both.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const stopListening = held.onTaken(() => {
    const refused = held.refusalOf(engine);
    if (refused !== null) both.abort(refused);
  });
  return {
    signal: both.signal,
    end() {
      stopListening();
      signal.removeEventListener('abort', onAbort);
    },
  };
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

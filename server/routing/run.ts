import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../core/generate.ts';
import type { Route } from '../core/route.ts';
import type { Candidate } from './resolve.ts';
import { createSlotQueue, type SlotQueue } from './slots.ts';

export type Router = {
  /**
   * Answers by the first candidate that can: loads its model if need be, waits for a slot, then streams. When one
   * fails before its first part for a reason that another need not share, the next is tried; never afterwards,
   * since the client has begun to read. When all fail, the first one's error is thrown: it is the model that was
   * meant. `route.tried` tells every attempt.
   */
  readonly run: (
    candidates: readonly [Candidate, ...Candidate[]],
    request: GenerateRequest,
    route: Route,
    signal: AbortSignal,
  ) => AsyncGenerator<GeneratePart>;
  readonly waiting: () => number;
  readonly active: () => number;
};

export function createRouter(clock: Clock): Router {
  const queues = new Map<string, SlotQueue>();
  const sum = (count: (queue: SlotQueue) => number): number =>
    [...queues.values()].reduce((total, queue) => total + count(queue), 0);

  async function* run(
    candidates: readonly [Candidate, ...Candidate[]],
    request: GenerateRequest,
    route: Route,
    signal: AbortSignal,
  ): AsyncGenerator<GeneratePart> {
    const failures: unknown[] = [];
    for (const candidate of candidates) {
      let hasBegun = false;
      try {
        for await (const part of attempt(candidate, request, route, signal)) {
          hasBegun = true;
          yield part;
        }
        return;
      } catch (error) {
        if (hasBegun || signal.aborted) throw error;
        failures.push(error);
        if (!mayTryNext(error)) break;
      }
    }
    throw failures[0];
  }

  async function* attempt(
    { engine, modelId }: Candidate,
    request: GenerateRequest,
    route: Route,
    signal: AbortSignal,
  ): AsyncGenerator<GeneratePart> {
    route.tried.push(modelId);
    route.engine = null;
    route.servedModel = null;
    const ready = await timed(
      clock,
      () => engine.ensureReady(modelId, signal),
      (ms) => {
        route.loadMs += ms;
      },
    );
    const queue = queueOf(queues, `${engine.id}/${modelId}`);
    const leave = await timed(
      clock,
      () => queue.enter(ready.slots, signal),
      (ms) => {
        route.queueMs += ms;
      },
    );
    route.engine = engine.id;
    route.servedModel = modelId;
    try {
      yield* engine.generate({ ...request, model: modelId }, signal);
    } finally {
      leave();
    }
  }
  return {
    run,
    waiting: () => sum((queue) => queue.waiting()),
    active: () => sum((queue) => queue.active()),
  };
}

/** What is wrong with the request itself is wrong for every model; a failed or full model is not. */
function mayTryNext(error: unknown): boolean {
  return error instanceof AppError && (error.retryable || error.status >= 500);
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

function queueOf(queues: Map<string, SlotQueue>, name: string): SlotQueue {
  const known = queues.get(name) ?? createSlotQueue();
  queues.set(name, known);
  return known;
}

import type { Task } from '../core/ask.ts';
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, replacedByNewer } from '../core/errors.ts';
import type { GeneratePart, GenerateRequest } from '../core/generate.ts';
import type { Route } from '../core/route.ts';
import type { Candidate } from './resolve.ts';
import { createSlotQueue, type SlotQueue } from './slots.ts';

export type Router = {
  /**
   * Answers by the first candidate that can: loads its model if need be, waits for a slot, then streams. When one
   * fails before its first part for a reason that another need not share, the next is tried; never afterwards,
   * since the client has begun to read. When all fail, the first one's error is thrown: it is the model that was
   * meant. `route.tried` tells every attempt. A request that `replaces` another ends the older one wherever it is: while
   * its model loads, in the queue, or in the middle of its answer.
   */
  readonly run: (
    candidates: readonly [Candidate, ...Candidate[]],
    request: GenerateRequest,
    route: Route,
    signal: AbortSignal,
  ) => AsyncGenerator<GeneratePart>;
  /** The same way for a question that has one answer. */
  readonly ask: <Answer>(
    candidates: readonly [Candidate, ...Candidate[]],
    question: Question<Answer>,
    route: Route,
    signal: AbortSignal,
  ) => Promise<Answer>;
  readonly waiting: () => number;
  readonly active: () => number;
};

export type Question<Answer> = {
  /** What the model is loaded for. */
  readonly task: Task;
  /** False: asked at once, beside whatever runs. */
  readonly needsSlot?: boolean;
  readonly ask: (engine: Engine, modelId: string, signal: AbortSignal) => Promise<Answer>;
};

/** What is done with a model that is ready, holding one of its slots. */
type Work<Part> = {
  readonly task: Task;
  readonly needsSlot: boolean;
  readonly begin: (candidate: Candidate, signal: AbortSignal) => AsyncIterable<Part>;
};

export function createRouter(clock: Clock): Router {
  const queues = new Map<string, SlotQueue>();
  const sum = (count: (queue: SlotQueue) => number): number =>
    [...queues.values()].reduce((total, queue) => total + count(queue), 0);

  async function* work<Part>(
    candidates: readonly [Candidate, ...Candidate[]],
    wanted: Work<Part>,
    route: Route,
    signal: AbortSignal,
  ): AsyncGenerator<Part> {
    const failures: unknown[] = [];
    for (const candidate of candidates) {
      let hasBegun = false;
      try {
        for await (const part of attempt(candidate, wanted, route, signal)) {
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

  async function* attempt<Part>(
    candidate: Candidate,
    { task, needsSlot, begin }: Work<Part>,
    route: Route,
    signal: AbortSignal,
  ): AsyncGenerator<Part> {
    const { engine, modelId } = candidate;
    route.tried.push(modelId);
    route.engine = null;
    route.servedModel = null;
    route.waitsFor = 'model';
    const ready = await timed(
      clock,
      () => engine.ensureReady(modelId, signal, task),
      (ms) => {
        route.loadMs += ms;
      },
    );
    route.waitsFor = 'place';
    const queue = queueOf(queues, `${task}/${engine.id}/${modelId}`);
    const leave = needsSlot
      ? await timed(
          clock,
          () => queue.enter(ready.slots, signal),
          (ms) => {
            route.queueMs += ms;
          },
        )
      : () => {};
    route.engine = engine.id;
    route.servedModel = modelId;
    route.waitsFor = null;
    try {
      yield* begin(candidate, signal);
    } finally {
      leave();
    }
  }

  /** The newest request of each device that types; an older one is ended, so that its place is free for this one. */
  const newest = new Map<string, AbortController>();

  async function* run(
    candidates: readonly [Candidate, ...Candidate[]],
    request: GenerateRequest,
    route: Route,
    signal: AbortSignal,
  ): AsyncGenerator<GeneratePart> {
    const wanted = generating(request);
    if (request.replaces === undefined) {
      yield* work(candidates, wanted, route, signal);
      return;
    }
    const [{ engine, modelId }] = candidates;
    const device = `${engine.id}/${modelId}/${request.replaces}`;
    newest.get(device)?.abort(replacedByNewer());
    const mine = new AbortController();
    newest.set(device, mine);
    try {
      yield* work(candidates, wanted, route, AbortSignal.any([signal, mine.signal]));
    } finally {
      if (newest.get(device) === mine) newest.delete(device);
    }
  }

  return {
    run,
    async ask(candidates, question, route, signal) {
      for await (const answer of work(candidates, asking(question), route, signal)) return answer;
      throw new Error('a question ended without an answer');
    },
    waiting: () => sum((queue) => queue.waiting()),
    active: () => sum((queue) => queue.active()),
  };
}

function generating(request: GenerateRequest): Work<GeneratePart> {
  return {
    task: 'generate',
    needsSlot: true,
    begin: ({ engine, modelId }, signal) => engine.generate({ ...request, model: modelId }, signal),
  };
}

function asking<Answer>({ task, needsSlot = true, ask }: Question<Answer>): Work<Answer> {
  return {
    task,
    needsSlot,
    begin: async function* ({ engine, modelId }, signal) {
      yield await ask(engine, modelId, signal);
    },
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

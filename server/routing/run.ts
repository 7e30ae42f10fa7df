import type { Task } from '../core/ask.ts';
import { systemTimers, type Clock, type Timers } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import { AppError, replacedByNewer } from '../core/errors.ts';
import type { ChoicePart, GeneratePart, GenerateRequest } from '../core/generate.ts';
import type { Way } from '../core/route.ts';
import { beginAttempt, type AttemptServices, type HeldBack, type Work } from './attempt.ts';
import { isPassing, pause, pauseMs, usualRetries } from './back-off.ts';
import { allPaused, createBreakers, type Breakers } from './breaker.ts';
import type { QueueView } from './fair-queue.ts';
import { createQueues } from './queues.ts';
import type { Candidate } from './resolve.ts';
import { createSwapHold } from './swap-hold.ts';
import { createCharge, isShort, promptCost } from './turn-cost.ts';

export type Candidates = readonly [Candidate, ...Candidate[]];

export type Router = {
  /**
   * Answers by the first candidate that can: loads its model if need be, waits for a turn at a slot, then streams. When
   * one fails before its first part for a reason that another need not share, the next is tried; never afterwards,
   * since the client has begun to read. Failures of remote engines that may be gone in a moment are tried again after a
   * short pause; a model of theirs that only fails is left alone for a while. When all fail, the first one's error is
   * thrown: it is the model that was meant. `route.tried` tells every attempt. A request that `replaces` another ends the
   * older one wherever it is: while its model loads, in the queue, or in the middle of its answer.
   */
  readonly run: (candidates: Candidates, request: GenerateRequest, way: Way) => AsyncGenerator<GeneratePart>;
  /** The same for the only answer to a request, told as its choice 0. */
  readonly runOnly: (
    candidates: Candidates,
    request: GenerateRequest,
    way: Way,
  ) => AsyncGenerator<ChoicePart>;
  /** The same way for a question that has one answer. */
  readonly ask: <Answer>(candidates: Candidates, question: Question<Answer>, way: Way) => Promise<Answer>;
  readonly waiting: () => number;
  readonly active: () => number;
  /** Who waits and runs, for the owner: one for each model that has been asked since the start. */
  readonly queues: () => readonly ModelQueue[];
  /**
   * What a probe has found out: an engine that is away is passed over while another can answer. `isMended`: its owner has
   * just changed or tested it, so what failed before counts no more.
   */
  readonly noteReachable: (engineId: string, isReachable: boolean, isMended?: boolean) => void;
  /** How a remote engine stands with us, for the owner. */
  readonly standing: (engineId: string) => EngineStanding;
};

export type EngineStanding = {
  /** Whether the last probe could not reach it. */
  readonly isAway: boolean;
  /** Models of it that have only failed and are left alone for so long yet. */
  readonly pauses: readonly { readonly model: string; readonly leftMs: number }[];
};

export type ModelQueue = QueueView & {
  readonly engine: string;
  /** Null where all models of the engine share its slots. */
  readonly model: string | null;
  /** Null where they are shared whatever is asked. */
  readonly task: Task | null;
};

export type Question<Answer> = {
  /** What the model is loaded for. */
  readonly task: Task;
  /** False: asked at once, beside whatever runs. */
  readonly needsSlot?: boolean;
  readonly ask: (engine: Engine, modelId: string, signal: AbortSignal) => Promise<Answer>;
};

type RouterOptions = {
  readonly timers?: Timers;
  /** Engines that the owner holds back; absent: none ever are. */
  readonly held?: HeldBack;
  /** 0 … 1, for the pauses between tries. */
  readonly chance?: () => number;
  /** How often remote engines are asked again after failures that pass; 0 or more. */
  readonly retries?: () => number;
};

export function createRouter(clock: Clock, options: RouterOptions = {}): Router {
  const { timers = systemTimers, chance = Math.random, retries = () => usualRetries } = options;
  const queues = createQueues(clock);
  const breakers = createBreakers(clock);
  const services: AttemptServices = {
    clock,
    queueOf: queues.of,
    held: options.held ?? null,
    swaps: createSwapHold({ timers, holdOthers: queues.holdOthers }),
  };

  async function* work<Part, Told>(
    candidates: Candidates,
    wanted: Wanted<Part, Told>,
    way: Way,
  ): AsyncGenerator<Told> {
    const failures: unknown[] = [];
    let left: readonly Candidate[] = candidates;
    const mostRetries = retries();
    for (let round = 0; ; round += 1) {
      const passing: { readonly candidate: Candidate; readonly error: unknown }[] = [];
      // What the server tries for itself neither closes a way to others nor is kept from it.
      const isOurs = way.asker?.isBackground === true;
      for (const candidate of isOurs ? left : allowed(breakers, left)) {
        const isRemote = candidate.engine.isRemote === true;
        const refused = options.held?.refusalOf(candidate.engine) ?? null;
        if (refused !== null) {
          // Told like every other try, so that the client sees why another has answered.
          way.route.tried.push(candidate.modelId);
          failures.push(refused);
          continue;
        }
        let hasBegun = false;
        try {
          const { turn, begun, leave } = await beginAttempt(services, candidate, wanted, way);
          try {
            for await (const part of wanted.begin(candidate, way.signal)) {
              if (!hasBegun) {
                begun();
                // What is told of an answer that was given up says nothing about who should have given it.
                if (!way.signal.aborted && !isOurs) breakers.succeeded(targetOf(candidate));
              }
              hasBegun = true;
              wanted.charge(part, turn);
              yield wanted.tell(part);
            }
          } finally {
            leave(hasBegun);
          }
          return;
        } catch (error) {
          if (way.signal.aborted) throw error;
          if (isRemote && !isOurs) breakers.failed(targetOf(candidate), error);
          if (hasBegun) throw error;
          failures.push(error);
          if (!mayTryNext(error)) throw failures[0];
          if (isRemote && !isOurs && isPassing(error)) passing.push({ candidate, error });
        }
      }
      if (failures.length === 0) throw nobodyAllowed(breakers, candidates);
      if (passing.length === 0 || round >= mostRetries) break;
      left = passing.map(({ candidate }) => candidate);
      const errors = passing.map(({ error }) => error);
      await pause(timers, pauseMs(round, errors, chance()), way.signal);
    }
    throw failures[0];
  }

  /** The newest request of each device that types; an older one is ended, so that its place is free for this one. */
  const newest = new Map<string, AbortController>();

  function generate<Told>(
    candidates: Candidates,
    { request, tell }: { readonly request: GenerateRequest; readonly tell: (part: GeneratePart) => Told },
    way: Way,
  ): AsyncGenerator<Told> {
    const wanted = { ...generating(request), tell };
    if (request.replaces === undefined) return work(candidates, wanted, way);
    return replacing(candidates, { wanted, replaces: request.replaces }, way);
  }

  async function* replacing<Told>(
    candidates: Candidates,
    { wanted, replaces }: { readonly wanted: Wanted<GeneratePart, Told>; readonly replaces: string },
    way: Way,
  ): AsyncGenerator<Told> {
    const [{ engine, modelId }] = candidates;
    const device = `${engine.id}/${modelId}/${replaces}`;
    newest.get(device)?.abort(replacedByNewer());
    const mine = new AbortController();
    newest.set(device, mine);
    try {
      yield* work(candidates, wanted, { ...way, signal: AbortSignal.any([way.signal, mine.signal]) });
    } finally {
      if (newest.get(device) === mine) newest.delete(device);
    }
  }

  return {
    run: (candidates, request, way) => generate(candidates, { request, tell: itself }, way),
    runOnly: (candidates, request, way) => generate(candidates, { request, tell: asOnlyChoice }, way),
    async ask<Answer>(candidates: Candidates, question: Question<Answer>, way: Way): Promise<Answer> {
      const wanted: Wanted<Answer, Answer> = { ...asking(question), tell: itself };
      for await (const answer of work(candidates, wanted, way)) return answer;
      throw new Error('a question ended without an answer');
    },
    waiting: queues.waiting,
    active: queues.active,
    queues: queues.look,
    noteReachable: (engineId, isReachable, isMended) =>
      breakers.probed(`${engineId}/`, isReachable, isMended),
    standing: (engineId) => ({
      isAway: breakers.isAway(`${engineId}/`),
      pauses: breakers
        .paused(`${engineId}/`)
        .map(({ target, leftMs }) => ({ model: target.slice(engineId.length + 1), leftMs })),
    }),
  };
}

/** What is wanted, and how each part of it is told: whoever put each into another form behind us would make it wait three turns more. */
type Wanted<Part, Told> = Work<Part> & { readonly tell: (part: Part) => Told };

function itself<Part>(part: Part): Part {
  return part;
}

function asOnlyChoice(part: GeneratePart): ChoicePart {
  return { choice: 0, part };
}

function generating(request: GenerateRequest): Work<GeneratePart> {
  const guessed = promptCost(request);
  return {
    task: 'generate',
    needsSlot: true,
    isShort: isShort(request),
    promptCost: guessed,
    begin: ({ engine, modelId }, signal) => engine.generate({ ...request, model: modelId }, signal),
    charge: createCharge(guessed),
  };
}

/** How much is read for a question is not known here; it counts as a short prompt. */
const questionCost = 100;

function asking<Answer>({ task, needsSlot = true, ask }: Question<Answer>): Work<Answer> {
  return {
    task,
    needsSlot,
    isShort: false,
    promptCost: questionCost,
    begin: async function* ({ engine, modelId }, signal) {
      yield await ask(engine, modelId, signal);
    },
    charge: () => {},
  };
}

function targetOf({ engine, modelId }: Candidate): string {
  return `${engine.id}/${modelId}`;
}

/** Looked at one after the other: a circuit lets a single one try when its time is over, and only if it is its turn. */
function allowed(breakers: Breakers, candidates: readonly Candidate[]): Iterable<Candidate> {
  const mayTry = (candidate: Candidate): boolean =>
    candidate.engine.isRemote !== true || breakers.allows(targetOf(candidate));
  // The usual case needs no order.
  if (candidates.length === 1) return candidates.filter(mayTry);
  const isAway = (candidate: Candidate): boolean => breakers.isAway(targetOf(candidate));
  return [
    ...candidates.filter((candidate) => !isAway(candidate)),
    ...candidates.filter((candidate) => isAway(candidate)),
  ]
    .values()
    .filter(mayTry);
}

function nobodyAllowed(breakers: Breakers, candidates: Candidates): AppError {
  const seconds = Math.min(...candidates.map((candidate) => breakers.secondsLeft(targetOf(candidate))));
  return allPaused(candidates[0].modelId, seconds);
}

/** What is wrong with the request itself is wrong for every model; a failed or full model is not. */
function mayTryNext(error: unknown): boolean {
  return error instanceof AppError && (error.retryable || error.status >= 500);
}

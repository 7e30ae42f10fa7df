import type { Task } from '../../../core/ask.ts';
import type { LoadAttempt, ModelDescription, ModelSettings } from '../../../core/model.ts';
import {
  describeLoadFailure,
  failureKind,
  modelUnavailable,
  tooBig,
  waitsForMemory,
} from './load-failure.ts';
import { loadWays, nextWay, shrinkChoice, type LoadWay } from './load-ways.ts';
import { estimateMemory, type MemoryFacts, type SlotChoice } from './memory-estimate.ts';
import type { Room } from './memory-room.ts';
import { LoadFailed, type ModelProcess } from './model-process.ts';
import { planSlots, type SlotPlan } from './plan-slots.ts';
import type { EngineMachine, LoadedInfo } from '../protocol.ts';

/** What is to be loaded, and how it was asked for. */
export type LoadWish = {
  readonly modelId: string;
  readonly key: string;
  readonly path: string;
  readonly task: Task;
  readonly facts: MemoryFacts & { readonly trainTokens: number };
  readonly sizes: Pick<ModelSettings, 'slots' | 'contextTokens'>;
  readonly threads: number | null;
  /** What the last measurement was of the last estimate; 1 before. */
  readonly correction: number;
  /** Tried although the memory may not be enough. */
  readonly isForced: boolean;
};

export type LoadServices = {
  readonly room: Room;
  /** A fresh process. */
  readonly start: () => ModelProcess;
  /** Loads run one at a time: the library's reservations of memory hold within one process only. */
  readonly inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly nowMs: () => number;
  /** Throws an AppError when it is not wanted any more. */
  readonly assertWanted: () => void;
  readonly tell: (news: LoadNews) => void;
};

/** What the owner sees meanwhile. */
export type LoadNews = {
  readonly waitingFor: ModelDescription['waitingFor'];
  readonly attempts: readonly LoadAttempt[];
  readonly estimatedBytes: number | null;
  /** The memory would not be enough, whatever else is unloaded. */
  readonly isRefused: boolean;
};

type Outcome =
  | { readonly kind: 'loaded'; readonly info: LoadedInfo }
  | { readonly kind: 'wait'; readonly forIds: readonly string[] }
  | { readonly kind: 'failed'; readonly way: LoadWay; readonly error: LoadFailed }
  /** This way differs in nothing from one that has failed. */
  | { readonly kind: 'skipped'; readonly way: LoadWay };

/** So long a request waits for models that answer just now. */
const mostWaitMs = 120_000;

/**
 * Loads a model into a process of its own: finds memory (plan-room.ts), and where the load fails tries the other ways
 * (load-ways.ts) one after the other. Waiting for memory does not hold up the loads of other models.
 * @throws AppError when no way is left, with the engine's reason in the attempts
 */
export async function loadModel(wish: LoadWish, services: LoadServices): Promise<LoadedInfo> {
  const attempts: LoadAttempt[] = [];
  const beganMs = services.nowMs();
  let estimatedBytes: number | null = null;
  let isRefused = false;
  let ways: readonly LoadWay[] = [];
  let way: LoadWay | null = null;

  function tell(waitingFor: LoadNews['waitingFor']): void {
    services.tell({ waitingFor, attempts: attempts.slice(), estimatedBytes, isRefused });
  }

  async function attempt(): Promise<Outcome> {
    services.assertWanted();
    tell(null);
    const started = services.start();
    let choice: SlotChoice | null = null;
    try {
      const backend = wish.task === 'generate' ? (way?.backend ?? 'auto') : 'cpu';
      const machine = await started.survey(backend);
      if (ways.length === 0) ways = loadWays(usableBackends(machine, wish.task));
      way ??= ways[0] ?? null;
      if (way === null) throw new Error('there is always a way to load');
      const present = way;
      let plans: readonly SlotPlan[] = [];
      const answer = await services.room.find({
        key: wish.key,
        isForced: wish.isForced,
        needBytes: (asked) => estimateMemory(wish.facts, asked).totalBytes * wish.correction,
        survey: () => started.survey(backend),
        plans: (seen) => (plans = plansOf(wish, seen)),
      });
      services.assertWanted();
      if (answer.kind !== 'load') {
        await started.end(waitsForMemory(wish.modelId, []));
        if (answer.kind === 'wait') return answer;
        isRefused = true;
        tell(null);
        throw tooBig(wish.modelId, answer);
      }
      const leastTokens = plans[0]?.leastTokens ?? answer.choice.contextTokens;
      choice = shrinkChoice(answer.choice, present.room, { leastTokens });
      if (choice === null) {
        await started.end(waitsForMemory(wish.modelId, []));
        return { kind: 'skipped', way: present };
      }
      estimatedBytes = Math.round(estimateMemory(wish.facts, choice).totalBytes * wish.correction);
      tell(null);
      const { path, task, threads } = wish;
      const { gpuShare } = present;
      const info = await started.load({
        path,
        task,
        threads,
        gpuShare,
        ...choice,
        leastContextTokens: Math.min(leastTokens, choice.contextTokens),
      });
      const { slots, contextTokens } = info;
      attempts.push({
        backend: info.backend,
        gpuShare,
        slots,
        contextTokens,
        reason: null,
        cause: null,
      });
      return { kind: 'loaded', info };
    } catch (error) {
      await started.end(waitsForMemory(wish.modelId, []));
      if (!(error instanceof LoadFailed)) throw error;
      const tried = way ?? { backend: 'cpu', gpuShare: 0, room: 'planned' };
      attempts.push({
        backend: tried.backend,
        gpuShare: tried.gpuShare,
        slots: choice?.slots ?? wish.sizes.slots ?? 1,
        contextTokens: choice?.contextTokens ?? wish.sizes.contextTokens ?? 0,
        reason: describeLoadFailure(error.message),
        cause: error.message.slice(0, 500),
      });
      return { kind: 'failed', way: tried, error };
    }
  }

  for (;;) {
    tell('turn');
    const outcome = await services.inTurn(attempt);
    switch (outcome.kind) {
      case 'loaded':
        tell(null);
        return outcome.info;
      case 'wait':
        if (services.nowMs() - beganMs > mostWaitMs) throw waitsForMemory(wish.modelId, outcome.forIds);
        tell('memory');
        await services.room.untilChange();
        services.assertWanted();
        break;
      case 'skipped':
      case 'failed': {
        const kind = outcome.kind === 'failed' ? failureKind(outcome.error, outcome.way.backend) : 'memory';
        way = nextWay(ways, outcome.way, kind);
        tell(null);
        if (way === null) throw modelUnavailable(wish.modelId, attempts.at(-1)?.reason ?? '');
        break;
      }
      default:
        outcome satisfies never;
    }
  }
}

/** Where the library itself prefers the processor, a GPU that is there in theory is not used. */
function usableBackends({ backend, backends }: EngineMachine, task: Task): EngineMachine['backends'] {
  return task !== 'generate' || backend === 'cpu' ? ['cpu'] : backends;
}

/** Texts to be searched are cut into pieces far shorter than conversations. */
const embeddingTokens = 2048;
const leastEmbeddingTokens = 512;
/** As many as the process has contexts at most. */
const embeddingContexts = 4;

function plansOf({ task, facts, sizes }: LoadWish, { gpu }: EngineMachine): SlotPlan[] {
  const { trainTokens, sizeBytes } = facts;
  if (task !== 'generate') {
    const mostTokens = Math.min(sizes.contextTokens ?? embeddingTokens, trainTokens);
    const leastTokens = Math.min(leastEmbeddingTokens, mostTokens);
    return [{ slots: embeddingContexts, leastTokens, mostTokens }];
  }
  return planSlots({ ...sizes, trainTokens, modelBytes: sizeBytes, hasGpu: gpu !== null });
}

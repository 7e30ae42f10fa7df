import { chooseSlot, commonPrefix } from './choose-slot.ts';
import { SamplingFailed, type LoadedModel, type SlotSequence } from '../loaded-model.ts';
import { replaced } from './replaced.ts';
import { sharePrefill } from './prefill-share.ts';
import type {
  AcceptedJob,
  EngineMemory,
  FailedJob,
  FinishedJob,
  JobText,
  TickReport,
  WireError,
} from '../protocol.ts';
import type { OtherLoad } from './other-load.ts';
import type { Job } from './job.ts';
import { createThreadChoice } from './thread-choice.ts';
import { createTickPace } from './tick-pace.ts';
import { beginWork, remainingOf, takeToken, type Work } from './work.ts';

export type TickLoop = {
  readonly submit: (job: Job) => void;
  /** Takes effect in the next gap between ticks; nothing more is reported of the job. */
  readonly cancel: (id: number) => void;
  readonly freeSlots: () => number;
  /** Ends after the present tick. */
  readonly stop: () => Promise<void>;
};

export type TickLoopOptions = {
  readonly model: LoadedModel;
  readonly onReport: (report: TickReport) => void;
  /** The model's memory is in an unknown state: the process should be replaced. */
  readonly onBroken: (cause: unknown) => void;
  readonly nowMs: () => number;
  readonly otherLoad: OtherLoad;
  /** Told before a tick that reads a larger piece of a prompt. */
  readonly onReading?: (tokens: number) => void;
  readonly memory?: () => EngineMemory;
};

/** Ticks that read fewer tokens of prompts are as quick as any. */
const slowReadingTokens = 64;
const unknownMemory: EngineMemory = { rssBytes: 0, mappedBytes: 0, gpuBytes: 0 };

type Slot = {
  readonly index: number;
  readonly sequence: SlotSequence;
  scope: string | null;
  lastUsed: number;
  work: Work | null;
};

/** What one slot does in one tick. */
type Step = {
  readonly slot: Slot;
  readonly work: Work;
  readonly tokens: number;
  /** Whether it reads its prompt, or a part of it. */
  readonly isReading: boolean;
  readonly run: () => Promise<StepResult>;
};
type StepResult = { readonly token: number | null } | 'read';

/**
 * The heart of the engine: all running requests advance together, one `llama_decode` per tick.
 *
 * 1. In the gap between two ticks nothing computes: cancelled and finished requests leave their slots, waiting ones
 *    get slots, sequences are cut back to what the new prompt shares with them.
 * 2. A tick submits, in ascending sequence order and in one turn of the event loop, one token of every running
 *    stream and as many prompt tokens beside them as the pace allows; together never more than one batch.
 * 3. When all have come back: text, stop strings, limits, and one report for all.
 *
 * Free-running `evaluate` loops would miss each other's batches, and hold the library's lock so that no other
 * request could be let in.
 */
export function createTickLoop(options: TickLoopOptions): TickLoop {
  const { model, onReport, onBroken, nowMs, otherLoad } = options;
  const slots: Slot[] = model.sequences.map((sequence, index) => ({
    index,
    sequence,
    scope: null,
    lastUsed: 0,
    work: null,
  }));
  const waiting: Job[] = [];
  const pace = createTickPace(model.batchSize);
  const threadChoice = createThreadChoice(model.threads, otherLoad);
  let threads = model.threads.least;
  let order = 0;
  let generatedTokens = 0;
  let isStopped = false;
  let wake = Promise.withResolvers<void>();
  const report = {
    accepted: [] as AcceptedJob[],
    text: [] as JobText[],
    finished: [] as FinishedJob[],
    failed: [] as FailedJob[],
  };

  function busySlots(): Slot[] {
    return slots.filter((slot) => slot.work !== null);
  }

  // --- 1. the gap ------------------------------------------------------------------------------------------

  async function gap(): Promise<void> {
    for (const slot of busySlots()) {
      if (slot.work?.isCancelled === true) await release(slot);
      else if (slot.work !== null && slot.work.checkpointAt === slot.work.read) await takeCheckpoint(slot);
    }
    while (waiting.length > 0 && (await admitNext())) order += 1;
  }

  async function takeCheckpoint({ sequence, work }: Slot): Promise<void> {
    if (work !== null) work.checkpointAt = null;
    await sequence.checkpoint();
  }

  async function release(slot: Slot): Promise<void> {
    const stream = slot.work?.stream;
    slot.work = null;
    order += 1;
    slot.lastUsed = order;
    await stream?.close();
  }

  /** Gives the longest waiting job a slot; false if none is free. */
  async function admitNext(): Promise<boolean> {
    const job = waiting[0];
    if (job === undefined) return false;
    const idle = slots
      .filter((slot) => slot.work === null)
      .map(({ index, sequence, lastUsed, scope }) => ({
        index,
        lastUsed,
        held: sequence.tokens().length,
        keepable: keepableTokens(sequence, job, scope),
      }));
    const index = chooseSlot(idle, job.prompt.length);
    const slot = index === null ? undefined : slots[index];
    if (slot === undefined) return false;
    const cached = idle.find((choice) => choice.index === index)?.keepable ?? 0;
    waiting.shift();
    slot.scope = job.cacheScope;
    slot.work = beginWork(job, { model, cached, order, onText: (text) => void report.text.push(text) });
    await slot.sequence.truncate(cached);
    const { id, prompt, promptText } = job;
    const told = promptText === undefined ? {} : { promptText };
    report.accepted.push({ id, promptTokens: prompt.length, cachedTokens: cached, ...told });
    return true;
  }

  // --- 2. the tick -----------------------------------------------------------------------------------------

  function planTick(): Step[] {
    const busy = busySlots();
    const streams = busy.filter((slot) => slot.work?.stream).length;
    const reading = busy.flatMap(({ index, work }) =>
      work === null || work.stream !== null
        ? []
        : [{ index, remaining: remainingOf(work), order: work.order }],
    );
    const forced = busy.reduce((sum, { work }) => sum + Math.max(0, (work?.forced?.length ?? 1) - 1), 0);
    const budget = pace.prefillBudget(streams, reading.length) - forced;
    const shares = sharePrefill(reading, budget, streams > 0);
    return busy.flatMap((slot) => planStep(slot, shares.get(slot.index) ?? 0));
  }

  function planStep(slot: Slot, share: number): Step[] {
    const work = slot.work;
    if (work === null) return [];
    if (work.stream !== null) {
      const { stream, forced } = work;
      work.forced = null;
      const run = async () => ({ token: await stream.next(forced ?? undefined) });
      return [{ slot, work, tokens: forced?.length ?? 1, isReading: false, run }];
    }
    if (share === 0) return [];
    const chunk = work.job.prompt.slice(work.read, work.read + share);
    work.read += share;
    if (work.read < work.job.prompt.length) {
      const run = async () => slot.sequence.read(chunk).then(() => 'read' as const);
      return [{ slot, work, tokens: share, isReading: true, run }];
    }
    const stream = slot.sequence.generate(chunk, work.job.sampling, {
      withLikelihoods: work.logprobs !== null,
      ignoreEos: work.job.ignoreEos,
      grammar: work.job.answer?.grammar ?? null,
    });
    work.stream = stream;
    return [
      { slot, work, tokens: share, isReading: true, run: async () => ({ token: await stream.next() }) },
    ];
  }

  async function tick(): Promise<void> {
    const steps = planTick();
    const total = steps.reduce((sum, step) => sum + step.tokens, 0);
    if (total > model.batchSize) throw new Error(`tick of ${total} tokens, batch of ${model.batchSize}`);
    threads = threadChoice.choose(total);
    model.setThreads(threads);
    const streams = steps.filter((step) => !step.isReading).length;
    if (total - streams >= slowReadingTokens) options.onReading?.(total - streams);
    const began = nowMs();
    // Started in one turn, so that all are in the same llama_decode.
    const results = await Promise.allSettled(steps.map((step) => step.run()));
    const ms = nowMs() - began;
    threadChoice.note({ tokens: total, threads, ms });
    pace.note({ ms, streams, prefill: total - streams });
    for (const [position, step] of steps.entries()) {
      const result = results[position];
      if (result !== undefined) await settleStep(step, result);
    }
  }

  // --- 3. what came back -----------------------------------------------------------------------------------

  async function settleStep(step: Step, result: PromiseSettledResult<StepResult>): Promise<void> {
    if (result.status === 'rejected') {
      await failStep(step, result.reason);
      return;
    }
    if (result.value === 'read' || step.work.isCancelled) return;
    const before = step.work.generated;
    const ending = takeToken(step.work, result.value.token);
    generatedTokens += step.work.generated - before;
    if (ending === null) return;
    const { job, generated, output } = step.work;
    const reason = ending.reason === 'stop' && output.hasCalls() ? 'tool_calls' : ending.reason;
    const reasoningTokens = output.thought().tokens;
    report.finished.push({ ...ending, id: job.id, reason, completionTokens: generated, reasoningTokens });
    await release(step.slot);
  }

  async function failStep({ slot, work }: Step, cause: unknown): Promise<void> {
    if (!work.isCancelled) report.failed.push({ id: work.job.id, error: failureOf(cause) });
    await release(slot);
    slot.scope = null;
    if (!(cause instanceof SamplingFailed)) onBroken(cause);
  }

  function sendReport(): void {
    const stats = {
      decodes: model.decodes(),
      generatedTokens,
      threads,
      threadsReason: threadChoice.reason(),
      memory: options.memory?.() ?? unknownMemory,
      freeSlots: slots.length - busySlots().length,
    };
    onReport({
      accepted: report.accepted.splice(0),
      text: report.text.splice(0),
      finished: report.finished.splice(0),
      failed: report.failed.splice(0),
      stats,
    });
  }

  async function runTicks(): Promise<void> {
    for (;;) {
      if (isStopped) return;
      await gap();
      if (busySlots().length === 0) {
        await wake.promise;
        wake = Promise.withResolvers();
        continue;
      }
      await tick();
      sendReport();
      // Lets messages in, and the library's own batch loop come to its end before the next tick is submitted.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function giveUpOlder(replaces: string): void {
    for (const [position, job] of [...waiting.entries()].toReversed()) {
      if (job.replaces !== replaces) continue;
      waiting.splice(position, 1);
      report.failed.push({ id: job.id, error: replaced });
    }
    for (const { work } of busySlots()) {
      if (work?.job.replaces !== replaces || work.isCancelled) continue;
      work.isCancelled = true;
      report.failed.push({ id: work.job.id, error: replaced });
    }
  }

  const ended = runTicks().catch(onBroken);

  return {
    submit(job) {
      if (typeof job.replaces === 'string') giveUpOlder(job.replaces);
      waiting.push(job);
      wake.resolve();
    },
    cancel(id) {
      const position = waiting.findIndex((job) => job.id === id);
      if (position >= 0) waiting.splice(position, 1);
      for (const { work } of busySlots()) if (work?.job.id === id) work.isCancelled = true;
      wake.resolve();
    },
    freeSlots: () => slots.length - busySlots().length,
    async stop() {
      isStopped = true;
      wake.resolve();
      await ended;
    },
  };
}

/** Of the slot's tokens, how many this job may keep: only within its own scope, and one must be left to read. */
function keepableTokens(sequence: SlotSequence, job: Job, scope: string | null): number {
  if (scope === null || scope !== job.cacheScope) return 0;
  const common = Math.min(commonPrefix(sequence.tokens(), job.prompt), job.prompt.length - 1);
  return sequence.keepable(common);
}

function failureOf(cause: unknown): WireError {
  if (cause instanceof SamplingFailed) {
    return {
      message: 'No next word could be chosen with these sampling options. Please use less extreme ones.',
      status: 400,
      code: 'invalid_request',
      param: null,
      retryAfterSeconds: null,
    };
  }
  return {
    message: 'The model stopped in the middle of a computation and is being started anew. Please try again.',
    status: 503,
    code: 'engine_failed',
    param: null,
    retryAfterSeconds: 1,
  };
}

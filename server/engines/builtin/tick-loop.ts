import { chooseSlot, commonPrefix } from './choose-slot.ts';
import {
  SamplingFailed,
  type LoadedModel,
  type SlotSequence,
  type TokenSampling,
  type TokenStream,
} from './loaded-model.ts';
import { sharePrefill } from './prefill-share.ts';
import type { AcceptedJob, FailedJob, FinishedJob, JobText, TickReport, WireError } from './protocol.ts';
import type { OtherLoad } from './other-load.ts';
import { createTextOutput, type TextOutput } from './text-output.ts';
import { createThreadChoice } from './thread-choice.ts';
import { createTickPace } from './tick-pace.ts';

/** A request whose prompt is already tokens. */
export type Job = {
  readonly id: number;
  /** At least one and fewer than `contextTokens`. */
  readonly prompt: readonly number[];
  readonly sampling: TokenSampling;
  readonly maxTokens: number | null;
  readonly stop: readonly string[];
  readonly cacheScope: string | null;
};

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
};

type Work = {
  readonly job: Job;
  readonly output: TextOutput;
  readonly order: number;
  /** Position in the prompt up to which it has been read. */
  read: number;
  stream: TokenStream | null;
  generated: number;
  /** Tokens whose text is still held back. */
  untold: number;
  isCancelled: boolean;
};

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
export function createTickLoop({ model, onReport, onBroken, nowMs, otherLoad }: TickLoopOptions): TickLoop {
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
    for (const slot of busySlots()) if (slot.work?.isCancelled === true) await release(slot);
    while (waiting.length > 0 && (await admitNext())) order += 1;
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
    slot.work = newWork(job, cached);
    await slot.sequence.truncate(cached);
    report.accepted.push({ id: job.id, promptTokens: job.prompt.length, cachedTokens: cached });
    return true;
  }

  function newWork(job: Job, cached: number): Work {
    return {
      job,
      output: createTextOutput(model.tokenizer.detokenize, job.stop),
      order,
      read: cached,
      stream: null,
      generated: 0,
      untold: 0,
      isCancelled: false,
    };
  }

  // --- 2. the tick -----------------------------------------------------------------------------------------

  function planTick(): Step[] {
    const busy = busySlots();
    const streams = busy.filter((slot) => slot.work?.stream).length;
    const reading = busy.flatMap(({ index, work }) =>
      work === null || work.stream !== null
        ? []
        : [{ index, remaining: work.job.prompt.length - work.read, order: work.order }],
    );
    const shares = sharePrefill(reading, pace.prefillBudget(streams, reading.length), streams > 0);
    return busy.flatMap((slot) => planStep(slot, shares.get(slot.index) ?? 0));
  }

  function planStep(slot: Slot, share: number): Step[] {
    const work = slot.work;
    if (work === null) return [];
    if (work.stream !== null) {
      const stream = work.stream;
      return [{ slot, work, tokens: 1, isReading: false, run: async () => ({ token: await stream.next() }) }];
    }
    if (share === 0) return [];
    const chunk = work.job.prompt.slice(work.read, work.read + share);
    work.read += share;
    if (work.read < work.job.prompt.length) {
      const run = async () => slot.sequence.read(chunk).then(() => 'read' as const);
      return [{ slot, work, tokens: share, isReading: true, run }];
    }
    const stream = slot.sequence.generate(chunk, work.job.sampling);
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
    const began = nowMs();
    // Started in one turn, so that all are in the same llama_decode.
    const results = await Promise.allSettled(steps.map((step) => step.run()));
    const ms = nowMs() - began;
    threadChoice.note({ tokens: total, threads, ms });
    const streams = steps.filter((step) => !step.isReading).length;
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
    const ending = takeToken(step.work, result.value.token);
    if (ending === null) return;
    report.finished.push({ id: step.work.job.id, reason: ending, completionTokens: step.work.generated });
    await release(step.slot);
  }

  function takeToken(work: Work, token: number | null): FinishedJob['reason'] | null {
    if (token === null) {
      tell(work, work.output.flush());
      return 'stop';
    }
    work.generated += 1;
    work.untold += 1;
    generatedTokens += 1;
    const { text, stopped } = work.output.push(token);
    tell(work, text);
    if (stopped) return 'stop';
    // Never the library's silent shift of the context: a full one ends the answer.
    const limit = Math.min(work.job.maxTokens ?? Infinity, model.contextTokens - work.job.prompt.length);
    if (work.generated < limit) return null;
    tell(work, work.output.flush());
    return 'length';
  }

  function tell(work: Work, text: string): void {
    if (text === '') return;
    report.text.push({ id: work.job.id, text, tokens: work.untold });
    work.untold = 0;
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

  const ended = runTicks().catch(onBroken);

  return {
    submit(job) {
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

import { describe, expect, it } from 'vitest';
import type { TokenSampling } from '../../../server/engines/builtin/loaded-model.ts';
import type { FinishedJob, TickReport } from '../../../server/engines/builtin/protocol.ts';
import type { Job } from '../../../server/engines/builtin/ticks/job.ts';
import { createTickLoop } from '../../../server/engines/builtin/ticks/tick-loop.ts';
import { createFakeAddon, fakeTokenize, type FakeAddonOptions } from '../../fakes/fake-addon.ts';

const sampling: TokenSampling = {
  temperature: 1,
  topP: 1,
  topK: 40,
  minP: 0,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: 1,
  logitBias: {},
};

function job(id: number, prompt: string, changes: Partial<Job> = {}): Job {
  return {
    id,
    prompt: fakeTokenize(prompt, false),
    sampling,
    maxTokens: null,
    stop: [],
    cacheScope: 'key',
    logprobs: null,
    ignoreEos: false,
    ...changes,
  };
}

/** The loop over a fake addon, with what it reported; every tick takes `tickMs` of the injected time. */
function startLoop(options: FakeAddonOptions = {}, tickMs = 10) {
  const texts = new Map<number, string>();
  const finished = new Map<number, FinishedJob>();
  const failed = new Map<number, string>();
  const accepted: TickReport['accepted'][number][] = [];
  const watchers: (() => void)[] = [];
  const broken: unknown[] = [];
  let freeSlots = -1;
  let nowMs = 0;
  const addon = createFakeAddon(options);
  const loop = createTickLoop({
    model: addon,
    otherLoad: () => 0,
    nowMs: () => {
      nowMs += tickMs;
      return nowMs;
    },
    onBroken: (cause) => broken.push(cause),
    onReport(report) {
      accepted.push(...report.accepted);
      freeSlots = report.stats.freeSlots;
      for (const { id, piece } of report.text) {
        if (piece.type === 'text-delta') texts.set(id, (texts.get(id) ?? '') + piece.text);
      }
      for (const done of report.finished) finished.set(done.id, done);
      for (const { id, error } of report.failed) failed.set(id, error.code);
      for (const watch of watchers.slice()) watch();
    },
  });
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const watch = () => condition() && resolve();
      watchers.push(watch);
      watch();
    });
  return {
    addon,
    loop,
    texts,
    finished,
    failed,
    accepted,
    broken,
    until,
    freeSlots: () => freeSlots,
    allEnded: (...ids: number[]) => until(() => ids.every((id) => finished.has(id) || failed.has(id))),
  };
}

describe('tick loop', () => {
  it('runs eight streams in one decode per tick, in ascending order', async () => {
    const run = startLoop({ slots: 8 });
    const ids = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const id of ids) run.loop.submit(job(id, `question ${id}`, { maxTokens: 40 }));
    await run.allEnded(...ids);

    // Two decodes read the prompts of 80 characters (the batch holds 64), then all answer together.
    expect(run.addon.decoded.length).toBeLessThanOrEqual(44);
    expect(run.addon.decoded.filter((decode) => decode.length === 8).length).toBeGreaterThanOrEqual(36);
    for (const decode of run.addon.decoded) {
      const order = decode.map(({ sequence }) => sequence);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
    expect(ids.map((id) => run.finished.get(id))).toEqual(
      ids.map((id) => ({ id, reason: 'length', completionTokens: 40, reasoningTokens: 0 })),
    );
    await run.loop.stop();
  });

  it('never puts more into a tick than the batch holds, and reads a long prompt beside running streams', async () => {
    const run = startLoop({ slots: 4, batchSize: 32, contextTokens: 4000 });
    run.loop.submit(job(1, 'short', { maxTokens: 300 }));
    run.loop.submit(job(2, 'short too', { maxTokens: 300 }));
    await run.until(() => run.texts.has(1) && run.texts.has(2));
    const before = run.addon.decoded.length;
    run.loop.submit(job(3, 'x'.repeat(1000), { maxTokens: 5 }));
    await run.allEnded(1, 2, 3);

    const reading = run.addon.decoded
      .slice(before)
      .filter((decode) => decode.some(({ sequence }) => sequence === 2));
    // All the while that the long prompt is read, the two others get a token in every single tick.
    expect(reading.length).toBeGreaterThan(30);
    expect(reading.every((decode) => decode.length === 3)).toBe(true);
    const sizes = run.addon.decoded.map((decode) => decode.reduce((sum, { tokens }) => sum + tokens, 0));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(32);
    await run.loop.stop();
  });

  it('reads a short question to its end while a long prompt is still being read', async () => {
    const run = startLoop({ slots: 4, batchSize: 64, contextTokens: 8000 });
    run.loop.submit(job(1, 'x'.repeat(5000), { maxTokens: 1 }));
    run.loop.submit(job(2, 'quick?', { maxTokens: 1 }));
    await run.allEnded(2);
    expect(run.finished.has(1)).toBe(false);
    await run.allEnded(1);
    await run.loop.stop();
  });

  it('frees the slot of a cancelled request in the next gap and gives it to who waits', async () => {
    const run = startLoop({ slots: 1 });
    run.loop.submit(job(1, 'first'));
    run.loop.submit(job(2, 'second', { maxTokens: 3 }));
    await run.until(() => run.texts.has(1));
    const atCancel = run.addon.decoded.length;
    run.loop.cancel(1);
    await run.allEnded(2);

    // At most the tick that was already running, then the other's: reading, and two more tokens.
    expect(run.addon.decoded.length - atCancel).toBeLessThanOrEqual(4);
    expect(run.finished.has(1)).toBe(false);
    expect(run.freeSlots()).toBe(1);
    await run.loop.stop();
  });

  it('forgets a request that is cancelled while it waits for a slot', async () => {
    const run = startLoop({ slots: 1 });
    run.loop.submit(job(1, 'first', { maxTokens: 3 }));
    run.loop.submit(job(2, 'second'));
    run.loop.cancel(2);
    await run.allEnded(1);
    expect(run.accepted.map(({ id }) => id)).toEqual([1]);
    await run.loop.stop();
  });

  it('ends with `stop` at the end of the answer and at a stop string across token borders', async () => {
    const run = startLoop({ answer: () => 'Hello END of it' });
    run.loop.submit(job(1, 'a'));
    run.loop.submit(
      job(2, 'b', { stop: ['END', ...Array.from({ length: 20 }, (_, index) => `none ${index}`)] }),
    );
    await run.allEnded(1, 2);
    expect([run.texts.get(1), run.texts.get(2)]).toEqual(['Hello END of it', 'Hello ']);
    expect([run.finished.get(1), run.finished.get(2)]).toMatchObject([
      { reason: 'stop' },
      { reason: 'stop', stopSequence: 'END' },
    ]);
    expect(run.finished.get(1)).not.toHaveProperty('stopSequence');
    await run.loop.stop();
  });

  it('ends with `length` when the context is full, without shifting it', async () => {
    const run = startLoop({ contextTokens: 50 });
    run.loop.submit(job(1, 'x'.repeat(30)));
    await run.allEnded(1);
    expect(run.finished.get(1)).toEqual({
      id: 1,
      reason: 'length',
      completionTokens: 20,
      reasoningTokens: 0,
    });
    expect(run.addon.sequences[0]?.tokens().length).toBe(49);
    await run.loop.stop();
  });

  it('keeps the prompt of a finished request and says how much of it was reused', async () => {
    const run = startLoop();
    const prompt = 'the same long beginning of a conversation';
    run.loop.submit(job(1, prompt, { maxTokens: 2 }));
    await run.allEnded(1);
    run.loop.submit(job(2, prompt, { maxTokens: 2 }));
    await run.allEnded(2);
    run.loop.submit(job(3, prompt, { maxTokens: 2, cacheScope: 'another key' }));
    await run.allEnded(3);
    run.loop.submit(job(4, prompt, { maxTokens: 2, cacheScope: null }));
    await run.allEnded(4);
    run.loop.submit(job(5, prompt, { maxTokens: 2, cacheScope: null }));
    await run.allEnded(5);
    expect(run.accepted.map(({ cachedTokens }) => cachedTokens)).toEqual([0, prompt.length - 1, 0, 0, 0]);
    await run.loop.stop();
  });

  it('fails only its requests when a computation breaks, and reports that the engine is broken', async () => {
    const run = startLoop({
      onDecode: (_, count) => {
        if (count === 3) throw new Error('a failed assertion');
      },
    });
    run.loop.submit(job(1, 'a'));
    await run.allEnded(1);
    expect([run.failed.get(1), run.broken.length]).toEqual(['engine_failed', 1]);
    await run.loop.stop();
  });
});

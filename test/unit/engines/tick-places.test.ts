import { describe, expect, it } from 'vitest';
import type { FailedJob, TickReport } from '../../../server/engines/builtin/protocol.ts';
import type { Job } from '../../../server/engines/builtin/ticks/job.ts';
import { createTickLoop } from '../../../server/engines/builtin/ticks/tick-loop.ts';
import { turnEndOf } from '../../../server/engines/builtin/chat/turn-end.ts';
import { createFakeAddon, fakeTokenize, type FakeAddonOptions } from '../../fakes/fake-addon.ts';

/** Where conversations are kept and taken up again, and which of two requests gives way. */

function job(id: number, prompt: string, changes: Partial<Job> = {}): Job {
  return {
    id,
    prompt: fakeTokenize(prompt, true),
    sampling: {
      temperature: 1,
      topP: 1,
      topK: 40,
      minP: 0,
      presencePenalty: 0,
      frequencyPenalty: 0,
      seed: 1,
      logitBias: {},
    },
    maxTokens: 3,
    stop: [],
    cacheScope: 'key',
    logprobs: null,
    ignoreEos: false,
    ...changes,
  };
}

function start(options: FakeAddonOptions = {}) {
  const addon = createFakeAddon(options);
  const accepted: TickReport['accepted'][number][] = [];
  const failed: FailedJob[] = [];
  const ended = new Set<number>();
  let wake = Promise.withResolvers<void>();
  const loop = createTickLoop({
    model: addon,
    otherLoad: () => 0,
    nowMs: () => 0,
    onBroken: (cause) => {
      throw cause;
    },
    onReport(report) {
      accepted.push(...report.accepted);
      failed.push(...report.failed);
      for (const { id } of [...report.finished, ...report.failed]) ended.add(id);
      wake.resolve();
      wake = Promise.withResolvers();
    },
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await wake.promise;
  };
  const run = async (...jobs: Job[]) => {
    for (const one of jobs) loop.submit(one);
    await until(() => jobs.every(({ id }) => ended.has(id)));
  };
  return { addon, loop, accepted, failed, run, until };
}

const question = `<BEGIN>user: ${'tell me of the hearth '.repeat(10)}<END>`;
const opening = '<BEGIN>assistant: ';

describe('models that go back to checkpoints only', () => {
  it('are kept at the end of the last user’s turn, and taken up again there', async () => {
    const { addon, accepted, run, loop } = start({ needsCheckpoints: true });
    await run(job(1, `${question}${opening}`));
    const place = fakeTokenize(question, true).length;
    expect(addon.checkpointed).toEqual([{ sequence: 0, length: place }]);
    // What opened the answer is written differently in the history, as templates do with thoughts.
    await run(job(2, `${question}assistant, earlier: abc<END><BEGIN>user: And?<END>${opening}`));
    expect(accepted.map(({ cachedTokens }) => cachedTokens)).toEqual([0, place]);
    expect(addon.truncated.at(-1)).toMatchObject({ sequence: 0, length: place });
    await loop.stop();
  });

  it('read no token of the prompt twice, and none too few', async () => {
    const { addon, run, loop } = start({ needsCheckpoints: true, batchSize: 32 });
    const prompt = `${question}${opening}`;
    await run(job(1, prompt, { maxTokens: 1 }));
    const read = addon.decoded.flat().reduce((sum, { tokens }) => sum + tokens, 0);
    expect(read).toBe(fakeTokenize(prompt, true).length);
    await loop.stop();
  });

  it('do not take a slot from somebody for a beginning that they cannot go back to', async () => {
    const { accepted, run, loop } = start({ needsCheckpoints: true, slots: 2 });
    await run(job(1, `${question}${opening}`));
    // Shares the question's first half, before the checkpoint: nothing can be kept, so the empty slot is taken.
    await run(job(2, `${question.slice(0, 120)}<END>${opening}`));
    await run(job(3, `${question}${opening}`));
    expect(accepted.map(({ cachedTokens }) => cachedTokens)).toEqual([
      0,
      0,
      fakeTokenize(question, true).length,
    ]);
    await loop.stop();
  });

  it('are not needed by others', async () => {
    const { addon, run, loop } = start();
    await run(job(1, `${question}${opening}`));
    expect(addon.checkpointed).toEqual([]);
    await loop.stop();
  });
});

describe('place of a checkpoint', () => {
  const isEnd = (token: number) => token === 9;
  it('is behind the last end of a turn near the end, else the last place but one', () => {
    expect(turnEndOf([1, 9, 2, 9, 3, 4], isEnd)).toBe(4);
    expect(turnEndOf([1, 2, 3], isEnd)).toBe(2);
    expect(turnEndOf([1, 2, 9], isEnd)).toBe(2);
    expect(turnEndOf([9, ...Array.from({ length: 100 }, () => 1)], isEnd)).toBe(100);
    expect(turnEndOf([1], isEnd)).toBe(0);
  });
});

describe('a newer request of the same device', () => {
  it('takes the place of an older one, whether that runs or waits', async () => {
    const { failed, run, until, accepted, loop } = start({ slots: 1 });
    loop.submit(job(1, 'aaa', { maxTokens: null, replaces: 'laptop' }));
    await until(() => accepted.length === 1);
    loop.submit(job(2, 'bbb', { replaces: 'laptop' }));
    loop.submit(job(3, 'other', { replaces: 'phone' }));
    await run(job(4, 'ccc', { replaces: 'laptop' }));
    await until(() => accepted.some(({ id }) => id === 3));
    expect(failed.map(({ id, error }) => [id, error.status, error.code])).toEqual([
      [1, 409, 'replaced'],
      [2, 409, 'replaced'],
    ]);
    expect(accepted.map(({ id }) => id)).toEqual([1, 3, 4]);
    await loop.stop();
  });

  it('leaves requests without such a mark alone', async () => {
    const { failed, run, loop } = start({ slots: 2 });
    await run(job(1, 'aaa'), job(2, 'bbb', { replaces: null }), job(3, 'ccc', { replaces: null }));
    expect(failed).toEqual([]);
    await loop.stop();
  });
});

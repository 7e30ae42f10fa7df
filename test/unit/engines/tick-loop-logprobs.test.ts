import { describe, expect, it } from 'vitest';
import type { TokenLogprob } from '../../../server/core/generate.ts';
import type { FinishedJob } from '../../../server/engines/builtin/protocol.ts';
import type { Job } from '../../../server/engines/builtin/ticks/job.ts';
import { createTickLoop } from '../../../server/engines/builtin/ticks/tick-loop.ts';
import { createFakeAddon, fakeTokenize } from '../../fakes/fake-addon.ts';

type Outcome = { readonly text: string; readonly logprobs: TokenLogprob[]; readonly finished: FinishedJob };

/** One job over a fake addon that answers `answer`, and what was told of it. */
async function run(answer: string, changes: Partial<Job>): Promise<Outcome> {
  const ended = Promise.withResolvers<FinishedJob>();
  const logprobs: TokenLogprob[] = [];
  let text = '';
  const loop = createTickLoop({
    model: createFakeAddon({ answer: () => answer }),
    otherLoad: () => 0,
    nowMs: () => 0,
    onBroken: ended.reject,
    onReport(report) {
      for (const told of report.text) {
        if (told.piece.type === 'text-delta') text += told.piece.text;
        logprobs.push(...(told.logprobs ?? []));
      }
      for (const finished of report.finished) ended.resolve(finished);
    },
  });
  loop.submit({
    id: 1,
    prompt: fakeTokenize('question', false),
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
    maxTokens: null,
    stop: [],
    cacheScope: null,
    logprobs: null,
    ignoreEos: false,
    ...changes,
  });
  const finished = await ended.promise;
  await loop.stop();
  return { text, logprobs, finished };
}

describe('tick loop and log-probabilities', () => {
  it('tells each token’s, with as many others as were asked for', async () => {
    const { text, logprobs } = await run('abc', { logprobs: 2 });
    expect(text).toBe('abc');
    expect(logprobs.map((token) => token.text)).toEqual(['a', 'b', 'c']);
    // The fake gives half of the probability to the token itself, a quarter to the next letter.
    expect(logprobs[0]).toEqual({
      text: 'a',
      logprob: -Math.LN2,
      top: [
        { text: 'a', logprob: -Math.LN2 },
        { text: 'b', logprob: -2 * Math.LN2 },
      ],
    });
  });

  it('tells none unasked, and none of a stop text', async () => {
    expect((await run('abc', {})).logprobs).toEqual([]);
    const stopped = await run('abcdef', { logprobs: 0, stop: ['cd'] });
    expect(stopped.text).toBe('ab');
    expect(stopped.logprobs.map((token) => token.text)).toEqual(['a', 'b']);
  });

  it('tells those of the last tokens, held back for a stop text that did not come', async () => {
    const { text, logprobs } = await run('abc', { logprobs: 0, stop: ['cd'] });
    expect(text).toBe('abc');
    expect(logprobs.map((token) => token.text)).toEqual(['a', 'b', 'c']);
  });
});

describe('tick loop past the end', () => {
  it('goes on up to the limit when the end is to be ignored', async () => {
    expect((await run('abc', { maxTokens: 10 })).finished).toMatchObject({
      reason: 'stop',
      completionTokens: 3,
    });
    const { text, finished } = await run('abc', { maxTokens: 10, ignoreEos: true });
    expect(finished).toMatchObject({ reason: 'length', completionTokens: 10 });
    expect(text).toBe('abc.......');
  });
});

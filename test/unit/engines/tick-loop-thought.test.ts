import { expect, it } from 'vitest';
import type { OutputPiece } from '../../../server/engines/builtin/chat/tool-scanner.ts';
import type { Job } from '../../../server/engines/builtin/ticks/job.ts';
import { createTickLoop } from '../../../server/engines/builtin/ticks/tick-loop.ts';
import { createAnswerParser } from '../../../server/engines/builtin/chat/tool-parser.ts';
import type { FinishedJob } from '../../../server/engines/builtin/protocol.ts';
import { createFakeAddon, fakeText, fakeTokenize } from '../../fakes/fake-addon.ts';

const closing = '</think>';

/** One answer of a model that thinks in `<think>` marks, its prompt having begun the thought. */
async function run(answer: string, mostTokens: number, changes: Partial<Job> = {}) {
  const addon = createFakeAddon({ answer: () => answer, slots: 1 });
  const ended = Promise.withResolvers<FinishedJob>();
  const pieces: OutputPiece[] = [];
  const loop = createTickLoop({
    model: addon,
    otherLoad: () => 0,
    nowMs: () => 0,
    onBroken: ended.reject,
    onReport(report) {
      for (const { piece } of report.text) pieces.push(piece);
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
    answer: {
      parser: createAnswerParser({
        form: { tools: 'hermes', reasoning: { open: '<think>', close: closing } },
        toolNames: [],
        parameterTypes: () => [],
        isThinking: true,
      }),
      grammar: 'the whole',
      thought: { mostTokens, closing: fakeTokenize(closing, false), grammarAfter: 'the rest' },
    },
    ...changes,
  });
  const finished = await ended.promise;
  await loop.stop();
  const textOf = (type: OutputPiece['type']) =>
    pieces.map((piece) => (piece.type === type && 'text' in piece ? piece.text : '')).join('');
  return { finished, addon, thought: textOf('reasoning-delta'), said: textOf('text-delta') };
}

it('a thought within its budget is left alone', async () => {
  const { finished, addon, thought, said } = await run('short</think>said', 100);
  expect([thought, said, finished.reason]).toEqual(['short', 'said', 'stop']);
  expect(finished.reasoningTokens).toBe('short</think>'.length);
  expect(addon.grammars).toEqual(['the whole']);
});

it('a longer one is ended as if the model had done it, and the grammar goes on behind it', async () => {
  const { finished, addon, thought, said } = await run('for evermore', 4);
  expect([thought, said]).toEqual(['for', 'evermore']);
  expect(addon.grammars).toEqual(['the whole', 'the rest']);
  expect(fakeText(addon.sequences[0]?.tokens() ?? [])).toBe('questionfor </think>evermore');
  expect(finished).toMatchObject({
    reason: 'stop',
    completionTokens: 'for </think>evermore'.length,
    reasoningTokens: 'for </think>'.length,
  });
});

it('what ends it counts towards the most tokens', async () => {
  const { finished, said } = await run('for evermore', 4, { maxTokens: 14 });
  expect([finished.reason, finished.completionTokens, said]).toEqual(['length', 14, 'ev']);
});

it('stop strings are looked for in what is said, not in what is thought', async () => {
  const { finished, thought, said } = await run('the END is</think>near. END of', 100, { stop: ['END'] });
  expect([thought, said, finished.reason]).toEqual(['the END is', 'near. ', 'stop']);
});

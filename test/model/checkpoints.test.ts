import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../server/core/clock.ts';
import { AppError } from '../../server/core/errors.ts';
import type { GenerateRequest } from '../../server/core/generate.ts';
import type { Logger } from '../../server/core/logger.ts';
import { startModelProcess, type ModelProcess } from '../../server/engines/builtin/life/model-process.ts';
import { secondModel } from './second-model.ts';

/** A model with a sliding window: only the real library shows whether a restored place computes what it should. */

const quiet = () => {};
const log: Logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const never = new AbortController().signal;
const unexpected = new AppError('unexpected', { status: 503, code: 'engine_failed' });
let model: ModelProcess;

beforeAll(async () => {
  const path = await secondModel();
  model = startModelProcess({
    modelId: 'gemma',
    entry: new URL('../../server/engines/builtin/engine-process.ts', import.meta.url),
    task: 'generate',
    clock: systemClock,
    timers: systemTimers,
    log,
    onProgress: quiet,
    onActivity: quiet,
    onCrash: () => unexpected,
    onExit: quiet,
  });
  await model.survey('auto');
  await model.load({
    path,
    task: 'generate',
    threads: null,
    gpuShare: 1,
    slots: 2,
    contextTokens: 4096,
    leastContextTokens: 4096,
  });
}, 300_000);

afterAll(() => model.end(unexpected));

async function ask(prompt: string, cacheScope: string | null) {
  const request: GenerateRequest = {
    model: 'gemma',
    messages: [],
    raw: { prompt, suffix: null },
    maxTokens: 2,
    logprobs: 10,
    stop: [],
    sampling: {
      temperature: 0,
      topP: null,
      topK: null,
      minP: null,
      presencePenalty: null,
      frequencyPenalty: null,
      seed: 1,
      logitBias: {},
    },
    cacheScope,
  };
  const likeliest = new Map<string, number>();
  for await (const part of model.generate(request, never)) {
    if (part.type === 'finish') return { likeliest, ...part.usage };
    if (part.type !== 'text-delta' || likeliest.size > 0) continue;
    for (const { text, logprob } of part.logprobs?.[0]?.top ?? []) likeliest.set(text, logprob);
  }
  throw new Error('the stream ended without a finish');
}

const numbers = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `Line ${from + index} tells of the hearth.`).join('\n');

describe('a model with a sliding window', () => {
  it('takes up a conversation at a checkpoint behind the window, and goes on as if it had read it all', async () => {
    const beginning = `${numbers(1, 100)}\n`;
    const first = await ask(beginning, 'anna');
    // Far more than the window of 512 tokens: nothing before it is left of the beginning but its checkpoint.
    const second = await ask(`${beginning}${numbers(500, 150)}\n`, 'anna');
    const question = `${beginning}The house has an inglenook beside the`;
    const third = await ask(question, 'anna');
    // Who goes straight on, without the detour.
    const straight = await ask(beginning, 'ben').then(() => ask(question, 'ben'));

    expect(first.cachedTokens).toBe(0);
    expect(straight.cachedTokens).toBeGreaterThan(0.95 * first.promptTokens);
    expect(second.cachedTokens).toBeGreaterThan(0.95 * first.promptTokens);
    expect(second.promptTokens - first.promptTokens).toBeGreaterThan(1200);
    expect(third.cachedTokens).toBeGreaterThan(0.95 * first.promptTokens);
    // The same words are likely to nearly the same degree. Reading the same text in other pieces moves them as much.
    const differences = [...third.likeliest].flatMap(([text, logprob]) => {
      const other = straight.likeliest.get(text);
      return other === undefined ? [] : [Math.abs(logprob - other)];
    });
    expect(differences.length).toBeGreaterThan(7);
    expect(Math.max(...differences)).toBeLessThan(0.5);
  }, 300_000);
});

import { describe, expect, it } from 'vitest';
import type { ChoicePart, GenerateRequest } from '../../../server/core/generate.ts';
import { systemClock } from '../../../server/core/clock.ts';
import { copies } from '../../../server/dialects/copies.ts';
import { runChoices } from '../../../server/routing/choices.ts';
import { createRouter } from '../../../server/routing/run.ts';
import { createFakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { gate } from '../http/harness.ts';

const request: GenerateRequest = {
  model: 'fake-model',
  messages: [],
  maxTokens: null,
  stop: [],
  cacheScope: null,
  sampling: {
    temperature: null,
    topP: null,
    topK: null,
    minP: null,
    presencePenalty: null,
    frequencyPenalty: null,
    seed: 7,
    logitBias: {},
  },
};

function start(options: FakeEngineOptions, requests: [GenerateRequest, ...GenerateRequest[]]) {
  const engine = createFakeEngine(options);
  const router = createRouter(systemClock);
  const route = { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 };
  const abort = new AbortController();
  const parts = runChoices(router, [{ engine, modelId: 'fake-model' }], requests, {
    route,
    signal: abort.signal,
  });
  return { engine, router, route, abort, parts };
}

async function collect(parts: AsyncIterable<ChoicePart>): Promise<ChoicePart[]> {
  const all: ChoicePart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

function textOf(parts: readonly ChoicePart[], choice: number): string {
  return parts
    .map((one) => (one.choice === choice && one.part.type === 'text-delta' ? one.part.text : ''))
    .join('');
}

describe('several answers to one request', () => {
  it('each has a seed of its own, whole and in order, and the prompt is counted once', async () => {
    const options: FakeEngineOptions = {
      answer: ({ sampling }) => ({
        words: ['seed ', String(sampling.seed)],
        promptTokens: 12,
        cachedTokens: 3,
      }),
    };
    const { engine, route, parts } = start(options, [request, ...copies(request, 3)]);
    const all = await collect(parts);
    expect([0, 1, 2].map((choice) => textOf(all, choice))).toEqual(['seed 7', 'seed 8', 'seed 9']);
    const usages = all.flatMap(({ part }) => (part.type === 'finish' ? [part.usage] : []));
    expect(usages.map(({ promptTokens }) => promptTokens).toSorted((a, b) => a - b)).toEqual([0, 0, 12]);
    expect(usages.map(({ completionTokens }) => completionTokens)).toEqual([2, 2, 2]);
    expect(route.tried).toEqual(['fake-model']);
    expect(engine.seen.active).toBe(0);
  });

  it('different prompts are all counted', async () => {
    const { parts } = start({}, [request, { ...request, messages: [] }]);
    const usages = (await collect(parts)).flatMap(({ part }) => (part.type === 'finish' ? [part.usage] : []));
    expect(usages.map(({ promptTokens }) => promptTokens)).toEqual([12, 12]);
  });

  it('run at the same time, at most four of them, and with one slot one after the other', async () => {
    const many: [GenerateRequest, ...GenerateRequest[]] = [request, ...copies(request, 7)];
    const wide = start({}, many);
    await collect(wide.parts);
    expect(wide.engine.seen.requests).toHaveLength(7);
    expect(wide.engine.seen.mostActive).toBe(4);
    const narrow = start({ slots: 1 }, many);
    expect((await collect(narrow.parts)).filter(({ part }) => part.type === 'finish')).toHaveLength(7);
    expect(narrow.engine.seen.mostActive).toBe(1);
  });

  it('one that fails ends the others and frees their slots', async () => {
    const held = gate();
    const options: FakeEngineOptions = {
      async beforePart(index, { sampling }) {
        if (sampling.seed === 8 && index === 1) throw new Error('a failed computation');
        if (sampling.seed === 7 && index === 2) await held.opened;
      },
    };
    const { engine, router, parts } = start(options, [request, ...copies(request, 2)]);
    await expect(collect(parts)).rejects.toThrow('a failed computation');
    expect(engine.seen).toMatchObject({ active: 0, cancelled: 1 });
    expect(router.active()).toBe(0);
  });

  it('all end when the client leaves, those in the queue too', async () => {
    const held = gate();
    const options: FakeEngineOptions = {
      slots: 1,
      beforePart: async (index) => (index === 1 ? held.opened : undefined),
    };
    const { engine, router, abort, parts } = start(options, [request, ...copies(request, 3)]);
    const reading = collect(parts);
    const outcome = expect(reading).rejects.toThrow('left');
    await expect.poll(() => router.waiting()).toBe(2);
    abort.abort(new Error('left'));
    await outcome;
    expect(engine.seen.active).toBe(0);
    expect(router.waiting()).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import type { Engine } from '../../../server/core/engine.ts';
import type { Route } from '../../../server/core/route.ts';
import { createOllamaEngine } from '../../../server/engines/ollama/ollama-engine.ts';
import { createRouter, type Router } from '../../../server/routing/run.ts';
import { startFakeOllama } from '../../fakes/fake-ollama.ts';
import { never, startPair, words } from './setup.ts';

/** What a backend is given at once never exceeds what it serves, counted by the backend itself on real sockets. */

const models = ['one', 'two', 'three'];

type Way = 'answer' | 'vectors' | 'leave';

function newWay(signal: AbortSignal): { route: Route; signal: AbortSignal } {
  return { route: { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 }, signal };
}

async function ask(router: Router, engine: Engine, modelId: string, way: Way): Promise<void> {
  const candidates = [{ engine, modelId }] as const;
  if (way === 'vectors') {
    const request = { model: modelId, inputs: ['a'], dimensions: null };
    await router.ask(
      candidates,
      { task: 'embed', ask: async (one, _model, signal) => await one.embed(request, signal) },
      newWay(never),
    );
    return;
  }
  const leaving = new AbortController();
  try {
    for await (const part of router.run(candidates, words({ model: modelId }), newWay(leaving.signal))) {
      if (way === 'leave' && part.type === 'text-delta') leaving.abort(new Error('left'));
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  }
}

const asked = fc.array(
  fc.record({
    model: fc.constantFrom(...models),
    way: fc.constantFrom<Way>('answer', 'answer', 'vectors', 'leave'),
  }),
  { minLength: 1, maxLength: 30 },
);

describe('the slots of an upstream', () => {
  it('are for all of its models together, whatever they are asked', async () => {
    await fc.assert(
      fc.asyncProperty(asked, fc.integer({ min: 1, max: 5 }), async (requests, slots) => {
        const { engine, fake } = await startPair({ models, delayMs: 6 }, { upstream: { slots } });
        const router = createRouter(systemClock);
        await Promise.all(requests.map(async ({ model, way }) => await ask(router, engine, model, way)));
        expect(fake.mostAtOnce()).toBeLessThanOrEqual(slots);
        // Nor is one left empty while somebody waits.
        const answers = requests.filter(({ way }) => way !== 'leave').length;
        if (answers >= slots && answers === requests.length) expect(fake.mostAtOnce()).toBe(slots);
        expect([router.active(), router.waiting()]).toEqual([0, 0]);
        await engine.stop();
        await fake.close();
      }),
      { numRuns: 15 },
    );
  });

  it('stand in the view of the owner as one queue', async () => {
    const { engine, fake } = await startPair({ models, mode: 'holds' }, { upstream: { slots: 2 } });
    const router = createRouter(systemClock);
    const asking = models.map(async (model) => await ask(router, engine, model, 'answer'));
    await expect.poll(() => [router.active(), router.waiting()]).toEqual([2, 1]);
    expect(router.queues()).toMatchObject([
      { engine: 'box', model: null, task: null, slots: 2, active: 2, waiting: [{ place: 1 }] },
    ]);
    fake.mode = 'ok';
    fake.release();
    await Promise.all(asking);
  });
});

describe('an Ollama', () => {
  it.each([
    ['of ours serves so many requests of each model, and so many models', 2, 2],
    ['of ours with room for one model swaps them, and answers all', 3, 1],
    ['of somebody’s serves so many requests in all', 2, null],
  ])('%s', async (_name, slots, modelsAtOnce) => {
    const fake = await startFakeOllama({
      models: models.map((name) => ({ name, capabilities: ['completion', 'embedding'] })),
      delayMs: 1,
    });
    const engine = createOllamaEngine({
      id: 'ollama',
      name: 'Ollama',
      address: fake.address,
      source: 'ollama',
      mayLeave: false,
      apiKey: null,
      slots: () => slots,
      modelsAtOnce: () => modelsAtOnce,
      contextTokens: () => 2048,
      clock: systemClock,
      timers: systemTimers,
      onChange() {},
    });
    onTestFinished(async () => {
      await engine.stop();
      await fake.close();
    });
    await engine.refresh(never);
    const router = createRouter(systemClock);
    const ways: readonly Way[] = ['answer', 'vectors', 'answer', 'leave'];
    const asking = Array.from(
      { length: 48 },
      async (_, index) => await ask(router, engine, models[index % 3] ?? '', ways[index % 4] ?? 'answer'),
    );
    await Promise.all(asking);
    const { requests, modelsInUse, ofOneModel } = fake.mostAtOnce;
    expect(ofOneModel).toBeLessThanOrEqual(slots);
    if (modelsAtOnce === null) expect(requests).toBeLessThanOrEqual(slots);
    else expect(modelsInUse).toBeLessThanOrEqual(modelsAtOnce);
    expect([router.active(), router.waiting()]).toEqual([0, 0]);
  });
});

import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import type { Engine } from '../../../server/core/engine.ts';
import type { Route } from '../../../server/core/route.ts';
import { createOllamaEngine } from '../../../server/engines/ollama/ollama-engine.ts';
import { createRouter, type Router } from '../../../server/routing/run.ts';
import { startFakeOllama } from '../../fakes/fake-ollama.ts';
import { never, startPair, words } from './setup.ts';

/** What a backend is given at once never exceeds what it serves, counted where it is given and by the backend itself. */

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

/** Where requests stay inside a backend, until each is let go on. */
function createGate() {
  const inside: (() => void)[] = [];
  let arrived = Promise.withResolvers<void>();
  return {
    async enter(): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      inside.push(resolve);
      arrived.resolve();
      arrived = Promise.withResolvers<void>();
      await promise;
    },
    /** Resolves when so many are inside, however long their way there is. */
    async has(count: number): Promise<number> {
      while (inside.length < count) await arrived.promise;
      return inside.length;
    },
    letGo(pick: number): void {
      const [goOn] = inside.splice(pick % inside.length, 1);
      goOn?.();
    },
  };
}

/** The engine, and the most it was asked at the same time: no socket and no clock between. */
function counted(engine: Engine): { readonly engine: Engine; readonly most: () => number } {
  let now = 0;
  let most = 0;
  const begin = (): void => void (most = Math.max(most, (now += 1)));
  return {
    most: () => most,
    engine: {
      ...engine,
      async *generate(...ask) {
        begin();
        try {
          yield* engine.generate(...ask);
        } finally {
          now -= 1;
        }
      },
      async embed(...ask) {
        begin();
        try {
          return await engine.embed(...ask);
        } finally {
          now -= 1;
        }
      },
    },
  };
}

describe('the slots of an upstream', () => {
  it('are for all of its models together, whatever they are asked; none is empty while somebody waits', async () => {
    await fc.assert(
      fc.asyncProperty(
        asked,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.nat(63)),
        async (requests, slots, picks) => {
          const gate = createGate();
          const { engine: upstream, fake } = await startPair(
            { models, gate: gate.enter },
            { upstream: { slots } },
          );
          const { engine, most } = counted(upstream);
          const router = createRouter(systemClock);
          const asking = requests.map(async ({ model, way }) => await ask(router, engine, model, way));
          // An answer ends only here, so that who comes next is always the one who waited for its slot.
          for (let left = requests.length; left > 0; left -= 1) {
            const inside = Math.min(slots, left);
            expect(await gate.has(inside)).toBe(inside);
            expect(router.waiting()).toBe(left - inside);
            gate.letGo(picks.next().value);
          }
          await Promise.all(asking);
          expect(most()).toBe(Math.min(slots, requests.length));
          expect(fake.seen).toHaveLength(requests.length);
          expect([router.active(), router.waiting()]).toEqual([0, 0]);
          await engine.stop();
          await fake.close();
        },
      ),
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

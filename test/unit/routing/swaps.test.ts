import { expect, test, vi } from 'vitest';
import type { GenerateRequest } from '../../../server/core/generate.ts';
import type { Route } from '../../../server/core/route.ts';
import { createRouter } from '../../../server/routing/run.ts';
import { longestWaitForSwapMs } from '../../../server/routing/swap-hold.ts';
import { createSwappingEngine } from '../../fakes/swapping-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate } from '../http/harness.ts';

function asking(model: string, text: string): GenerateRequest {
  return {
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
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
      seed: null,
      logitBias: {},
    },
  };
}

/** An engine with memory for one model; each answer ends when the test says so. */
function desk() {
  const time = createManualTime();
  const gates = new Map<string, ReturnType<typeof gate>>();
  const gateOf = (name: string) => {
    const known = gates.get(name) ?? gate();
    gates.set(name, known);
    return known;
  };
  const nameOf = ({ messages }: GenerateRequest): string => {
    const [part] = messages[0]?.content ?? [];
    return part?.type === 'text' ? part.text : '';
  };
  const engine = createSwappingEngine({
    models: ['a', 'b'],
    slots: 2,
    beforePart: (index, request) => (index === 1 ? gateOf(nameOf(request)).opened : undefined),
  });
  const router = createRouter(time.clock, { timers: time.timers });
  const done: string[] = [];
  async function ask(model: string, name: string): Promise<void> {
    const route: Route = { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 };
    const way = { route, signal: new AbortController().signal };
    for await (const part of router.run([{ engine, modelId: model }], asking(model, name), way)) {
      if (part.type === 'finish') done.push(name);
    }
  }
  const began = (): string[] => engine.seen.requests.map(nameOf);
  return { time, engine, router, done, began, ask, end: (name: string) => gateOf(name).open() };
}

test('requests in turn for two models are answered model by model: of A B A A, the A’s first', async () => {
  const { engine, done, began, ask, end } = desk();
  for (const [model, name] of [
    ['a', 'a1'],
    ['b', 'b1'],
    ['a', 'a2'],
    ['a', 'a3'],
  ] as const) {
    void ask(model, name);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  expect(began()).toEqual(['a1', 'a2']);
  end('a1');
  await vi.waitUntil(() => began().includes('a3'));
  for (const name of ['a2', 'a3', 'b1']) end(name);
  await vi.waitUntil(() => done.length === 4);
  expect([began(), engine.swaps()]).toEqual([['a1', 'a2', 'a3', 'b1'], 2]);
});

test('whoever waits for another model waits no longer than half a minute and what runs then', async () => {
  const { time, engine, router, done, began, ask, end } = desk();
  const all = [ask('a', 'a1'), ask('a', 'a2')];
  await vi.waitUntil(() => began().length === 2);
  all.push(ask('b', 'b1'));
  await vi.waitUntil(() => engine.models().some(({ waitingFor }) => waitingFor === 'memory'));
  // Somebody always asks for A, so A would never be idle.
  end('a1');
  all.push(ask('a', 'a3'));
  await vi.waitUntil(() => began().includes('a3'));
  time.advance(longestWaitForSwapMs);
  all.push(ask('a', 'a4'));
  end('a2');
  await vi.waitUntil(() => done.includes('a2') && router.waiting() === 1);
  expect(began()).not.toContain('a4');
  end('a3');
  await vi.waitUntil(() => began().includes('b1'));
  expect(began()).not.toContain('a4');
  end('b1');
  end('a4');
  await Promise.all(all);
  expect([began().slice(-2), engine.swaps(), router.active(), router.waiting()]).toEqual([
    ['b1', 'a4'],
    3,
    0,
    0,
  ]);
  expect(time.waiting()).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../server/core/clock.ts';
import { AppError } from '../../../server/core/errors.ts';
import { usualSampling, type GenerateRequest } from '../../../server/core/generate.ts';
import type { Route } from '../../../server/core/route.ts';
import { createRouter } from '../../../server/routing/run.ts';
import { createFakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { gate } from '../http/harness.ts';

/** What one device asks for while somebody types. */
function typing(prompt: string, replaces = 'key_1'): GenerateRequest {
  return {
    model: 'fake-model',
    messages: [],
    raw: { prompt, suffix: '}' },
    maxTokens: null,
    stop: [],
    cacheScope: null,
    replaces,
    sampling: usualSampling,
  };
}

function desk(options: FakeEngineOptions) {
  const engine = createFakeEngine(options);
  const router = createRouter(systemClock);
  const candidates = [{ engine, modelId: 'fake-model' }] as const;
  /** `done`, or the code of the error. */
  async function ask(request: GenerateRequest): Promise<string> {
    const route: Route = { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 };
    try {
      for await (const part of router.run(candidates, request, {
        route,
        signal: new AbortController().signal,
      })) {
        if (part.type === 'finish') return 'done';
      }
      return 'no finish';
    } catch (error) {
      return error instanceof AppError ? error.code : String(error);
    }
  }
  return { engine, router, ask };
}

describe('a newer completion of the same device', () => {
  it('takes the place of the older one that is being answered, although there is no other place', async () => {
    const held = gate();
    const isFirst = ({ raw }: GenerateRequest): boolean => raw?.prompt === 'a';
    const { engine, router, ask } = desk({
      slots: 1,
      beforePart: (index, request) => (index === 1 && isFirst(request) ? held.opened : undefined),
    });
    const first = ask(typing('a'));
    await expect.poll(() => engine.seen.active).toBe(1);
    expect(await ask(typing('ab'))).toBe('done');
    expect(await first).toBe('replaced');
    expect([engine.seen.active, router.active(), router.waiting()]).toEqual([0, 0, 0]);
  });

  it('takes the older one out of the queue, so that only the newest is ever computed', async () => {
    const held = gate();
    const { engine, router, ask } = desk({
      slots: 1,
      beforePart: (index, { replaces }) => (index === 1 && replaces === 'key_2' ? held.opened : undefined),
    });
    const other = ask(typing('x', 'key_2'));
    await expect.poll(() => engine.seen.active).toBe(1);
    const typed = ['a', 'ab', 'abc'].map((prompt) => ask(typing(prompt)));
    await expect.poll(() => router.waiting()).toBe(1);
    held.open();
    expect(await Promise.all(typed)).toEqual(['replaced', 'replaced', 'done']);
    expect(await other).toBe('done');
    expect(engine.seen.requests.map(({ raw }) => raw?.prompt)).toEqual(['x', 'abc']);
  });

  it('replaces one that still waits for its model, and the load goes on for the newer', async () => {
    const loaded = gate();
    const { engine, ask } = desk({ beforeReady: () => loaded.opened });
    const first = ask(typing('a'));
    const second = ask(typing('ab'));
    expect(await first).toBe('replaced');
    loaded.open();
    expect(await second).toBe('done');
    expect(engine.seen.loads).toBe(1);
  });

  it('leaves other devices alone, and what is over', async () => {
    const { ask } = desk({ slots: 1 });
    expect(await Promise.all([ask(typing('a')), ask(typing('b', 'key_2'))])).toEqual(['done', 'done']);
    expect(await ask(typing('c'))).toBe('done');
  });
});

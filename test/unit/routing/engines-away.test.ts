import { describe, expect, test, vi } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import type { GenerateRequest } from '../../../server/core/generate.ts';
import type { Route } from '../../../server/core/route.ts';
import { keepProbed } from '../../../server/routing/health.ts';
import { createRouter, type Candidates } from '../../../server/routing/run.ts';
import { createFakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { gate } from '../http/harness.ts';

const request: GenerateRequest = {
  model: 'm',
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
    seed: null,
    logitBias: {},
  },
};

const reset = new AppError('The connection was reset.', {
  status: 502,
  code: 'upstream_failed',
  retryable: true,
  source: 'engine',
});
const busy = (seconds: number) =>
  new AppError('busy', {
    status: 429,
    code: 'rate_limit_exceeded',
    retryAfterSeconds: seconds,
    source: 'engine',
  });

function remote(id: string, options: FakeEngineOptions = {}) {
  return createFakeEngine({ id, models: ['m'], isRemote: true, ...options });
}

function office(...engines: ReturnType<typeof remote>[]) {
  return officeThatAsksAgain(2, ...engines);
}

function officeThatAsksAgain(retries: number, ...engines: ReturnType<typeof remote>[]) {
  const time = createManualTime();
  const router = createRouter(time.clock, { timers: time.timers, chance: () => 1, retries: () => retries });
  const candidates = engines.map((engine) => ({ engine, modelId: 'm' })) as unknown as Candidates;
  /** Who answered, or the error's code; pauses pass by themselves unless `isStill`. */
  async function ask({ isStill = false } = {}): Promise<{ by: string; route: Route; error: unknown }> {
    const route: Route = { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 };
    let ended = false;
    const asked = (async () => {
      try {
        const way = { route, signal: new AbortController().signal };
        for await (const part of router.run(candidates, request, way)) {
          if (part.type === 'finish') return { by: route.engine ?? '', route, error: null };
        }
        return { by: 'nobody', route, error: null };
      } catch (error) {
        return { by: error instanceof AppError ? error.code : String(error), route, error };
      }
    })();
    void asked.finally(() => (ended = true));
    while (!ended && !isStill) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      if (!ended) time.advance(time.waiting()[0] ?? 0);
    }
    return await asked;
  }
  return { time, router, ask };
}

/** Fails so often, then answers. */
function failingFirst(times: number, error: AppError): FakeEngineOptions & { readonly calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    beforePart: (index) => {
      if (index === 0 && (calls += 1) <= times) throw error;
    },
  };
}

describe('a failure that is gone in a moment', () => {
  test('is tried again after a pause, before the first part only, and every try is told', async () => {
    const { ask, time } = office(remote('far', failingFirst(2, reset)));
    const { by, route } = await ask();
    expect([by, route.tried]).toEqual(['far', ['m', 'm', 'm']]);
    // 250 ms and 500 ms.
    expect(time.clock.monotonicMs()).toBe(750);
  });

  test('is tried again as often as the owner wants, and others are asked all the same', async () => {
    for (const [retries, tried] of [
      [0, ['m']],
      [1, ['m', 'm']],
    ] as const) {
      const { ask } = officeThatAsksAgain(retries, remote('far', failingFirst(9, reset)));
      const { by, route } = await ask();
      expect([by, route.tried]).toEqual(['upstream_failed', tried]);
    }
    const { ask, time } = officeThatAsksAgain(0, remote('far', failingFirst(9, reset)), remote('near'));
    const { by, route } = await ask({ isStill: true });
    expect([by, route.tried, time.clock.monotonicMs()]).toEqual(['near', ['m', 'm'], 0]);
  });

  test('attack 58: is not tried again once a part is out', async () => {
    const engine = remote('far', {
      beforePart: (index) => {
        if (index === 1) throw reset;
      },
    });
    const { by, route } = await office(engine).ask();
    expect([by, route.tried]).toEqual(['upstream_failed', ['m']]);
  });

  test('goes to the next engine first, without a pause', async () => {
    const { ask, time } = office(remote('far', failingFirst(9, reset)), remote('near'));
    const { by, route } = await ask({ isStill: true });
    expect([by, route.tried, time.clock.monotonicMs()]).toEqual(['near', ['m', 'm'], 0]);
  });

  test('waits as long as it was asked to, and not at all where that is long', async () => {
    const short = office(remote('far', failingFirst(1, busy(3))));
    expect([(await short.ask()).by, short.time.clock.monotonicMs()]).toEqual(['far', 3000]);
    const long = office(remote('far', failingFirst(1, busy(60))));
    const { route, error } = await long.ask({ isStill: true });
    expect([route.tried, error]).toEqual([['m'], expect.objectContaining({ retryAfterSeconds: 60 })]);
  });

  test('is not tried again where the model computes here: a request that ends its process must not do so thrice', async () => {
    const engine = createFakeEngine({ id: 'here', models: ['m'], ...failingFirst(1, reset) });
    const { by, route } = await office(engine).ask({ isStill: true });
    expect([by, route.tried]).toEqual(['upstream_failed', ['m']]);
  });
});

describe('a model that only fails', () => {
  test('is left alone after three failures, tried by a single one later, and used again when that succeeds', async () => {
    const failing = failingFirst(3, reset);
    const { ask, time, router } = office(remote('far', failing), remote('near'));
    for (let count = 0; count < 3; count += 1) expect((await ask()).route.tried).toEqual(['m', 'm']);
    const { by, route } = await ask();
    expect([by, route.tried, failing.calls()]).toEqual(['near', ['m'], 3]);
    expect(router.standing('far')).toEqual({ isAway: false, pauses: [{ model: 'm', leftMs: 5_000 }] });
    time.advance(5_000);
    expect(router.standing('far').pauses).toEqual([]);
    expect((await ask()).by).toBe('far');
    expect((await ask()).by).toBe('far');
  });

  test('with nobody else: 503 and when to come again', async () => {
    const { ask } = office(remote('far', failingFirst(99, reset)));
    await ask();
    const { by, route, error } = await ask({ isStill: true });
    expect([by, route.tried]).toEqual(['upstream_unavailable', []]);
    expect(error).toMatchObject({ status: 503, retryAfterSeconds: 5 });
  });

  test('what is wrong with a request is no failure of the engine', async () => {
    const wrong = new AppError('long', { status: 400, code: 'context_length_exceeded', source: 'engine' });
    const { ask } = office(remote('far', failingFirst(5, wrong)));
    for (let count = 0; count < 5; count += 1) expect((await ask()).by).toBe('context_length_exceeded');
    expect((await ask()).by).toBe('far');
  });
});

describe('probes', () => {
  test('run in parallel: one that hangs holds up nobody, is given up after two seconds and passed over', async () => {
    const time = createManualTime();
    const hung = gate();
    const results: [string, boolean][] = [];
    const engines = [
      remote('hangs', { probe: () => hung.opened }),
      remote('refuses', { probe: async () => Promise.reject(reset) }),
      remote('there', { probe: async () => {} }),
      createFakeEngine({ id: 'never asked' }),
    ];
    const stop = keepProbed({
      engines: () => engines,
      timers: time.timers,
      onResult: (id, isReachable) => results.push([id, isReachable]),
    });
    await vi.waitUntil(() => results.length === 2);
    expect(results.toSorted(([a], [b]) => a.localeCompare(b))).toEqual([
      ['refuses', false],
      ['there', true],
    ]);
    time.advance(2_000);
    await vi.waitUntil(() => results.length === 3);
    expect(results[2]).toEqual(['hangs', false]);
    stop();
    expect(time.waiting()).toEqual([]);
  });

  test('what is away is passed over at once, and used again when it is back', async () => {
    const { router, ask } = office(remote('far'), remote('near'));
    router.noteReachable('far', false);
    expect(router.standing('far').isAway).toBe(true);
    expect((await ask()).by).toBe('near');
    router.noteReachable('far', true);
    expect(router.standing('far').isAway).toBe(false);
    expect((await ask()).by).toBe('far');
  });

  test('may be wrong: who is alone is tried all the same', async () => {
    const { router, ask } = office(remote('far'));
    router.noteReachable('far', false);
    expect((await ask()).by).toBe('far');
  });
});

import { describe, expect, test } from 'vitest';
import { noSettings, type Alias } from '../../../server/core/alias.ts';
import { systemClock } from '../../../server/core/clock.ts';
import { AppError } from '../../../server/core/errors.ts';
import { usualSampling, type GeneratePart, type GenerateRequest } from '../../../server/core/generate.ts';
import type { Route } from '../../../server/core/route.ts';
import { resolveModel } from '../../../server/routing/resolve.ts';
import { createRouter } from '../../../server/routing/run.ts';
import { createFakeEngine, type FakeEngineOptions } from '../../fakes/fake-engine.ts';

const alias: Alias = {
  name: 'office',
  model: 'big',
  fallback: ['missing', 'small'],
  builtIn: true,
  shares: [],
  settings: noSettings,
};
const findAlias = (name: string) => (name === 'office' ? alias : null);

const request: GenerateRequest = {
  model: 'office',
  messages: [],
  maxTokens: null,
  stop: [],
  cacheScope: null,
  sampling: usualSampling,
};

type Ran = {
  readonly parts: GeneratePart[];
  readonly route: Route;
  readonly error: unknown;
  readonly active: number;
};

async function run(options: FakeEngineOptions, signal = new AbortController().signal): Promise<Ran> {
  const engine = createFakeEngine({ models: ['big', 'small'], ...options });
  const router = createRouter(systemClock);
  const route: Route = { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 };
  const parts: GeneratePart[] = [];
  let error: unknown = null;
  try {
    const candidates = resolveModel([engine], findAlias, 'office');
    for await (const part of router.run(candidates, request, { route, signal })) parts.push(part);
  } catch (thrown) {
    error = thrown;
  }
  return { parts, route, error, active: router.active() };
}

const failing = (model: string, error: unknown) => (tried: string) => {
  if (tried === model) throw error;
};
const crashed = new AppError('crashed', { status: 503, code: 'engine_failed', source: 'engine' });

describe('who is tried', () => {
  test('the model, then the fallbacks that are there, in order', () => {
    const engine = createFakeEngine({ models: ['small', 'big'] });
    const ids = resolveModel([engine], findAlias, 'office').map(({ modelId }) => modelId);
    expect(ids).toEqual(['big', 'small']);
    expect(resolveModel([engine], findAlias, 'small').map(({ modelId }) => modelId)).toEqual(['small']);
  });

  test('an alias goes before a model that came to bear its name later', () => {
    const engine = createFakeEngine({ models: ['office', 'big'] });
    expect(resolveModel([engine], findAlias, 'office')[0].modelId).toBe('big');
  });

  test('an unknown name is 404, and so is an alias nobody serves, which says what it stands for', () => {
    const engine = createFakeEngine({ models: ['other'] });
    expect(() => resolveModel([engine], findAlias, 'nobody')).toThrow(
      expect.objectContaining({ status: 404, code: 'model_not_found' }),
    );
    expect(() => resolveModel([engine], findAlias, 'office')).toThrow(
      expect.objectContaining({
        status: 404,
        code: 'model_not_found',
        message: expect.stringContaining('`big`'),
      }),
    );
  });
});

describe('a fallback', () => {
  test('takes over when the model cannot be loaded', async () => {
    const { parts, route, active } = await run({ beforeReady: failing('big', crashed) });
    expect(parts.at(-1)).toMatchObject({ type: 'finish' });
    expect(route).toMatchObject({ tried: ['big', 'small'], servedModel: 'small', engine: 'fake' });
    expect(active).toBe(0);
  });

  test.each([
    ['an engine that breaks before its first part', crashed],
    [
      'an upstream that is busy',
      new AppError('busy', { status: 429, code: 'rate_limit_exceeded', retryAfterSeconds: 1 }),
    ],
  ])('takes over from %s', async (_name, error) => {
    const { route, parts } = await run({
      beforePart: (index, { model }) => {
        if (index === 0 && model === 'big') throw error;
      },
    });
    expect(route).toMatchObject({ tried: ['big', 'small'], servedModel: 'small' });
    expect(parts.filter(({ type }) => type === 'start')).toHaveLength(1);
  });

  test('attack 30: a circle that another program has written ends in 404, or at what stands beside it', () => {
    const engine = createFakeEngine({ models: ['small'] });
    const circle = (fallback: readonly string[]) => (name: string) => {
      const next = { a: 'b', b: 'c', c: 'a' }[name];
      return next === undefined
        ? null
        : { ...alias, name, model: next, fallback: name === 'c' ? fallback : [] };
    };
    for (const name of ['a', 'b', 'c']) {
      expect(() => resolveModel([engine], circle([]), name)).toThrow(
        expect.objectContaining({ status: 404, code: 'model_not_found' }),
      );
      expect(resolveModel([engine], circle(['small']), name).map(({ modelId }) => modelId)).toEqual([
        'small',
      ]);
    }
  });

  test('attack 58: never takes over once a part is out', async () => {
    const { parts, route, error } = await run({
      beforePart: (index, { model }) => {
        if (index === 1 && model === 'big') throw crashed;
      },
    });
    expect(parts).toEqual([expect.objectContaining({ type: 'start' })]);
    expect([error, route.tried]).toEqual([crashed, ['big']]);
  });

  test.each([
    ['too long a prompt', new AppError('long', { status: 400, code: 'context_length_exceeded' })],
    ['something nobody understands', new TypeError('a bug')],
  ])('does not take over for %s', async (_name, error) => {
    const ran = await run({ beforeReady: failing('big', error) });
    expect([ran.error, ran.route.tried]).toEqual([error, ['big']]);
  });

  test('does not take over for a client that has gone', async () => {
    const leaving = new AbortController();
    const ran = await run(
      {
        beforeReady: () => {
          leaving.abort(new Error('gone'));
          throw crashed;
        },
      },
      leaving.signal,
    );
    expect(ran.route.tried).toEqual(['big']);
  });

  test('that fails as well leaves the first model’s error', async () => {
    const tooLong = new AppError('long', { status: 400, code: 'context_length_exceeded' });
    const { error, route } = await run({
      beforeReady: (model) => {
        throw model === 'big' ? crashed : tooLong;
      },
    });
    expect(error).toBe(crashed);
    expect(route).toMatchObject({ tried: ['big', 'small'], servedModel: null, engine: null });
  });
});

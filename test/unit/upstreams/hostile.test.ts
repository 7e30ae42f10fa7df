import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock, systemTimers } from '../../../server/core/clock.ts';
import { createUpstreamEngine } from '../../../server/engines/openai/upstream-engine.ts';
import type { Lookup } from '../../../server/engines/openai/upstream-http.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { startFakeUpstream, type UpstreamMode } from '../../fakes/fake-upstream.ts';
import { collect, never, startPair, textOf, upstreamAt, words } from './setup.ts';

const apiKey = 'sk-very-secret-4711';

/** Each behaviour (security.md #57) and the one clean error it becomes: status, code, whether another may be tried. */
const cases: readonly (readonly [UpstreamMode, number, string, boolean])[] = [
  ['dies', 502, 'upstream_broken', true],
  ['truncated', 502, 'upstream_broken', true],
  ['html', 502, 'upstream_not_a_stream', true],
  ['wrong-type', 502, 'upstream_not_a_stream', true],
  ['busy', 503, 'upstream_busy', true],
  ['redirect', 502, 'upstream_redirects', true],
  ['huge-line', 502, 'upstream_too_much', true],
  ['bad-json', 502, 'upstream_not_json', true],
  ['no-finish', 502, 'upstream_broken', true],
  ['error-in-stream', 502, 'upstream_failed', true],
  ['server-error', 502, 'upstream_failed', true],
  ['no-model', 503, 'upstream_model_missing', false],
  ['echoes-key', 400, 'invalid_request', false],
];

describe('an upstream that', () => {
  it.each(cases)('attack 57: %s ends in %i %s', async (mode, status, code, retryable) => {
    const { engine, fake } = await startPair({ apiKey }, { apiKey });
    await engine.refresh(never);
    fake.mode = mode;
    const failure: unknown = await collect(engine.generate(words(), never)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AppError', status, code, retryable, source: 'engine' });
    expect((failure as Error).message).not.toContain('4711');
    expect(engine.models()[0]?.activeSlots).toBe(0);
  });

  it('tells how long it is busy is believed', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    fake.mode = 'busy';
    await expect(collect(engine.generate(words(), never))).rejects.toMatchObject({ retryAfterSeconds: 7 });
  });

  it('hangs is given up after its time, by our clock alone', async () => {
    const time = createManualTime();
    const { engine, fake } = await startPair({}, { time });
    await engine.refresh(never);
    fake.mode = 'hangs';
    const left = fake.nextLeft();
    const answer = collect(engine.generate(words(), never)).catch((error: unknown) => error);
    await expect.poll(() => fake.seen.length).toBe(1);
    time.advance(299_000);
    expect(fake.left()).toBe(0);
    time.advance(2_000);
    expect(await answer).toMatchObject({ status: 504, code: 'upstream_timeout' });
    await left;
  });

  it('falls silent in the middle is given up too', async () => {
    const time = createManualTime();
    const { engine, fake } = await startPair({}, { time });
    await engine.refresh(never);
    fake.mode = 'holds';
    const parts = engine.generate(words(), never);
    await parts[Symbol.asyncIterator]().next();
    const next = collect(parts).catch((error: unknown) => error);
    time.advance(121_000);
    expect(await next).toMatchObject({ code: 'upstream_timeout' });
    fake.release();
  });

  it('never ends is ended by us at what was asked for', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    fake.mode = 'endless';
    const left = fake.nextLeft();
    const parts = await collect(engine.generate(words({ maxTokens: 20 }), never));
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'length' });
    expect(parts.length).toBeLessThan(60);
    await left;
  });

  it('attack 57: never ends, and nothing was asked for, is ended by its size', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    fake.mode = 'endless';
    await expect(collect(engine.generate(words(), never))).rejects.toMatchObject({
      code: 'upstream_too_much',
    });
  }, 30_000);

  it('attack 57: sends invalid UTF-8 or two ends is read as well as it goes', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    fake.mode = 'bad-utf8';
    expect(textOf(await collect(engine.generate(words(), never)))).toBe('a\uFFFDb');
    fake.mode = 'two-dones';
    const parts = await collect(engine.generate(words(), never));
    expect(parts.filter(({ type }) => type === 'finish')).toHaveLength(1);
  });

  it('does not answer the probe is unusable, and the wait for it is short', async () => {
    const time = createManualTime();
    const { engine } = await startPair({ mode: 'hangs' }, { time });
    const state = engine.refresh(never);
    await expect.poll(() => time.waiting().length).toBeGreaterThan(0);
    time.advance(5_000);
    expect(await state).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('said nothing for 4 s'),
    });
  });
});

describe('the way out', () => {
  it('is closed to public addresses unless requests may leave, whatever stands in the address', async () => {
    for (const url of ['http://1.1.1.1/v1', 'http://169.254.169.254/v1', 'http://[::ffff:8.8.8.8]/v1']) {
      const { engine } = await startPair({}, { upstream: { url } });
      expect(await engine.refresh(never)).toMatchObject({
        state: 'failed',
        reason: expect.stringContaining('outside the office'),
      });
    }
  });

  it.each([
    ['a public address', false, ['93.184.215.14']],
    ['a public address beside the one of before', false, ['127.0.0.1', '93.184.215.14']],
    ['where clouds keep their credentials, although requests may leave', true, ['169.254.169.254']],
    ['nowhere', false, []],
  ])('is closed when a name turns to %s', async (_what, mayLeave, turned) => {
    let addresses = ['127.0.0.1'];
    const fake = await startFakeUpstream({ mode: 'dies' });
    const engine = createUpstreamEngine({
      upstream: upstreamAt(fake.url.replace('127.0.0.1', 'box.test'), { mayLeave }),
      apiKey: null,
      known: null,
      onDiscovered() {},
      serverSecret: 'secret',
      clock: systemClock,
      timers: systemTimers,
      onChange() {},
      lookup: ((_name: string, _options: unknown, done: (error: null, all: unknown) => void) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        )) as unknown as Lookup,
    });
    onTestFinished(async () => {
      await engine.stop();
      await fake.close();
    });
    expect(await engine.refresh(never)).toMatchObject({ state: 'ready' });
    addresses = turned;
    // The connection that there is may be used once more; it was checked when it was made.
    await collect(engine.generate(words(), never)).catch(() => {});
    await expect(collect(engine.generate(words(), never))).rejects.toMatchObject({
      status: 503,
      code: 'upstream_outside',
      retryable: false,
    });
    expect(fake.seen.length).toBeLessThanOrEqual(1);
  });

  it('is marked where requests may leave', async () => {
    const { engine } = await startPair({}, { upstream: { mayLeave: true } });
    expect([engine.isOutside, engine.isRemote, engine.handsOn]).toEqual([true, true, true]);
  });
});

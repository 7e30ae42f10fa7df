import { describe, expect, it } from 'vitest';
import { createManualTime } from '../../fakes/manual-time.ts';
import type { UpstreamMode } from '../../fakes/fake-upstream.ts';
import { collect, never, startPair, textOf, words } from './setup.ts';

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
  ['no-model', 503, 'upstream_model_missing', true],
  ['echoes-key', 400, 'invalid_request', false],
];

describe('an upstream that', () => {
  it.each(cases)('%s ends in %i %s', async (mode, status, code, retryable) => {
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

  it('never ends, and nothing was asked for, is ended by its size', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    fake.mode = 'endless';
    await expect(collect(engine.generate(words(), never))).rejects.toMatchObject({
      code: 'upstream_too_much',
    });
  }, 30_000);

  it('sends invalid UTF-8 or two ends is read as well as it goes', async () => {
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

  it('is marked where requests may leave', async () => {
    const { engine } = await startPair({}, { upstream: { mayLeave: true } });
    expect([engine.isOutside, engine.isRemote, engine.handsOn]).toEqual([true, true, true]);
  });
});

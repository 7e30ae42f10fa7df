import { describe, expect, it } from 'vitest';
import type { GeneratePart } from '../../../server/core/generate.ts';
import { createManualTime } from '../../fakes/manual-time.ts';
import { collect, never, startPair, textOf, words } from './setup.ts';

const whole = words({ whole: true, maxTokens: 16 });

describe('an answer nobody reads along', () => {
  it('is asked for in one piece once it is known that it does not take long', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    await collect(engine.generate(whole, never));
    expect(fake.seen[0]?.body).toMatchObject({ stream: true });
    fake.mode = 'json';
    const parts = await collect(engine.generate(whole, never));
    expect(fake.seen[1]?.body).toMatchObject({ stream: false, max_tokens: 16 });
    expect(fake.seen[1]?.body).not.toHaveProperty('stream_options');
    expect(textOf(parts)).toBe('Whole.');
    expect(parts.at(-1)).toMatchObject({ reason: 'stop', usage: { promptTokens: 3, completionTokens: 2 } });
    expect(engine.models()[0]).toMatchObject({ state: 'ready', activeSlots: 0 });
  });

  it('comes as a stream where it may be long, is measured, may be given up, or was not asked for as whole', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    await collect(engine.generate(whole, never));
    for (const request of [
      words({ whole: true }),
      words({ maxTokens: 16 }),
      { ...whole, logprobs: 2 },
      { ...whole, ignoreEos: true },
      { ...whole, replaces: 'key_1' },
    ]) {
      await collect(engine.generate(request, never));
      expect(fake.seen.at(-1)?.body).toMatchObject({ stream: true });
    }
  });

  it('comes as a stream from a model that was slow', async () => {
    const time = createManualTime();
    const { engine, fake } = await startPair({ mode: 'holds' }, { time });
    await engine.refresh(never);
    const slow = engine.generate(whole, never)[Symbol.asyncIterator]();
    await slow.next();
    time.advance(100_000);
    fake.release();
    for (let part = await slow.next(); part.done !== true; part = await slow.next());
    fake.mode = 'ok';
    await collect(engine.generate(whole, never));
    expect(fake.seen.at(-1)?.body).toMatchObject({ stream: true });
  });

  it('is asked for by a stream again where the upstream takes it by a stream only', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    await collect(engine.generate(whole, never));
    fake.upcoming.push('echoes-key');
    expect(textOf(await collect(engine.generate(whole, never)))).toContain('Hello');
    await collect(engine.generate(whole, never));
    expect(fake.seen.map(({ body }) => body.stream)).toEqual([true, false, true, true]);
    fake.mode = 'echoes-key';
    await expect(collect(engine.generate(whole, never))).rejects.toMatchObject({ status: 400 });
  });

  it('is never again asked for so where the upstream does not keep to the maximum', async () => {
    const { engine, fake } = await startPair({
      extra: (path, body) =>
        path === '/v1/chat/completions' && !(body as { stream: boolean }).stream
          ? {
              choices: [{ message: { content: 'On and on.' }, finish_reason: 'stop' }],
              usage: { prompt_tokens: 3, completion_tokens: 400 },
            }
          : undefined,
    });
    await engine.refresh(never);
    await collect(engine.generate(whole, never));
    expect(textOf(await collect(engine.generate(whole, never)))).toBe('On and on.');
    await collect(engine.generate(whole, never));
    expect(fake.seen.map(({ body }) => body.stream)).toEqual([true, true]);
  });

  it('is counted as far as it has probably come when the asker leaves, and ends upstream', async () => {
    const time = createManualTime();
    const { engine, fake } = await startPair({ mode: 'holds' }, { time });
    await engine.refresh(never);
    const first = engine.generate(whole, never)[Symbol.asyncIterator]();
    await first.next();
    time.advance(40);
    fake.release();
    for (let part = await first.next(); part.done !== true; part = await first.next());
    fake.mode = 'hangs';
    const leaving = new AbortController();
    const heard: GeneratePart[] = [];
    const asking = (async () => {
      for await (const part of engine.generate(whole, leaving.signal)) heard.push(part);
    })();
    await expect.poll(() => fake.seen.length).toBe(2);
    const left = fake.nextLeft();
    time.advance(50);
    leaving.abort(new Error('left'));
    await expect(asking).rejects.toThrow('left');
    await left;
    expect(heard).toMatchObject([
      { type: 'start', isEstimate: true },
      { type: 'text-delta', text: '', tokens: 5 },
    ]);
    time.advance(1_000);
    expect(time.waiting()).toEqual([]);
  });
});

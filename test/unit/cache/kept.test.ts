import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/core/errors.ts';
import { setAlias } from '../../../server/store/aliases.ts';
import { updateKey } from '../../../server/store/keys.ts';
import { chatPath, greedy, startCached, wordsOf } from './cached-server.ts';

describe('what is kept', () => {
  it('nothing unless the owner wants it, and nothing says that there is a cache', async () => {
    const server = await startCached({ enabled: false });
    const [first, second] = [await server.post(chatPath, greedy), await server.post(chatPath, greedy)];
    expect([first.cache, second.cache, server.asked()]).toEqual([null, null, 2]);
    expect(server.rows().map(({ cache }) => cache)).toEqual([null, null]);
    expect(server.answers.tally()).toEqual({ answers: 0, bytes: 0, hits: 0, misses: 0 });
  });

  it('nothing of a key that is left out', async () => {
    const server = await startCached();
    const { key } = server.newKey('out', { cache: false });
    const told = [await server.by(key, chatPath, greedy), await server.by(key, chatPath, greedy)];
    expect(told.map(({ cache }) => cache)).toEqual([null, null]);
    expect(server.answers.tally().answers).toBe(0);
  });

  it.each([
    ['nothing said', {}, ['miss', 'miss']],
    ['temperature 0', { temperature: 0 }, ['miss', 'hit']],
    ['a seed', { temperature: 1.2, seed: 7 }, ['miss', 'hit']],
    ['seed 0', { seed: 0 }, ['miss', 'hit']],
    ['a low temperature', { temperature: 0.1 }, ['miss', 'miss']],
    ['top_p alone', { top_p: 0 }, ['miss', 'miss']],
  ])('only what would be answered the same each time: %s', async (_, sampling, expected) => {
    const server = await startCached();
    const body = { messages: greedy.messages, ...sampling };
    const told = [await server.post(chatPath, body), await server.post(chatPath, body)];
    expect(told.map(({ cache }) => cache)).toEqual(expected);
  });

  it('anything, if the owner says so', async () => {
    const server = await startCached({ anySampling: true });
    const body = { messages: greedy.messages, temperature: 1 };
    const told = [await server.post(chatPath, body), await server.post(chatPath, body)];
    expect(told.map(({ cache }) => cache)).toEqual(['miss', 'hit']);
  });

  it('not while somebody types: the newest request must still end the one before', async () => {
    const server = await startCached({ anySampling: true });
    const body = { prompt: 'a', suffix: 'b', temperature: 0 };
    const told = [await server.post('/v1/completions', body), await server.post('/v1/completions', body)];
    expect(told.map(({ cache }) => cache)).toEqual(['miss', 'miss']);
  });

  it('no answer that failed, before or after it had begun', async () => {
    for (const at of [0, 2]) {
      let isBroken = true;
      const server = await startCached(
        {},
        {
          beforePart(index) {
            if (index === at && isBroken) throw new Error('the engine broke');
          },
        },
      );
      const stream = { ...greedy, stream: true };
      expect((await server.post(chatPath, stream)).text).toContain('error');
      expect(server.answers.tally().answers).toBe(0);
      isBroken = false;
      const told = [await server.post(chatPath, stream), await server.post(chatPath, stream)];
      expect(told.map(({ cache }) => cache)).toEqual(['miss', 'hit']);
    }
  });

  it('no answer that its client has not waited for', async () => {
    const begun = Promise.withResolvers<void>();
    let isHeld = true;
    const server = await startCached(
      {},
      {
        async beforePart(index) {
          if (index !== 2 || !isHeld) return;
          begun.resolve();
          await new Promise(() => {});
        },
      },
    );
    const leave = new AbortController();
    const left = server.post(chatPath, { ...greedy, stream: true }, { signal: leave.signal });
    await begun.promise;
    leave.abort();
    await expect(left).rejects.toThrow(/abort/i);
    await expect.poll(() => server.rows()[0]?.status).toBe('cancelled');
    isHeld = false;
    expect((await server.post(chatPath, greedy)).cache).toBe('miss');
  });

  it('no answer that a budget or the end of the context has cut, but one as long as it was to be', async () => {
    const server = await startCached();
    const { key, id } = server.newKey('poor', {
      limits: { budgets: [{ unit: 'tokens', amount: 14, period: 'day' }] },
    });
    const cut = await server.by(key, chatPath, greedy);
    expect(JSON.parse(cut.text).choices[0]).toMatchObject({ finish_reason: 'length' });
    updateKey(server.store, id, { limits: { budgets: [] } }, server.time.clock.nowMs());
    const whole = await server.by(key, chatPath, greedy);
    expect([whole.cache, wordsOf(whole)]).toEqual(['miss', 'Answer 2']);

    const full = await startCached({}, { answer: { reason: 'length', words: ['a', 'b'] } });
    const ask = async (body: object) => (await full.post(chatPath, body)).cache;
    expect([await ask(greedy), await ask(greedy)]).toEqual(['miss', 'miss']);
    const longer = { ...greedy, max_tokens: 3 };
    expect([await ask(longer), await ask(longer)]).toEqual(['miss', 'miss']);
    const exact = { ...greedy, max_tokens: 2 };
    expect([await ask(exact), await ask(exact)]).toEqual(['miss', 'hit']);
  });

  it('no answer of a fallback: who was meant is asked again', async () => {
    let isAway = true;
    const server = await startCached(
      {},
      {
        models: ['big', 'small'],
        beforeReady(model) {
          if (model === 'big' && isAway) throw memoryFull();
        },
        answer: ({ model }) => ({ words: [model] }),
      },
    );
    setAlias(server.store, { name: 'mine', model: 'big', fallback: ['small'] }, ['big', 'small']);
    const ask = async () => await server.post(chatPath, { ...greedy, model: 'mine' });
    const fallen = await ask();
    expect([fallen.cache, wordsOf(fallen)]).toEqual(['miss', 'small']);
    isAway = false;
    expect(wordsOf(await ask())).toBe('big');
    isAway = true;
    const kept = await ask();
    expect([kept.cache, wordsOf(kept)]).toEqual(['hit', 'big']);
  });

  it('nothing that was under way while all was forgotten', async () => {
    const held = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const server = await startCached(
      {},
      {
        async beforePart(index) {
          if (index !== 1) return;
          begun.resolve();
          await held.promise;
        },
      },
    );
    const answer = server.post(chatPath, greedy);
    await begun.promise;
    server.answers.forgetKey(server.keyId);
    held.resolve();
    expect((await answer).status).toBe(200);
    expect(server.answers.tally().answers).toBe(0);
  });
});

function memoryFull(): AppError {
  return new AppError('There is no memory for it.', { status: 503, code: 'memory_full', retryable: true });
}

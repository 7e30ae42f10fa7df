import { describe, expect, it } from 'vitest';
import type { GeneratePart } from '../../../server/core/generate.ts';
import { keyAccount } from '../../../server/gate/shares.ts';
import { setAlias } from '../../../server/store/aliases.ts';
import { setCacheSettings } from '../../../server/store/cache-settings.ts';
import { findSpending } from '../../../server/store/spending.ts';
import { chatPath, greedy, startCached, withoutIds, wordsOf } from './cached-server.ts';

const user = [{ role: 'user', content: 'Hi' }];
/** The same question in each language; whatever it is asked in, the answer can be told in all. */
const dialects = [
  { name: 'chat', path: chatPath, body: { ...greedy, max_tokens: 9 } },
  { name: 'completions', path: '/v1/completions', body: { prompt: 'Hi', temperature: 0, max_tokens: 9 } },
  {
    name: 'responses',
    path: '/v1/responses',
    body: { input: 'Hi', temperature: 0, max_output_tokens: 9, store: false },
  },
  { name: 'messages', path: '/v1/messages', body: { messages: user, temperature: 0, max_tokens: 9 } },
] as const;

describe('the same request again', () => {
  it('is answered from the cache, and both answer and log say so', async () => {
    const server = await startCached();
    const first = await server.post(chatPath, greedy);
    const again = await server.post(chatPath, greedy);
    expect([first.cache, again.cache, server.asked()]).toEqual(['miss', 'hit', 1]);
    expect(withoutIds(again.text)).toBe(withoutIds(first.text));
    expect(again.headers.get('x-inglenook-model')).toBe('fake-model');
    expect(again.headers.get('x-inglenook-tried')).toBeNull();
    const [hit, miss] = server.rows();
    expect(miss).toMatchObject({ cache: 'miss', status: 'ok', tried: ['fake-model'] });
    expect(hit).toMatchObject({
      cache: 'hit',
      status: 'ok',
      servedModel: 'fake-model',
      engine: 'fake',
      tried: [],
      finishReason: 'stop',
      promptTokens: 12,
      completionTokens: 3,
      queueMs: 0,
    });
  });

  it.each(dialects)(
    'attack 61: in $name is the same stream and the same whole answer',
    async ({ path, body }) => {
      const server = await startCached();
      const stream = { ...body, stream: true };
      const live = await server.post(path, stream);
      const again = await server.post(path, stream);
      const whole = await server.post(path, body);
      expect([live, again, whole].map(({ status, cache }) => [status, cache])).toEqual([
        [200, 'miss'],
        [200, 'hit'],
        [200, 'hit'],
      ]);
      expect(again.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
      expect(withoutIds(again.text).split('\n\n')).toEqual(withoutIds(live.text).split('\n\n'));
      expect(whole.text).toContain('Answer 1');
      expect(server.asked()).toBe(1);
    },
  );

  it.each(dialects)('whole in $name can be told as a stream afterwards', async ({ path, body }) => {
    const server = await startCached();
    await server.post(path, body);
    const stream = await server.post(path, { ...body, stream: true });
    expect([stream.cache, server.asked()]).toEqual(['hit', 1]);
    expect(stream.text).toMatch(/Answer[^]* [^]*1/);
  });

  it('may be asked in another language', async () => {
    const server = await startCached();
    const chat = dialects[0];
    await server.post(chat.path, { ...chat.body, stream: true });
    const message = await server.post('/v1/messages', dialects[3].body);
    const response = await server.post('/v1/responses', dialects[2].body);
    expect([message.cache, response.cache, server.asked()]).toEqual(['hit', 'hit', 1]);
    expect(JSON.parse(message.text)).toMatchObject({
      content: [{ type: 'text', text: 'Answer 1' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    });
    expect(response.text).toContain('Answer 1');
  });

  it('tells thoughts, calls and log-probabilities again as they were', async () => {
    const parts: readonly GeneratePart[] = [
      { type: 'reasoning-delta', text: 'Hm.', tokens: 1 },
      { type: 'tool-call-start', index: 0, id: 'call_1', name: 'look', tokens: 1 },
      { type: 'tool-call-delta', index: 0, arguments: '{"at":', tokens: 1 },
      { type: 'tool-call-delta', index: 0, arguments: '"x"}', tokens: 1 },
    ];
    const server = await startCached({}, { answer: { parts, reason: 'tool_calls' } });
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];
    for (const stream of [false, true]) {
      const body = { ...greedy, tools, stream, seed: stream ? 2 : 1 };
      const live = await server.post(chatPath, body);
      const again = await server.post(chatPath, body);
      expect([live.cache, again.cache]).toEqual(['miss', 'hit']);
      expect(withoutIds(again.text)).toBe(withoutIds(live.text));
      expect(again.text).toContain('call_1');
    }
    const said = { text: 'a', logprob: -0.25, top: [{ text: 'b', logprob: -2 }] };
    const sure = await startCached(
      {},
      { answer: { parts: [{ type: 'text-delta', text: 'a', tokens: 1, logprobs: [said] }] } },
    );
    const asked = { ...greedy, logprobs: true, top_logprobs: 1 };
    const [live, again] = [await sure.post(chatPath, asked), await sure.post(chatPath, asked)];
    expect([again.cache, withoutIds(again.text)]).toEqual(['hit', withoutIds(live.text)]);
    expect(again.text).toContain('-0.25');
  });

  it('passes on an upstream’s own frames, and knows their text for other languages', async () => {
    let reads = 0;
    const frame: GeneratePart = {
      type: 'text-delta',
      tokens: 1,
      frames: {
        dialect: 'openai-chat',
        choices: ['{"index":0,"delta":{"content":"Hello","own":1},"finish_reason":null}'],
      },
      get text() {
        reads += 1;
        return 'Hello';
      },
    };
    const server = await startCached({}, { answer: { parts: [frame] } });
    const body = { ...greedy, max_tokens: 9, stream: true };
    const live = await server.post(chatPath, body);
    const again = await server.post(chatPath, body);
    expect(again.cache).toBe('hit');
    expect(withoutIds(again.text)).toBe(withoutIds(live.text));
    expect(again.text).toContain('"own":1');
    const readBefore = reads;
    const message = await server.post('/v1/messages', dialects[3].body);
    expect([message.cache, reads]).toEqual(['hit', readBefore]);
    expect(message.text).toContain('"text":"Hello"');
  });

  it('is told as fast as it is read, and no further than to a client that stays', async () => {
    const words = Array.from({ length: 6000 }, (_, index) => `${index} ${'x'.repeat(1000)}`);
    const server = await startCached({}, { answer: { words } });
    const body = { ...greedy, stream: true };
    const live = await server.post(chatPath, body);
    const again = await server.post(chatPath, body);
    expect([again.cache, again.text.length]).toEqual(['hit', live.text.length]);
    const leave = new AbortController();
    const half = await fetch(server.url + chatPath, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fake-model', ...body }),
      signal: leave.signal,
    });
    await half.body?.getReader().read();
    leave.abort();
    await expect.poll(() => server.rows().length).toBe(3);
    const [row] = server.rows();
    expect(row).toMatchObject({ status: 'cancelled', cache: 'hit' });
    expect(row?.completionTokens).toBeLessThan(6000);
    expect(server.asked()).toBe(1);
  });

  it('for several answers gives all of them', async () => {
    const server = await startCached();
    const body = { ...greedy, n: 3 };
    const [live, again] = [await server.post(chatPath, body), await server.post(chatPath, body)];
    expect([live.cache, again.cache, server.asked()]).toEqual(['miss', 'hit', 3]);
    expect(wordsOf(again)).toBe('Answer 1|Answer 2|Answer 3');
    expect(JSON.parse(again.text).usage).toEqual(JSON.parse(live.text).usage);
    expect((await server.post(chatPath, greedy)).cache).toBe('miss');
  });

  it('for vectors and ranks too, in the form that is asked for', async () => {
    const server = await startCached({}, { embed: ({ inputs }) => vectors(inputs.length) });
    const ask = async (path: string, body: object) => (await server.post(path, body)).cache;
    const embed = { input: 'Hi' };
    expect([
      await ask('/v1/embeddings', embed),
      await ask('/v1/embeddings', { ...embed, user: 'somebody' }),
      await ask('/v1/embeddings', { ...embed, encoding_format: 'base64' }),
      await ask('/v1/embeddings', { input: 'Ho' }),
    ]).toEqual(['miss', 'hit', 'miss', 'miss']);
    const rank = { query: 'q', documents: ['a', { text: 'b' }] };
    expect([
      await ask('/v1/rerank', rank),
      await ask('/v1/rerank', { ...rank, documents: ['a', 'b'] }),
      await ask('/v1/rerank', { ...rank, top_n: 1 }),
    ]).toEqual(['miss', 'hit', 'miss']);
    expect([server.engine.seen.embedded.length, server.engine.seen.reranked.length]).toEqual([3, 2]);
    expect(server.rows().map(({ cache, promptTokens }) => [cache, promptTokens])).toContainEqual(['hit', 3]);
    const counted = { messages: user };
    expect(await ask('/v1/messages/count_tokens', counted)).toBe('miss');
    expect(await ask('/v1/messages/count_tokens', counted)).toBe('miss');
  });
});

function vectors(count: number) {
  return { vectors: Array.from({ length: count }, () => Float32Array.of(0.6, 0.8)), promptTokens: 3 };
}

describe('whose it is', () => {
  it('attack 61: each key’s own, until the owner lets them share', async () => {
    const server = await startCached();
    const { key } = server.newKey('other');
    const mine = await server.post(chatPath, greedy);
    const other = await server.by(key, chatPath, greedy);
    expect([other.cache, wordsOf(other)]).toEqual(['miss', 'Answer 2']);
    expect(wordsOf(await server.post(chatPath, greedy))).toBe(wordsOf(mine));
    setCacheSettings(server.store, { shareAnswers: true });
    expect((await server.post(chatPath, greedy)).cache).toBe('miss');
    const shared = await server.by(key, chatPath, greedy);
    expect([shared.cache, wordsOf(shared)]).toEqual(['hit', 'Answer 3']);
  });

  it('never of a model that the key may not use, shared or not', async () => {
    const server = await startCached({ shareAnswers: true }, { models: ['fake-model', 'other'] });
    await server.post(chatPath, greedy);
    const { key } = server.newKey('narrow', { models: ['other'] });
    const refused = await server.by(key, chatPath, greedy);
    const unknown = await server.by(key, chatPath, { ...greedy, model: 'fake-modal' });
    expect([refused.status, refused.cache]).toEqual([404, null]);
    expect(refused.text.replaceAll('fake-model', 'fake-modal')).toBe(unknown.text);
  });

  it('never from outside the office for a key that may not go there', async () => {
    const server = await startCached({ shareAnswers: true }, { isOutside: true });
    const { key: traveller } = server.newKey('traveller', { mayLeave: true });
    const told = [
      await server.by(traveller, chatPath, greedy),
      await server.by(traveller, chatPath, greedy),
      await server.post(chatPath, greedy),
    ];
    expect(told.map(({ status, cache }) => [status, cache])).toEqual([
      [200, 'miss'],
      [200, 'hit'],
      [404, null],
    ]);
    // Only what was really sent has left.
    expect(server.rows().map(({ leftOffice }) => leftOffice)).toEqual([null, null, 'fake']);
  });
});

describe('what answers is another', () => {
  it('when the name points elsewhere, or its settings change', async () => {
    const models = ['a', 'b'];
    const server = await startCached({}, { models, answer: ({ model }) => ({ words: [model] }) });
    const point = (model: string, settings = {}): unknown =>
      setAlias(server.store, { name: 'mine', model, settings }, models);
    const ask = async () => {
      const told = await server.post(chatPath, { messages: user, model: 'mine' });
      return [told.cache, wordsOf(told)];
    };
    point('a');
    expect([await ask(), await ask()]).toEqual([
      ['miss', 'a'],
      ['miss', 'a'],
    ]);
    point('a', { temperature: 0 });
    expect([await ask(), await ask()]).toEqual([
      ['miss', 'a'],
      ['hit', 'a'],
    ]);
    point('b');
    expect([await ask(), await ask()]).toEqual([
      ['miss', 'b'],
      ['hit', 'b'],
    ]);
    point('b', { systemPrompt: 'Be brief.' });
    expect(await ask()).toEqual(['miss', 'b']);
    // The same model by its own name, asked the same: the name is only how it is called.
    const direct = await server.post(chatPath, {
      model: 'b',
      messages: [{ role: 'system', content: 'Be brief.' }, ...user],
      temperature: 0,
    });
    expect(direct.cache).toBe('hit');
  });

  it('when the model is set up otherwise', async () => {
    const server = await startCached();
    const ask = async () => (await server.post(chatPath, greedy)).cache;
    expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
    server.engine.configure('fake-model', { contextTokens: 1024 });
    expect([await ask(), await ask()]).toEqual(['miss', 'hit']);
    // Whether it stays in memory does not matter.
    server.engine.configure('fake-model', { pinned: true });
    expect(await ask()).toBe('hit');
  });

  it('but not when the model is away: the answer is there', async () => {
    let isAway = false;
    const beforeReady = (): void => {
      if (isAway) throw new Error('gone');
    };
    const server = await startCached({}, { beforeReady });
    await server.post(chatPath, greedy);
    isAway = true;
    expect((await server.post(chatPath, greedy)).cache).toBe('hit');
  });
});

describe('limits', () => {
  it('a hit takes nothing of a budget and counts as a request', async () => {
    const server = await startCached();
    const { key, id } = server.newKey('lim', {
      limits: {
        requestsPerMinute: 60,
        burst: 2,
        tokensPerMinute: 1000,
        budgets: [{ unit: 'tokens', amount: 100, period: 'day' }],
      },
    });
    const spent = () => findSpending(server.store, keyAccount(id))?.spent.day.tokens;
    await server.by(key, chatPath, greedy);
    expect(spent()).toBe(15);
    const hit = await server.by(key, chatPath, { ...greedy, stream: true });
    expect([hit.cache, hit.headers.get('x-ratelimit-remaining-requests')]).toEqual(['hit', '0']);
    expect(spent()).toBe(15);
    const third = await server.by(key, chatPath, greedy);
    expect([third.status, third.cache]).toEqual([429, null]);
    // What was put aside for the hit is back in both.
    expect(third.headers.get('x-ratelimit-remaining-tokens')).toBe('985');
    server.time.advance(60_000);
    const nearly = { ...greedy, max_tokens: 60 };
    expect((await server.by(key, chatPath, nearly)).status).toBe(200);
  });

  it('a budget that is spent refuses also what is in the cache', async () => {
    const server = await startCached();
    const { key } = server.newKey('lim', {
      limits: { budgets: [{ unit: 'tokens', amount: 15, period: 'day' }] },
    });
    const body = { ...greedy, max_tokens: 3 };
    expect((await server.by(key, chatPath, body)).status).toBe(200);
    const refused = await server.by(key, chatPath, body);
    expect([refused.status, refused.cache]).toEqual([429, null]);
  });
});

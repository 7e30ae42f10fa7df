import { describe, expect, it } from 'vitest';
import type { ChatOptions } from '../../../server/core/generate.ts';
import { collect, never, startPair, textOf, words } from './setup.ts';

const plain: ChatOptions = {
  responseFormat: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  reasoningEffort: null,
  templateArguments: {},
};

describe('models', () => {
  it('are discovered with task and context; ids that could not be written are left out', async () => {
    const { engine } = await startPair(
      {
        extra: (path) =>
          path === '/v1/models'
            ? {
                data: [
                  { id: 'Qwen/Qwen3-8B', max_model_len: 40_960, created: 5 },
                  { id: 'BAAI/bge-m3' },
                  { id: 'bge-reranker-v2' },
                  { id: '../../etc/passwd' },
                  { id: 'Qwen/Qwen3-8B' },
                  { id: 'a\nb' },
                ],
              }
            : undefined,
      },
      { upstream: { kind: 'vllm' } },
    );
    await engine.refresh(never);
    expect(
      engine
        .models()
        .map(({ id, task, contextTokens, slots, state, source }) => [
          id,
          task,
          contextTokens,
          slots,
          state,
          source,
        ]),
    ).toEqual([
      ['Qwen/Qwen3-8B', 'generate', 40_960, 32, 'ready', 'upstream'],
      ['BAAI/bge-m3', 'embed', null, 32, 'ready', 'upstream'],
      ['bge-reranker-v2', 'rerank', null, 32, 'ready', 'upstream'],
    ]);
  });

  it('of llama-server bring slots and context of each', async () => {
    const { engine } = await startPair(
      {
        extra: (path) =>
          path === '/props' ? { total_slots: 6, default_generation_settings: { n_ctx: 2048 } } : undefined,
      },
      { upstream: { kind: 'llama-server' } },
    );
    expect(await engine.ensureReady('fake-large', never)).toEqual({
      slots: 6,
      slotsAreFor: 'engine',
      contextTokens: 2048,
    });
  });

  it('stay listed as failed when the upstream has gone, and come back with it', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    await fake.close();
    expect(await engine.refresh(never)).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('cannot be reached'),
    });
    expect(engine.models()).toMatchObject([{ id: 'fake-large', state: 'failed' }]);
    await expect(engine.ensureReady('fake-large', never)).rejects.toMatchObject({
      status: 503,
      retryable: true,
    });
    await expect(engine.probe?.(never)).rejects.toThrow('cannot be reached');
  });
});

describe('an answer', () => {
  it('is told in parts, its usage by the upstream, its frames passed on as they are', async () => {
    const { engine, fake } = await startPair({ words: ['one', ' "two"', ' \\three\n', ' fo\u{1f600}ur'] });
    await engine.refresh(never);
    const parts = await collect(engine.generate(words(), never));
    expect(textOf(parts)).toBe('one "two" \\three\n fo\u{1f600}ur');
    expect(parts[0]).toMatchObject({ type: 'start' });
    expect(parts.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { promptTokens: 11, cachedTokens: 4, completionTokens: 4 },
    });
    // They may have come together, and then go on together.
    const choices = parts.flatMap((part) => (part.type === 'text-delta' ? (part.frames?.choices ?? []) : []));
    expect(choices.map((choice) => JSON.parse(choice) as unknown)).toEqual(
      [' "two"', ' \\three\n', ' fo\u{1f600}ur'].map((content) => ({
        index: 0,
        delta: { content },
        logprobs: null,
        finish_reason: null,
      })),
    );
    expect(fake.left()).toBe(0);
  });

  it('brings reasoning, calls and log-probabilities', async () => {
    const { engine, fake } = await startPair({
      deltas: [
        { reasoning: 'hm' },
        { content: 'Let me see.' },
        {
          tool_calls: [
            { index: 0, id: 'a', type: 'function', function: { name: 'look', arguments: '{"x"' } },
          ],
        },
        { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
        {
          tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'look', arguments: '{}' } }],
        },
      ],
    });
    await engine.refresh(never);
    const tool = {
      name: 'look',
      description: 'looks',
      parameters: { schema: { type: 'object' }, path: 'p', param: 'p' },
      isStrict: true,
    };
    const chat = { ...plain, tools: [tool], toolChoice: { name: 'look' }, reasoningEffort: 'low' as const };
    const parts = await collect(engine.generate(words({ chat }), never));
    expect(parts.map(({ type }) => type)).toEqual([
      'start',
      'reasoning-delta',
      'text-delta',
      'tool-call-start',
      'tool-call-delta',
      'tool-call-delta',
      'tool-call-start',
      'tool-call-delta',
      'finish',
    ]);
    expect(parts.at(-1)).toMatchObject({ reason: 'tool_calls' });
    expect(fake.seen[0]?.body).toMatchObject({
      tools: [
        {
          type: 'function',
          function: { name: 'look', description: 'looks', strict: true, parameters: { type: 'object' } },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'look' } },
      reasoning_effort: 'low',
    });
  });

  it('that comes whole although a stream was asked for is taken', async () => {
    const { engine } = await startPair({ mode: 'json' });
    await engine.refresh(never);
    expect(textOf(await collect(engine.generate(words(), never)))).toBe('Whole.');
  });

  it('ends upstream when the reader leaves', async () => {
    const { engine, fake } = await startPair({ mode: 'endless' });
    await engine.refresh(never);
    const abort = new AbortController();
    const left = fake.nextLeft();
    const reading = (async () => {
      for await (const part of engine.generate(words(), abort.signal))
        if (part.type === 'text-delta') abort.abort(new Error('gone'));
    })();
    await expect(reading).rejects.toThrow('gone');
    await left;
    expect([fake.left(), engine.models()[0]?.activeSlots]).toEqual([1, 0]);
  });

  it('uses its connections again', async () => {
    const { engine, fake } = await startPair();
    await engine.refresh(never);
    for (let round = 0; round < 8; round += 1) await collect(engine.generate(words(), never));
    expect(fake.connections()).toBeLessThanOrEqual(3);
  });
});

describe('what is sent', () => {
  it('to OpenAI’s own dialect holds nothing that it does not know', async () => {
    const { engine, fake } = await startPair({}, { apiKey: null });
    await engine.refresh(never);
    const sampling = { ...words().sampling, topK: 4, minP: 0.1, temperature: 0.5 };
    await collect(engine.generate(words({ sampling, ignoreEos: true, maxTokens: 5, stop: ['x'] }), never));
    expect(fake.seen[0]?.body).toEqual({
      model: 'fake-large',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 5,
      stream: true,
      stream_options: { include_usage: true },
      stop: ['x'],
      temperature: 0.5,
    });
    expect(fake.seen[0]?.headers['x-inglenook-hop']).toBe('1');
    expect(fake.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('to vLLM tells a salt of each key’s own, and a routing key that lasts a conversation', async () => {
    const { engine, fake } = await startPair({}, { upstream: { kind: 'vllm' } });
    await engine.refresh(never);
    const first = words();
    const later = words({
      messages: [
        ...first.messages,
        { role: 'assistant', content: [{ type: 'text', text: 'Yes?' }] },
        { role: 'user', content: [{ type: 'text', text: 'More' }] },
      ],
    });
    const asked = [
      first,
      later,
      words({ cacheScope: 'key_2' }),
      words({ cacheScope: null }),
      words({ cacheScope: null }),
    ];
    for (const request of asked) await collect(engine.generate(request, never));
    const salts = fake.seen.map(({ body }) => body.cache_salt as string);
    const routes = fake.seen.map(({ headers }) => headers['x-user-id']);
    expect(salts[0]).toBe(salts[1]);
    expect(new Set(salts).size).toBe(4);
    expect(routes[0]).toBe(routes[1]);
    expect(routes[2]).not.toBe(routes[0]);
    expect(JSON.stringify(fake.seen)).not.toContain('key_1');
  });

  it('for images is data, and for the middle what the kind knows', async () => {
    const { engine, fake } = await startPair({}, { upstream: { kind: 'inglenook' } });
    await engine.refresh(never);
    const image = {
      type: 'media',
      kind: 'image',
      source: { type: 'base64', mimeType: 'image/png', data: 'AAAA' },
    } as const;
    const raw = { prompt: 'def f(', suffix: '\n' };
    await collect(engine.generate(words({ messages: [{ role: 'user', content: [image] }] }), never));
    await collect(engine.generate(words({ messages: [], raw, maxTokens: 9 }), never));
    expect(fake.seen[0]?.body.messages[0].content).toEqual([
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ]);
    expect(fake.seen[1]).toMatchObject({
      path: '/v1/completions',
      body: { prompt: 'def f(', suffix: '\n', max_tokens: 9 },
    });
    const vllm = await startPair({}, { upstream: { kind: 'vllm' } });
    await vllm.engine.refresh(never);
    await expect(collect(vllm.engine.generate(words({ messages: [], raw }), never))).rejects.toMatchObject({
      status: 400,
      param: 'suffix',
    });
  });
});

describe('questions', () => {
  it('embeddings come in the order of the texts, of length 1', async () => {
    const { engine } = await startPair({
      extra: (path) =>
        path === '/v1/embeddings'
          ? {
              data: [
                { index: 1, embedding: [0, 2] },
                { index: 0, embedding: [3, 4] },
              ],
              usage: { prompt_tokens: 7 },
            }
          : undefined,
    });
    const { vectors, promptTokens } = await engine.embed(
      { model: 'm', inputs: ['a', 'b'], dimensions: null },
      never,
    );
    expect(promptTokens).toBe(7);
    expect(vectors.map((vector) => [...vector].map((number) => Math.round(number * 10) / 10))).toEqual([
      [0.6, 0.8],
      [0, 1],
    ]);
    await expect(
      engine.embed({ model: 'm', inputs: ['a', 'b', 'c'], dimensions: null }, never),
    ).rejects.toMatchObject({
      status: 502,
    });
  });

  it('ranking is brought between 0 and 1; a kind that does not rank says so', async () => {
    const extra = (path: string): unknown =>
      path === '/v1/rerank'
        ? {
            results: [
              { index: 1, relevance_score: -2 },
              { index: 0, relevance_score: 2 },
            ],
          }
        : undefined;
    const { engine } = await startPair({ extra }, { upstream: { kind: 'llama-server' } });
    const { scores } = await engine.rerank({ model: 'm', query: 'q', documents: ['a', 'b'] }, never);
    expect(scores.map((score) => Math.round(score * 100))).toEqual([88, 12]);
    const other = await startPair({ extra });
    await expect(
      other.engine.rerank({ model: 'm', query: 'q', documents: ['a'] }, never),
    ).rejects.toMatchObject({ status: 400, code: 'unsupported_task' });
  });

  it('tokens are counted by whoever has the template', async () => {
    const vllm = await startPair(
      { extra: (path) => (path === '/tokenize' ? { count: 42 } : undefined) },
      { upstream: { kind: 'vllm' } },
    );
    const llama = await startPair(
      {
        extra: (path) =>
          path === '/apply-template'
            ? { prompt: '<s>Hi' }
            : path === '/tokenize'
              ? { tokens: [1, 2, 3] }
              : undefined,
      },
      { upstream: { kind: 'llama-server' } },
    );
    const plainly = await startPair();
    expect(await vllm.engine.countTokens(words(), never)).toBe(42);
    expect(await llama.engine.countTokens(words(), never)).toBe(3);
    expect(await plainly.engine.countTokens(words(), never)).toBe(5);
  });
});

import { describe, expect, it } from 'vitest';
import type { ChatOptions, Tool } from '../../../server/core/generate.ts';
import { collect, never, textOf, words } from '../upstreams/setup.ts';
import { startOllamaPair } from './setup.ts';

const plain: ChatOptions = {
  responseFormat: { type: 'text' },
  tools: [],
  toolChoice: 'auto',
  parallelToolCalls: true,
  reasoningEffort: null,
  templateArguments: {},
};
const tool = (name: string): Tool => ({
  name,
  description: null,
  parameters: { schema: { type: 'object', properties: { x: { type: 'number' } } }, path: 'p', param: 'p' },
  isStrict: false,
});
const asked = (change: Parameters<typeof words>[0] = {}) => words({ model: 'fake:1b', ...change });

describe('models', () => {
  it('are listed by what they can do; those of the cloud are left out', async () => {
    const { engine } = await startOllamaPair({
      models: [
        { name: 'llama3.2:3b', contextTokens: 131_072 },
        { name: 'nomic-embed-text:latest', capabilities: ['embedding'], contextTokens: 2048 },
        { name: 'gpt-oss:120b-cloud', remoteHost: 'https://ollama.com:443' },
      ],
    });
    expect(
      engine
        .models()
        .map(({ id, task, state, contextTokens, slots, source }) => [
          id,
          task,
          state,
          contextTokens,
          slots,
          source,
        ]),
    ).toEqual([
      ['llama3.2:3b', 'generate', 'off', 8192, 3, 'ollama'],
      ['nomic-embed-text:latest', 'embed', 'off', 2048, 3, 'ollama'],
    ]);
  });

  it('are loaded once however many ask, with the context asked for, and unloaded', async () => {
    const { engine, fake } = await startOllamaPair();
    const ready = await Promise.all([1, 2, 3].map(() => engine.ensureReady('fake:1b', never)));
    expect(ready).toEqual([1, 2, 3].map(() => ({ slots: 3, slotsAreFor: 'engine', contextTokens: 8192 })));
    await engine.ensureReady('fake:1b', never);
    const loads = fake.seen.filter(({ path, body }) => path === '/api/generate' && body.prompt === undefined);
    expect(loads.map(({ body }) => body.options)).toEqual([{ num_ctx: 8192 }]);
    expect(engine.models()).toMatchObject([{ state: 'ready' }]);
    await engine.unload('fake:1b');
    expect([...fake.loaded]).toEqual([]);
    expect(engine.models()).toMatchObject([{ state: 'off' }]);
  });
});

describe('an answer', () => {
  it('asks for the real context and for nothing to be cut, and tells its usage', async () => {
    const { engine, fake } = await startOllamaPair();
    const parts = await collect(
      engine.generate(
        asked({ maxTokens: 7, stop: ['x'], sampling: { ...words().sampling, topK: 5, seed: 2 ** 31 } }),
        never,
      ),
    );
    expect(textOf(parts)).toBe('Hello');
    expect(parts.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { promptTokens: 9, cachedTokens: 0, completionTokens: 2 },
    });
    expect(fake.seen.at(-1)).toEqual({
      path: '/api/chat',
      body: {
        model: 'fake:1b',
        messages: [{ role: 'user', content: 'Hi' }],
        stream: true,
        truncate: false,
        shift: false,
        options: { num_ctx: 8192, num_predict: 7, top_k: 5, seed: 0, stop: ['x'] },
      },
    });
  });

  it('to what is too long is a refusal, not a shorter question', async () => {
    const { engine } = await startOllamaPair({}, 256);
    const content = [{ type: 'text', text: 'word '.repeat(1000) }] as const;
    await expect(
      collect(engine.generate(asked({ messages: [{ role: 'user', content }] }), never)),
    ).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    });
  });

  it('sees images, thinks, calls tools and is told their answers', async () => {
    const { engine, fake } = await startOllamaPair({
      models: [{ name: 'fake:1b', capabilities: ['completion', 'tools', 'vision', 'thinking'] }],
      answer: () => [
        { message: { role: 'assistant', content: '', thinking: 'hm' } },
        {
          message: {
            role: 'assistant',
            content: '',
            tool_calls: [{ function: { name: 'look', arguments: { x: 1 } } }],
          },
        },
        {
          message: {
            role: 'assistant',
            content: '',
            tool_calls: [{ function: { name: 'look', arguments: { x: 2 } } }],
          },
        },
      ],
    });
    const image = {
      type: 'media',
      kind: 'image',
      source: { type: 'base64', mimeType: 'image/png', data: 'AAAA' },
    } as const;
    const request = asked({
      chat: { ...plain, tools: [tool('look')], reasoningEffort: 'high' },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] },
        { role: 'assistant', content: [], toolCalls: [{ id: 'c1', name: 'look', arguments: '{"x":0}' }] },
        { role: 'tool', content: [{ type: 'text', text: 'nothing' }], toolCallId: 'c1' },
      ],
    });
    const parts = await collect(engine.generate(request, never));
    expect(parts.map((part) => (part.type === 'tool-call-delta' ? part.arguments : part.type))).toEqual([
      'start',
      'reasoning-delta',
      'tool-call-start',
      '{"x":1}',
      'tool-call-start',
      '{"x":2}',
      'finish',
    ]);
    expect(parts.at(-1)).toMatchObject({ reason: 'tool_calls' });
    expect(fake.seen.at(-1)?.body).toMatchObject({
      think: true,
      messages: [
        { role: 'user', content: 'What is it?', images: ['AAAA'] },
        { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'look', arguments: { x: 0 } } }] },
        { role: 'tool', content: 'nothing', tool_call_id: 'c1', tool_name: 'look' },
      ],
    });
  });

  it('that must be a call is held to one by a schema, since Ollama has no tool_choice', async () => {
    const call = '{"name":"look","arguments":{"x":3}}';
    const { engine, fake } = await startOllamaPair({
      answer: () =>
        [call.slice(0, 10), call.slice(10)].map((content) => ({ message: { role: 'assistant', content } })),
    });
    const chat = { ...plain, tools: [tool('look'), tool('go')], toolChoice: 'required' as const };
    const parts = await collect(engine.generate(asked({ chat }), never));
    expect(textOf(parts)).toBe('');
    expect(parts.filter(({ type }) => type.startsWith('tool'))).toEqual([
      { type: 'tool-call-start', index: 0, id: expect.stringMatching(/^call_/), name: 'look', tokens: 0 },
      { type: 'tool-call-delta', index: 0, arguments: '{"x":3}', tokens: 0 },
    ]);
    expect(parts.at(-1)).toMatchObject({ type: 'finish', reason: 'tool_calls' });
    const { body } = fake.seen.at(-1) ?? {};
    expect(body.tools).toBeUndefined();
    expect(body.format.anyOf.map((form: { properties: { name: unknown } }) => form.properties.name)).toEqual([
      { const: 'look' },
      { const: 'go' },
    ]);
  });

  it('names what Ollama has no word for', async () => {
    const { engine } = await startOllamaPair();
    const sampling = { ...words().sampling, logitBias: { 5: 1 } };
    expect(engine.check?.(asked({ sampling, ignoreEos: true }))).toEqual(['logit_bias', 'ignore_eos']);
  });

  it('ends there when the reader leaves', async () => {
    const held = Promise.withResolvers<void>();
    const { engine, fake } = await startOllamaPair({ beforeWord: () => held.promise });
    const abort = new AbortController();
    const left = fake.nextLeft();
    const reading = (async () => {
      for await (const part of engine.generate(asked(), abort.signal))
        if (part.type === 'text-delta') abort.abort(new Error('gone'));
    })();
    await expect(reading).rejects.toThrow('gone');
    await left;
    held.resolve();
    expect(engine.active()).toBe(0);
  });

  it('to a prompt as it is goes by the other route; the middle only where the model can', async () => {
    const { engine, fake } = await startOllamaPair();
    const raw = { prompt: 'once', suffix: null };
    expect(textOf(await collect(engine.generate(asked({ raw, messages: [] }), never)))).toBe('Hello');
    expect(fake.seen.at(-1)).toMatchObject({ path: '/api/generate', body: { prompt: 'once', raw: true } });
    await expect(
      collect(engine.generate(asked({ raw: { ...raw, suffix: 'x' }, messages: [] }), never)),
    ).rejects.toMatchObject({ status: 400, param: 'suffix' });
  });
});

it('embeds, without cutting anything', async () => {
  const { engine, fake } = await startOllamaPair({
    models: [{ name: 'e', capabilities: ['embedding'], contextTokens: 512 }],
  });
  const { vectors, promptTokens } = await engine.embed(
    { model: 'e', inputs: ['a', 'abc'], dimensions: null },
    never,
  );
  expect([vectors.length, promptTokens, Math.hypot(...(vectors[1] ?? []))]).toEqual([
    2,
    2,
    expect.closeTo(1, 5),
  ]);
  expect(fake.seen.at(-1)?.body).toEqual({
    model: 'e',
    input: ['a', 'abc'],
    truncate: false,
    options: { num_ctx: 512 },
  });
});

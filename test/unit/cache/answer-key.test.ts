import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { usualSampling, type GenerateRequest } from '../../../server/core/generate.ts';
import type { ModelDescription } from '../../../server/core/model.ts';
import { anthropicMessages } from '../../../server/dialects/anthropic-messages.ts';
import { openAiChat } from '../../../server/dialects/openai-chat.ts';
import { answerKey, isRepeatable, type AnswerPlace } from '../../../server/routing/answer-key.ts';
import { createFakeEngine, describeModel } from '../../fakes/fake-engine.ts';

const engine = createFakeEngine();
const place: AnswerPlace = { scope: 'key_1', candidate: { engine, modelId: 'fake-model' } };

function keyOf(body: object): string {
  const { request, more = [] } = openAiChat.parse(body);
  return answerKey(place, [request, ...more]);
}

const property = fc.record({ type: fc.constantFrom('string', 'integer') });
/** Everything of a chat that its answer depends on. */
const body = fc.record(
  {
    model: fc.constant('fake-model'),
    messages: fc.array(
      fc.record(
        { role: fc.constantFrom('user', 'system', 'assistant'), content: fc.string(), name: fc.string() },
        { requiredKeys: ['role', 'content'] },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    temperature: fc.constantFrom(0, 0.5, 1, null),
    top_p: fc.constantFrom(0.1, 0.9),
    top_k: fc.integer({ min: 1, max: 50 }),
    min_p: fc.constantFrom(0.05, 0.1),
    presence_penalty: fc.constantFrom(-1, 0.5),
    frequency_penalty: fc.constantFrom(-1, 0.5),
    seed: fc.nat(1000),
    logit_bias: fc.dictionary(fc.nat(50).map(String), fc.integer({ min: -100, max: 100 })),
    max_tokens: fc.integer({ min: 1, max: 100 }),
    stop: fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }),
    top_logprobs: fc.constantFrom(1, 5),
    logprobs: fc.constant(true),
    n: fc.constantFrom(1, 2, 3),
    reasoning_effort: fc.constantFrom('low', 'high'),
    response_format: fc.record({
      type: fc.constant('json_schema'),
      json_schema: fc.record({
        name: fc.constant('a'),
        schema: fc.record({
          type: fc.constant('object'),
          properties: fc.dictionary(fc.constantFrom('p', 'q', 'r'), property, { noNullPrototype: true }),
        }),
      }),
    }),
  },
  { requiredKeys: ['model', 'messages', 'logprobs'] },
);

/** The same value with the members of every object in another order, but those of schemas. */
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(
    entries.map(([name, member]) => [name, name === 'schema' ? member : shuffled(member)]),
  );
}

describe('the key of an answer', () => {
  it('is the same whatever the order of the fields, and whatever only says how it is told', () => {
    fc.assert(
      fc.property(body, (wire) => {
        const key = keyOf(wire);
        expect(keyOf(shuffled(wire) as object)).toBe(key);
        const told = {
          ...wire,
          stream: true,
          stream_options: { include_usage: true },
          user: 'somebody',
          metadata: { a: 'b' },
          store: true,
          service_tier: 'auto',
          safety_identifier: 'x',
          prompt_cache_key: 'y',
        };
        expect(keyOf(told)).toBe(key);
      }),
    );
  });

  it('is another for any two requests that are not the same', () => {
    fc.assert(
      fc.property(body, body, (one, other) => {
        const asked = (wire: object): string => {
          const { request, more = [] } = openAiChat.parse(wire);
          return JSON.stringify([request, more]);
        };
        expect(keyOf(one) === keyOf(other)).toBe(asked(one) === asked(other));
      }),
    );
  });

  it.each<[string, object, object]>([
    ['temperature', { temperature: 0 }, { temperature: 0.1 }],
    ['temperature, absent', {}, { temperature: 1 }],
    ['top_p', { top_p: 0.5 }, { top_p: 0.6 }],
    ['top_k', { top_k: 5 }, { top_k: 6 }],
    ['min_p', { min_p: 0.1 }, { min_p: 0.2 }],
    ['presence_penalty', { presence_penalty: 0 }, { presence_penalty: 1 }],
    ['frequency_penalty', { frequency_penalty: 0 }, { frequency_penalty: 1 }],
    ['seed', { seed: 1 }, { seed: 2 }],
    ['seed, absent', {}, { seed: 0 }],
    ['logit_bias', { logit_bias: { 5: 1 } }, { logit_bias: { 5: 2 } }],
    ['max_tokens', { max_tokens: 1 }, { max_tokens: 2 }],
    ['stop', { stop: 'a' }, { stop: ['a', 'b'] }],
    ['n', { n: 1 }, { n: 2 }],
    ['logprobs', {}, { logprobs: true }],
    ['top_logprobs', { logprobs: true, top_logprobs: 1 }, { logprobs: true, top_logprobs: 2 }],
    ['reasoning_effort', { reasoning_effort: 'low' }, { reasoning_effort: 'high' }],
    ['response_format', {}, { response_format: { type: 'json_object' } }],
    ['tools', {}, { tools: [tool({})] }],
    ['a tool’s description', { tools: [tool({})] }, { tools: [tool({ description: 'd' })] }],
    [
      'the order of a schema’s properties, which the answer follows',
      { tools: [tool({ parameters: { type: 'object', properties: { a: {}, b: {} } } })] },
      { tools: [tool({ parameters: { type: 'object', properties: { b: {}, a: {} } } })] },
    ],
    ['strict', { tools: [tool({ strict: false })] }, { tools: [tool({ strict: true })] }],
    ['tool_choice', { tools: [tool({})] }, { tools: [tool({})], tool_choice: 'required' }],
    ['parallel_tool_calls', { tools: [tool({})] }, { tools: [tool({})], parallel_tool_calls: false }],
    ['who said it', {}, { messages: [{ role: 'system', content: 'Hi' }] }],
    ['an image', { messages: [image(2)] }, { messages: [image(3)] }],
    ['how an image is looked at', { messages: [image(2)] }, { messages: [image(2, 'high')] }],
  ])('counts %s', (_, one, other) => {
    const usual = { model: 'fake-model', messages: [{ role: 'user', content: 'Hi' }] };
    expect(keyOf({ ...usual, ...one })).not.toBe(keyOf({ ...usual, ...other }));
    expect(keyOf({ ...usual, ...one })).toBe(keyOf({ ...usual, ...one }));
  });

  it('does not count the language it was asked in', () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    const wire = { model: 'fake-model', max_tokens: 5, temperature: 0, messages };
    const { request } = anthropicMessages.parse(wire);
    expect(answerKey(place, [request])).toBe(keyOf({ ...wire, max_tokens: 5 }));
  });

  it('counts whose it is, who answers, and what file that is', () => {
    const request: GenerateRequest = {
      model: 'x',
      messages: [],
      maxTokens: null,
      stop: [],
      cacheScope: null,
      sampling: usualSampling,
    };
    const model = describeModel('fake-model', 'fake');
    const usual = at({});
    function at(change: Partial<ModelDescription>, scope: string | null = 'key_1', id = 'fake'): string {
      const other = { ...engine, id, models: () => [{ ...model, ...change }] };
      return answerKey({ scope, candidate: { engine: other, modelId: 'fake-model' } }, [request]);
    }
    const others = [
      at({}, null),
      at({}, 'key_2'),
      at({}, 'key_1', 'other'),
      at({ path: '/models/other.gguf' }),
      at({ sizeBytes: 1001 }),
      at({ modifiedMs: 1 }),
      at({ settings: { ...model.settings, contextTokens: 512 } }),
      at({ settings: { ...model.settings, slots: 2 } }),
    ];
    expect(new Set([usual, ...others]).size).toBe(others.length + 1);
    // How it stands just now is no other model.
    expect(at({ state: 'busy', activeSlots: 2, contextTokens: 4096, decodes: 9, backend: 'cpu' })).toBe(
      usual,
    );
    // Some upstreams tell the time of day as the age of their models.
    const upstream = (modifiedMs: number): string => at({ source: 'upstream', modifiedMs });
    expect(upstream(1)).toBe(upstream(2));
  });

  it('attack 61: is only made of what is answered the same each time: temperature 0, or a seed', () => {
    const { request } = openAiChat.parse({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] });
    const repeats = (sampling: Partial<typeof usualSampling>): boolean =>
      isRepeatable({ ...request, sampling: { ...usualSampling, ...sampling } });
    expect([
      repeats({}),
      repeats({ temperature: 0 }),
      repeats({ temperature: 0.01 }),
      repeats({ topP: 0, topK: 5 }),
      repeats({ temperature: 2, seed: 0 }),
    ]).toEqual([false, true, false, false, true]);
  });
});

function tool(change: object) {
  return { type: 'function', function: { name: 'look', parameters: { type: 'object' }, ...change } };
}

/** The beginning of a PNG of this width. */
function image(width: number, detail = 'low') {
  const bytes = Buffer.alloc(33);
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1').copy(bytes);
  bytes.writeUInt32BE(13, 8);
  bytes.write('IHDR', 12, 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(1, 20);
  const url = `data:image/png;base64,${bytes.toString('base64')}`;
  return { role: 'user', content: [{ type: 'image_url', image_url: { url, detail } }] };
}

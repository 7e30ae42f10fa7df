import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { getLlama, LlamaLogLevel, type Llama } from 'node-llama-cpp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatOptions, GeneratePart, Sampling, Tool } from '../../server/core/generate.ts';
import { createBuiltinEngine, type BuiltinEngine } from '../../server/engines/builtin/builtin-engine.ts';
import type { ToolForm } from '../../server/engines/builtin/chat/chat-format.ts';
import { jsonSchemaToGbnf } from '../../server/engines/builtin/grammar/json-schema-to-gbnf.ts';
import { buildAnswerGrammar } from '../../server/engines/builtin/chat/tool-grammar.ts';
import { plainChat } from '../../server/engines/builtin/chat/tool-options.ts';

/** Grammars in the real library, and answers of the real starter model under them. */

const starter = 'smollm2-135m-instruct';
const never = new AbortController().signal;
const ajv = new Ajv2020({ strict: false, validateFormats: false });

const person = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 20 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
    mail: { type: 'string', pattern: '^[a-z]{1,8}@[a-z]{1,8}\\.org$' },
    born: { type: 'string', format: 'date' },
    tags: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, minItems: 1, maxItems: 3 },
    score: { type: 'number', minimum: -1, maximum: 1 },
  },
  required: ['name', 'age', 'tags', 'score'],
  additionalProperties: false,
};

const tree = {
  $defs: {
    node: {
      type: 'object',
      properties: {
        value: { type: 'integer', minimum: 0, maximum: 99 },
        children: { type: 'array', items: { $ref: '#/$defs/node' }, maxItems: 2 },
      },
      required: ['value'],
      additionalProperties: false,
    },
  },
  $ref: '#/$defs/node',
};

const choice = {
  anyOf: [
    { type: 'object', properties: { kind: { const: 'a' }, n: { type: 'number' } }, required: ['kind', 'n'] },
    { type: 'array', prefixItems: [{ type: 'boolean' }, { type: 'null' }], items: false, minItems: 2 },
  ],
};

const schemas: readonly (readonly [name: string, schema: object, example: unknown])[] = [
  ['person', person, { name: 'Ada "A" 🙂', age: 36, tags: ['red'], score: -0.25 }],
  ['tree', tree, { value: 1, children: [{ value: 2, children: [] }, { value: 3 }] }],
  ['choice', choice, [true, null]],
  [
    'numbers',
    { type: 'array', items: { type: 'number' } },
    [0, -1.5, 1e-7, 5e-324, 1.7976931348623157e308, 123456789],
  ],
  ['texts', { type: 'string', minLength: 3, maxLength: 5000 }, 'x'.repeat(4321)],
  ['moment', { type: 'string', format: 'date-time' }, '2024-02-29T23:59:59.5+01:00'],
  ['anything', {}, { a: [1, { b: null }], 'ä"\n': true }],
];

describe('the library', () => {
  let llama: Llama;
  beforeAll(async () => {
    llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.error });
  });
  afterAll(async () => {
    await llama.dispose();
  });

  /** `_testText` is the library's own; the version is pinned. */
  async function accepts(grammar: string, text: string): Promise<boolean> {
    const parsed = await llama.createGrammar({ grammar });
    // oxlint-disable-next-line no-underscore-dangle -- the library's own name
    return (parsed as unknown as { _testText: (text: string) => boolean })._testText(text);
  }

  it.each(schemas)('parses the grammar of %s and accepts its canonical text', async (_, schema, example) => {
    const { grammar } = jsonSchemaToGbnf({ schema, path: 's', isStrict: true, reading: 'exact' });
    expect(ajv.validate(schema, example)).toBe(true);
    expect(await accepts(grammar, JSON.stringify(example))).toBe(true);
    expect(await accepts(grammar, `${JSON.stringify(example)} `)).toBe(false);
  });

  it.each<ToolForm>([
    'hermes',
    'generic',
    'qwen-xml',
    'llama',
    'mistral-list',
    'mistral',
    'harmony',
    'gemma',
  ])('parses the grammar of tools in the form %s', async (tools) => {
    const options: ChatOptions = { ...plainChat, tools: [weather] };
    const form = { tools, reasoning: { open: '<think>', close: '</think>' } };
    const { whole, afterThought } = buildAnswerGrammar(options, form, { thought: 'possible' });
    const text = tools === 'harmony' ? '<|channel|>final<|message|>größe 🙂' : 'größe < 🙂';
    expect([await accepts(whole ?? '', text), await accepts(afterThought ?? '', text)]).toEqual([true, true]);
  });
});

const weather: Tool = {
  name: 'get_weather',
  description: 'Tells the weather in a city',
  parameters: {
    schema: {
      type: 'object',
      properties: { city: { type: 'string', minLength: 1, maxLength: 30 }, unit: { enum: ['c', 'f'] } },
      required: ['city', 'unit'],
    },
    path: 'tools.0.function.parameters',
    param: 'tools.0.function.parameters',
  },
  isStrict: true,
};

describe('the starter model', () => {
  let engine: BuiltinEngine;
  beforeAll(async () => {
    const quiet = () => {};
    engine = createBuiltinEngine({
      sources: {
        starterDir: join(import.meta.dirname, '../../resources/models'),
        folders: [],
        addedFiles: () => [],
      },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
    await engine.rescan();
    await engine.ensureReady(starter, never);
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
  });

  async function ask(
    text: string,
    chat: Partial<ChatOptions>,
    sampling: Partial<Sampling> = {},
    maxTokens = 300,
  ) {
    const parts: GeneratePart[] = [];
    const request = {
      model: starter,
      messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }],
      maxTokens,
      stop: [],
      cacheScope: null,
      sampling: {
        temperature: 0,
        topP: null,
        topK: null,
        minP: null,
        presencePenalty: null,
        frequencyPenalty: null,
        seed: 1,
        logitBias: {},
        ...sampling,
      },
      chat: { ...plainChat, ...chat },
    };
    for await (const part of engine.generate(request, never)) parts.push(part);
    const said = parts.map((part) => (part.type === 'text-delta' ? part.text : '')).join('');
    const given = parts.map((part) => (part.type === 'tool-call-delta' ? part.arguments : ''));
    const last = parts.at(-1);
    return { parts, said, given, reason: last?.type === 'finish' ? last.reason : null };
  }

  function format(schema: object): Partial<ChatOptions> {
    return {
      responseFormat: {
        type: 'json-schema',
        schema,
        path: 'response_format.json_schema.schema',
        param: 'response_format',
      },
    };
  }

  it.each([
    ['person', person, 0],
    ['person', person, 1.5],
    ['person', person, 2],
    ['tree', tree, 1],
    ['choice', choice, 1.5],
  ] as const)('answers by the schema of a %s (temperature %#)', async (_, schema, temperature) => {
    const { said, reason } = await ask('Describe it.', format(schema), { temperature, seed: 7 });
    // A tree may grow longer than the answer; then it is only not whole.
    if (reason === 'length') return;
    expect(reason).toBe('stop');
    expect([said, ajv.validate(schema, JSON.parse(said))]).toEqual([said, true]);
  });

  it('answers several at the same time, each by its own schema', async () => {
    const all = [person, choice, { type: 'boolean' }, { const: 'größe 🙂 "x"' }];
    const answers = await Promise.all(all.map((schema) => ask('Go on.', format(schema), { temperature: 1 })));
    for (const [index, { said }] of answers.entries()) {
      expect([said, ajv.validate(all[index] ?? {}, JSON.parse(said))]).toEqual([said, true]);
    }
  });

  it('calls the tool that it must call, piece by piece', async () => {
    const { parts, given, reason } = await ask('What is the weather in Paris?', {
      tools: [weather],
      toolChoice: 'required',
      parallelToolCalls: false,
    });
    const starts = parts.filter((part) => part.type === 'tool-call-start');
    expect(starts).toMatchObject([{ index: 0, name: 'get_weather', id: expect.stringMatching(/^call_/) }]);
    expect(given.filter((piece) => piece !== '').length).toBeGreaterThan(2);
    expect(ajv.validate(weather.parameters?.schema as object, JSON.parse(given.join('')))).toBe(true);
    expect([reason, parts.some((part) => part.type === 'text-delta')]).toEqual(['tool_calls', false]);
  });

  it('calls the tool that is named', async () => {
    const other: Tool = { name: 'other', description: null, parameters: null, isStrict: false };
    const { parts, given } = await ask('Hello!', { tools: [other, weather], toolChoice: { name: 'other' } });
    expect(parts.filter((part) => part.type === 'tool-call-start')).toMatchObject([{ name: 'other' }]);
    expect(JSON.parse(given.join(''))).toEqual({});
  });

  it('may say something instead', async () => {
    const { said, reason } = await ask('Say hello.', { tools: [weather] }, {}, 40);
    expect([said !== '', reason === 'stop' || reason === 'length']).toEqual([true, true]);
  });

  it('survives what leaves it no choice', async () => {
    // Without any of its tokens that begin a JSON object.
    const banned = Object.fromEntries(Array.from({ length: 1000 }, (_, token) => [token, -100]));
    await ask('Hello', format({ type: 'boolean' }), { logitBias: banned }, 20).catch(
      (error: unknown) => error,
    );
    const { said } = await ask('Hello', format({ type: 'boolean' }), {}, 20);
    expect(['true', 'false']).toContain(said);
  });
});

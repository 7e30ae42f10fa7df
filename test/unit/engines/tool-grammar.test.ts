import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatOptions, Tool } from '../../../server/core/generate.ts';
import type { ChatForm, ToolForm } from '../../../server/engines/builtin/chat/chat-format.ts';
import { buildAnswerGrammar, createChatCheck } from '../../../server/engines/builtin/chat/tool-grammar.ts';
import { plainChat } from '../../../server/engines/builtin/chat/tool-options.ts';
import { createAnswerParser } from '../../../server/engines/builtin/chat/tool-parser.ts';
import { gbnfAccepts, parseGbnf, readGbnf, writeGbnf } from '../../fakes/gbnf.ts';

const think = { open: '<think>', close: '</think>' };
const forms: readonly ToolForm[] = [
  'hermes',
  'generic',
  'qwen-xml',
  'llama',
  'mistral-list',
  'mistral',
  'harmony',
  'gemma',
];

const schemas: Readonly<Record<string, object>> = {
  get_weather: {
    type: 'object',
    properties: {
      city: { type: 'string', minLength: 1, maxLength: 20 },
      days: { type: 'integer', minimum: 1, maximum: 14 },
      unit: { enum: ['c', 'f'] },
      when: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
    },
    required: ['city', 'unit'],
  },
  book: {
    type: 'object',
    properties: {
      who: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: { type: 'string', pattern: '^[A-Z][a-z]+$' } },
          required: ['name'],
        },
        minItems: 1,
        maxItems: 2,
      },
      isPaid: { type: 'boolean' },
    },
    required: ['who'],
  },
  ping: { type: 'object', properties: {} },
};

function toolOf(name: string, isStrict = true, schema: unknown = schemas[name]): Tool {
  return { name, description: null, parameters: { schema, path: name, param: `param-${name}` }, isStrict };
}

const tools = Object.keys(schemas).map((name) => toolOf(name));

function grammarOf(tools_: ToolForm, changes: Partial<ChatOptions>, reasoning: ChatForm['reasoning'] = null) {
  const form: ChatForm = { tools: tools_, reasoning };
  return buildAnswerGrammar({ ...plainChat, tools, ...changes }, form, {
    thought: reasoning === null ? 'closed' : 'possible',
  });
}

/** The calls and text of an answer, in the form's own reading. */
function read(form: ToolForm, text: string, parameterTypes = grammarOf(form, {}).parameterTypes) {
  const parser = createAnswerParser({
    form: { tools: form, reasoning: null },
    toolNames: Object.keys(schemas),
    parameterTypes,
    isThinking: false,
  });
  const names: string[] = [];
  const given: string[] = [];
  let said = '';
  for (const piece of [...parser.push(text), ...parser.end()]) {
    if (piece.type === 'tool-call-start') names.push(piece.name);
    if (piece.type === 'tool-call-delta') given[piece.index] = (given[piece.index] ?? '') + piece.arguments;
    if (piece.type === 'text-delta') said += piece.text;
  }
  return { names, said, calls: names.map((name, index) => [name, JSON.parse(given[index] ?? '')] as const) };
}

const ajv = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d\d-\d\d$/ } });
const chances = fc.infiniteStream(fc.noBias(fc.nat(2 ** 30 - 1)).map((number) => number / 2 ** 30));

describe.each(forms)('in the form %s', (form) => {
  it('every required call that the grammar can write is read with valid arguments', () => {
    const { whole, parameterTypes } = grammarOf(form, { toolChoice: 'required' });
    const grammar = parseGbnf(whole ?? '');
    fc.assert(
      fc.property(chances, (numbers) => {
        const text = writeGbnf(grammar, () => numbers.next().value ?? 0, 80);
        const { calls, said } = read(form, text, parameterTypes);
        expect([calls.length > 0, said]).toEqual([true, '']);
        for (const [name, given] of calls) {
          const isValid = ajv.validate(schemas[name] ?? {}, given);
          expect([text, given, isValid]).toEqual([text, given, true]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('a named tool is called, once, and no other', () => {
    const { whole } = grammarOf(form, { toolChoice: { name: 'ping' } });
    const grammar = parseGbnf(whole ?? '');
    fc.assert(
      fc.property(chances, (numbers) => {
        const text = writeGbnf(grammar, () => numbers.next().value ?? 0, 80);
        expect(read(form, text).names).toEqual(['ping']);
      }),
      { numRuns: 20 },
    );
  });

  it('without parallel calls there is one', () => {
    const { whole } = grammarOf(form, { toolChoice: 'required', parallelToolCalls: false });
    const grammar = parseGbnf(whole ?? '');
    fc.assert(
      fc.property(chances, (numbers) => {
        expect(
          read(
            form,
            writeGbnf(grammar, () => numbers.next().value ?? 0, 200),
          ).names,
        ).toHaveLength(1);
      }),
      { numRuns: 20 },
    );
  });

  it('left to itself the model may say anything', () => {
    const { whole } = grammarOf(form, {});
    const grammar = parseGbnf(whole ?? '');
    const frame = form === 'harmony' ? '<|channel|>final<|message|>' : '';
    for (const text of ['Hello < you > [x] {y} <b>\n\n', 'größe 🙂', '{"city": 1}']) {
      expect(gbnfAccepts(grammar, frame + text)).toBe(true);
    }
  });

  it('following the grammar is cheap', () => {
    const { whole } = grammarOf(form, {}, think);
    const reader = readGbnf(parseGbnf(whole ?? ''));
    let most = 0;
    const text = form === 'harmony' ? '<|channel|>final<|message|>word word' : 'word <tag> {"name" [x] word';
    for (const character of text) {
      expect(reader.push(character)).toBe(true);
      most = Math.max(most, reader.readings());
    }
    expect(most).toBeLessThan(40);
  });

  it('with a response format the answer is JSON or a call', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    const { whole } = grammarOf(form, {
      responseFormat: { type: 'json-schema', schema, path: 'r', param: 'r' },
      parallelToolCalls: false,
    });
    const grammar = parseGbnf(whole ?? '');
    const frame = form === 'harmony' ? '<|channel|>final<|message|>' : '';
    expect([gbnfAccepts(grammar, `${frame}{"a":1}`), gbnfAccepts(grammar, `${frame}text`)]).toEqual([
      true,
      false,
    ]);
    expect(gbnfAccepts(grammar, `${frame}{"a":"x"}`)).toBe(false);
  });
});

describe('thoughts', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
  const options: ChatOptions = {
    ...plainChat,
    responseFormat: { type: 'json-schema', schema, path: 'r', param: 'r' },
  };
  const form: ChatForm = { tools: 'hermes', reasoning: think };

  it.each([
    ['possible', '<think>anything { at all</think>\n\n{"a":1}', true],
    ['possible', '{"a":1}', true],
    ['possible', 'anything', false],
    ['open', 'anything at all\n</think>\n\n{"a":1}', true],
    ['open', 'anything at all', false],
    ['closed', '{"a":1}', true],
    ['closed', '<think>x</think>{"a":1}', false],
  ] as const)('where they are %s, %j is %s', (thought, text, isAllowed) => {
    const { whole } = buildAnswerGrammar(options, form, { thought });
    expect(gbnfAccepts(parseGbnf(whole ?? ''), text)).toBe(isAllowed);
  });

  it('that were ended leave the rest', () => {
    const { afterThought } = buildAnswerGrammar(options, form, { thought: 'open' });
    expect(gbnfAccepts(parseGbnf(afterThought ?? ''), '{"a":1}')).toBe(true);
  });

  it('need no grammar where nothing else does', () => {
    expect(buildAnswerGrammar(plainChat, form, { thought: 'open' })).toMatchObject({
      whole: null,
      afterThought: null,
    });
  });
});

describe('what is checked beforehand', () => {
  const odd = { type: 'object', properties: { a: { type: 'array', items: {}, uniqueItems: true } } };
  const check = (changes: Partial<ChatOptions>) => createChatCheck()({ ...plainChat, ...changes });
  const refusal = (changes: Partial<ChatOptions>): unknown => {
    try {
      check(changes);
    } catch (error) {
      return error;
    }
    return null;
  };

  it('is told where a tool is not enforced to the letter', () => {
    expect(check({ tools: [toolOf('t', false, odd)] })).toEqual(['t.properties.a.uniqueItems']);
  });

  it('is refused where it must be, naming the place', () => {
    expect(refusal({ tools: [toolOf('t', true, odd)] })).toMatchObject({
      status: 400,
      param: 'param-t',
      message: expect.stringContaining("'t.properties.a.uniqueItems'"),
    });
    const responseFormat = {
      type: 'json-schema',
      schema: odd,
      path: 'r.schema',
      param: 'response_format',
    } as const;
    expect(refusal({ responseFormat })).toMatchObject({
      status: 400,
      param: 'response_format',
      message: expect.stringContaining("'r.schema.properties.a.uniqueItems'"),
    });
  });

  it.each([
    ['a loop', { $ref: '#' }],
    ['a text', 'text'],
    ['impossible', { type: 'object', required: ['a'], additionalProperties: false }],
    ['no object', { type: 'string' }],
    ['a list that is nested too deeply', JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`)],
  ])('a schema that is %s is a 400 for a relaxed tool too', (_, schema) => {
    expect(refusal({ tools: [toolOf('t', false, schema)] })).toMatchObject({ status: 400, param: 'param-t' });
  });

  it('limits the schemas of all tools together', () => {
    const pattern = (index: number) => `^(a|b)*a(a|b){${10 + (index % 5)}}${'x'.repeat(index)}$`;
    const many = Array.from({ length: 400 }, (_, index) =>
      toolOf(`t${index}`, true, {
        type: 'object',
        properties: { a: { type: 'string', pattern: pattern(index) } },
      }),
    );
    expect(refusal({ tools: many })).toMatchObject({ status: 400 });
  });

  it('lets an agent’s fifty tools pass', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [
        `parameter_${index}`,
        { type: ['string', 'null'], description: 'x'.repeat(200) },
      ]),
    );
    const many = Array.from({ length: 50 }, (_, index) =>
      toolOf(`tool_${index}`, false, { type: 'object', properties, required: ['parameter_0'] }),
    );
    expect(check({ tools: many })).toEqual([]);
  });
});

import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CannotEnforceSchema,
  GrammarLimit,
  jsonSchemaToGbnf,
  SchemaInvalid,
} from '../../../server/engines/builtin/grammar/json-schema-to-gbnf.ts';
import { gbnfAccepts, parseGbnf, readGbnf, writeGbnf, type Gbnf } from '../../fakes/gbnf.ts';
import { examples } from './json-schema-arbitrary.ts';

/** Formats checked in another way than by the patterns under test. */
const formats = {
  date: isDate,
  time: (text: string) => isDateTime(`2000-01-01T${text}`),
  'date-time': isDateTime,
  uuid: /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i,
  email: /^[^@\s]+@[^@\s]+\.[a-z]+$/i,
  ipv4: (text: string) =>
    text.split('.').length === 4 &&
    text.split('.').every((part) => String(Number(part)) === part && Number(part) < 256),
  ipv6: (text: string) => URL.canParse(`http://[${text}]/`),
  duration: /^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/,
  hostname: /^(?!.{254})[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/i,
  uri: (text: string) => /^[a-z][a-z\d+.-]*:\/\//i.test(text) && !/[\s"<>]/.test(text),
};

function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
  );
}

function isDateTime(text: string): boolean {
  const found = /^(.{10})T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  return (
    found !== null && isDate(found[1] ?? '') && !Number.isNaN(new Date(text.replace(/\.\d+/, '')).getTime())
  );
}

const ajv = new Ajv2020({ strict: false, formats, allErrors: false, validateSchema: false });

/** Compiled once for each schema. */
function validatorOf(schema: unknown): (value: unknown) => boolean {
  const validate = ajv.compile(schema as object);
  return (value) => validate(value);
}

function grammarOf(schema: unknown, reading: 'exact' | 'intended' = 'exact'): Gbnf {
  return parseGbnf(jsonSchemaToGbnf({ schema, path: 'schema', isStrict: true, reading }).grammar);
}

function accepts(schema: unknown, value: unknown): boolean {
  return gbnfAccepts(grammarOf(schema), JSON.stringify(value));
}

function relaxed(schema: unknown) {
  const { grammar, dropped } = jsonSchemaToGbnf({ schema, path: 's', isStrict: false, reading: 'intended' });
  return { grammar: parseGbnf(grammar), dropped };
}

function failure(schema: unknown): unknown {
  try {
    jsonSchemaToGbnf({ schema, path: 'schema', isStrict: true, reading: 'exact' });
  } catch (error) {
    return error;
  }
  return null;
}

/** Numbers from 0 to below 1, evenly. */
const chances = fc.infiniteStream(fc.noBias(fc.nat(2 ** 30 - 1)).map((number) => number / 2 ** 30));

describe('any schema', () => {
  it('accepts the canonical text of what is valid', () => {
    fc.assert(
      fc.property(examples, ({ schema, value }) => {
        fc.pre(validatorOf(schema)(JSON.parse(JSON.stringify(value))));
        expect(gbnfAccepts(grammarOf(schema), JSON.stringify(value))).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  it.each(['exact', 'intended'] as const)('writes nothing but what is valid (%s reading)', (reading) => {
    fc.assert(
      fc.property(examples, chances, ({ schema }, numbers) => {
        const grammar = grammarOf(schema, reading);
        const isValid = validatorOf(schema);
        for (let round = 0; round < 5; round += 1) {
          const text = writeGbnf(grammar, () => numbers.next().value ?? 0, 60);
          const value: unknown = JSON.parse(text);
          if (!isValid(value)) throw new Error(`${text} is not of ${JSON.stringify(schema)}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for the real parsers: what it writes, it accepts', () => {
    fc.assert(
      fc.property(examples, chances, ({ schema }, numbers) => {
        const grammar = grammarOf(schema);
        const text = writeGbnf(grammar, () => numbers.next().value ?? 0, 40);
        expect(gbnfAccepts(grammar, text)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});

describe('objects', () => {
  const person = {
    type: 'object',
    properties: { name: { type: 'string' }, age: { type: 'integer' }, mail: { type: 'string' } },
    required: ['name'],
    additionalProperties: false,
  };

  it('has optional properties with the right commas', () => {
    const grammar = grammarOf(person);
    const yes = [
      '{"name":"a"}',
      '{"name":"a","mail":"b"}',
      '{"name":"a","age":1,"mail":"b"}',
      '{"name": "a", "age": 1}',
    ];
    const no = [
      '{}',
      '{"age":1}',
      '{"name":"a",}',
      '{"name":"a""age":1}',
      '{"age":1,"name":"a"}',
      '{"name":"a","x":1}',
      '{"name":  "a"}',
      '{"name":"a"',
    ];
    expect(yes.map((text) => gbnfAccepts(grammar, text))).toEqual(yes.map(() => true));
    expect(no.map((text) => gbnfAccepts(grammar, text))).toEqual(no.map(() => false));
  });

  it('lists silent objects’ properties only, where people’s meaning counts', () => {
    const schema = { properties: { a: { type: 'integer' } } };
    expect(gbnfAccepts(grammarOf(schema, 'exact'), '{"a":1,"b":2}')).toBe(true);
    expect(gbnfAccepts(grammarOf(schema, 'exact'), '"text"')).toBe(true);
    expect(gbnfAccepts(grammarOf(schema, 'intended'), '{"a":1,"b":2}')).toBe(false);
    expect(gbnfAccepts(grammarOf(schema, 'intended'), '"text"')).toBe(false);
  });

  it('never lets another property spell the name of a known one', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'integer' } },
      additionalProperties: { type: 'string' },
    };
    expect(accepts(schema, { a: 1, b: 'x', aa: 'y' })).toBe(true);
    const grammar = grammarOf(schema);
    expect(
      ['{"a":"x"}', '{"a":1,"a":"x"}', String.raw`{"\u0061":"x"}`].map((text) => gbnfAccepts(grammar, text)),
    ).toEqual([false, false, false]);
  });

  it('has maps with rules for their names', () => {
    const byPattern = {
      type: 'object',
      patternProperties: { '^[a-z]+$': { type: 'integer' } },
      additionalProperties: false,
    };
    expect([accepts(byPattern, { ab: 1, c: 2 }), accepts(byPattern, { A: 1 })]).toEqual([true, false]);
    const byList = {
      type: 'object',
      propertyNames: { enum: ['x', 'y'] },
      additionalProperties: { type: 'integer' },
    };
    expect([accepts(byList, { y: 1 }), accepts(byList, { z: 1 })]).toEqual([true, false]);
    const zodRecord = {
      type: 'object',
      propertyNames: { type: 'string' },
      additionalProperties: { type: 'number' },
    };
    expect(accepts(zodRecord, { any: 1.5 })).toBe(true);
  });

  it('counts properties', () => {
    const schema = {
      type: 'object',
      properties: { a: {}, b: {}, c: {} },
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 2,
    };
    expect(
      [{}, { a: 1 }, { b: 1, c: 1 }, { a: 1, b: 1, c: 1 }].map((value) => accepts(schema, value)),
    ).toEqual([false, true, true, false]);
  });

  it('merges what allOf says, also about the same property', () => {
    const schema = {
      allOf: [
        { type: 'object', properties: { n: { type: 'number', minimum: 0 } }, required: ['n'] },
        { type: 'object', properties: { n: { type: 'integer', maximum: 9 } }, additionalProperties: false },
      ],
    };
    expect([{ n: 5 }, { n: 10 }, { n: -1 }, {}].map((value) => accepts(schema, value))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('references', () => {
  it('may go round and round', () => {
    const schema = {
      $defs: {
        tree: {
          type: 'object',
          properties: { v: { type: 'integer' }, kids: { type: 'array', items: { $ref: '#/$defs/tree' } } },
          required: ['v'],
          additionalProperties: false,
        },
      },
      $ref: '#/$defs/tree',
    };
    expect([
      accepts(schema, { v: 1, kids: [{ v: 2, kids: [{ v: 3 }] }] }),
      accepts(schema, { v: 1, kids: [{}] }),
    ]).toEqual([true, false]);
  });

  it('find their way through odd names', () => {
    const schema = { definitions: { 'a/b c~': { const: 1 } }, $ref: '#/definitions/a~1b%20c~0' };
    expect([accepts(schema, 1), accepts(schema, 2)]).toEqual([true, false]);
  });

  it.each([
    ['itself', { $ref: '#' }],
    [
      'one another',
      {
        $ref: '#/$defs/a',
        $defs: { a: { allOf: [{ $ref: '#/$defs/b' }] }, b: { anyOf: [{ $ref: '#/$defs/a' }] } },
      },
    ],
    ['nothing', { $ref: '#/$defs/missing' }],
    [
      'what is always inside itself',
      { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] },
    ],
  ])('to %s are an error', (_, schema) => {
    expect(failure(schema)).toBeInstanceOf(SchemaInvalid);
  });
});

describe('what cannot be enforced', () => {
  const cases: [string, unknown][] = [
    ['schema.properties.a.not', { type: 'object', properties: { a: { not: { type: 'string' } } } }],
    ['schema.items.uniqueItems', { type: 'array', items: { type: 'array', uniqueItems: true } }],
    ['schema.multipleOf', { type: 'number', multipleOf: 0.01 }],
    ['schema.pattern', { type: 'string', pattern: '(a)\\1' }],
    ['schema.pattern', { type: 'string', pattern: '(?<=a)b' }],
    ['schema.format', { type: 'string', format: 'regex' }],
    ['schema.oneOf', { oneOf: [{ type: 'number' }, { type: 'integer' }] }],
    ['schema.contains', { type: 'array', contains: { const: 1 } }],
    ['schema.dependentRequired', { type: 'object', dependentRequired: { a: ['b'] } }],
    ['schema.$ref', { $ref: 'https://example.org/schema' }],
    ['schema.if', { if: { type: 'string' }, else: { minimum: 1 } }],
    [
      'schema.patternProperties',
      { type: 'object', patternProperties: { '^a': { type: 'string' }, '^b': {} } },
    ],
    ['schema.minProperties', { type: 'object', minProperties: 2 }],
  ];

  it.each(cases)('%s is named', (path, schema) => {
    expect(failure(schema)).toBeInstanceOf(CannotEnforceSchema);
    expect(failure(schema)).toMatchObject({ path });
  });

  it.each(cases)('%s is dropped when relaxed, and the rest is kept', (path, schema) => {
    expect(relaxed(schema).dropped).toContain(path.replace('schema', 's'));
  });

  it('leaves a superset', () => {
    const { grammar, dropped } = relaxed({
      type: 'object',
      properties: { a: { type: 'array', items: { type: 'integer' }, uniqueItems: true } },
      required: ['a'],
    });
    expect(dropped).toEqual(['s.properties.a.uniqueItems']);
    expect([gbnfAccepts(grammar, '{"a":[1,1]}'), gbnfAccepts(grammar, '{"a":["x"]}')]).toEqual([true, false]);
  });
});

describe('attack 27: hostile schemas', () => {
  const nested = (depth: number): unknown =>
    JSON.parse(`${'{"items":'.repeat(depth)}{}${'}'.repeat(depth)}`) as unknown;
  const cases: [string, unknown][] = [
    ['a huge pattern', { type: 'string', pattern: '(a|b)*'.repeat(2000) }],
    ['a pattern that explodes', { type: 'string', pattern: '^(a|b)*a(a|b){200}$' }],
    ['nested repetitions', { type: 'string', pattern: '^((((a{1,99}){1,99}){1,99}){1,99})b$' }],
    [
      'many alternatives everywhere',
      {
        allOf: Array.from({ length: 12 }, () => ({
          anyOf: [{ minimum: 1 }, { maximum: 2 }, { minLength: 3 }],
        })),
      },
    ],
    [
      'a hundred thousand properties',
      {
        type: 'object',
        properties: Object.fromEntries(
          Array.from({ length: 100_000 }, (_, index) => [`p${index}`, { type: 'string' }]),
        ),
      },
    ],
    ['a reference to itself', { $ref: '#' }],
    [
      'references in a circle',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    ],
    ['depth', nested(5000)],
    ['deep groups', { type: 'string', pattern: `${'('.repeat(900)}a${')'.repeat(900)}` }],
    [
      'references that double',
      {
        $ref: '#/$defs/a0',
        $defs: Object.fromEntries<unknown>([
          ['a30', { type: 'string' }],
          ...Array.from({ length: 30 }, (_, index): [string, unknown] => [
            `a${index}`,
            { allOf: [{ $ref: `#/$defs/a${index + 1}` }, { $ref: `#/$defs/a${index + 1}` }] },
          ]),
        ]),
      },
    ],
    [
      'a megabyte of values',
      { enum: Array.from({ length: 50_000 }, (_, index) => `a rather long value ${index}`) },
    ],
  ];

  it.each(cases)('attack 27: %s is refused', (_, schema) => {
    const error = failure(schema);
    expect(
      error instanceof GrammarLimit || error instanceof CannotEnforceSchema || error instanceof SchemaInvalid,
    ).toBe(true);
  });

  it.each([
    ['type', { type: 'text' }],
    ['properties', { type: 'object', properties: [] }],
    ['properties.a', { type: 'object', properties: { a: 'string' } }],
    ['required', { type: 'object', required: 'a' }],
    ['minLength', { type: 'string', minLength: -1 }],
    ['maxItems', { type: 'array', maxItems: 1.5 }],
    ['enum', { enum: [] }],
    ['anyOf', { anyOf: {} }],
    ['minimum', { type: 'number', minimum: '3' }],
  ])('a wrong %s is named', (path, schema) => {
    expect(failure(schema)).toMatchObject({ name: 'SchemaInvalid', path: `schema.${path}` });
  });

  it.each([
    ['false', false],
    ['an impossible range', { type: 'integer', minimum: 2, maximum: 1 }],
    ['no common type', { allOf: [{ type: 'string' }, { type: 'number' }] }],
    ['a forbidden requirement', { type: 'object', required: ['a'], additionalProperties: false }],
  ])('%s is satisfied by nothing', (_, schema) => {
    expect(failure(schema)).toMatchObject({
      name: 'SchemaInvalid',
      message: expect.stringContaining('no value'),
    });
  });
});

describe('cost', () => {
  it('of following a grammar stays small: few readings are open at any time', () => {
    const schema = {
      type: 'object',
      properties: {
        text: { type: 'string', maxLength: 5000 },
        list: { type: 'array', items: { type: 'number' }, maxItems: 500 },
      },
      required: ['text', 'list'],
    };
    const reader = readGbnf(grammarOf(schema));
    let most = 0;
    for (const character of JSON.stringify({
      text: 'x'.repeat(4000),
      list: Array.from({ length: 300 }, () => 1.5),
    })) {
      expect(reader.push(character)).toBe(true);
      most = Math.max(most, reader.readings());
    }
    expect(most).toBeLessThan(40);
  });
});

import fc from 'fast-check';

/** A schema with a value that satisfies it, properties in the schema's order. */
export type Example = { readonly schema: unknown; readonly value: unknown };
type Arbitrary = fc.Arbitrary<Example>;

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 }));
/** Doubles of all sizes and the numbers people write. */
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -100_000, max: 100_000 }).map((value) => value / 100),
);
const integer = fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.integer({ min: -20, max: 20 }));

const strings: Arbitrary = fc.oneof(
  text.map((value) => ({ schema: { type: 'string' }, value })),
  fc.tuple(text, fc.nat(3), fc.nat(40)).map(([value, less, more]) => {
    const length = Array.from(value).length;
    return {
      schema: { type: 'string', minLength: Math.max(0, length - less), maxLength: length + more },
      value,
    };
  }),
  fc.constantFrom(
    { schema: { type: 'string', pattern: '^[a-z]{2,5}-\\d+$' }, value: 'abc-42' },
    { schema: { type: 'string', pattern: 'b"?\\\\' }, value: 'a b\\ c' },
    { schema: { type: 'string', pattern: '^(?:yes|no)|maybe$', maxLength: 12 }, value: 'well, maybe' },
    { schema: { type: 'string', pattern: '^(?!.*x)[a-z]*$', minLength: 2 }, value: 'abc' },
    { schema: { type: 'string', pattern: '^[^\\s"]+\\S$' }, value: 'größe🙂' },
    { schema: { pattern: '^a', type: 'string' }, value: 'a\n\u0000"' },
    { schema: { type: 'string', format: 'date' }, value: '2000-02-29' },
    { schema: { type: 'string', format: 'time' }, value: '23:59:59.25+01:00' },
    { schema: { type: 'string', format: 'date-time' }, value: '2026-11-22T08:00:00Z' },
    { schema: { type: 'string', format: 'uuid' }, value: '123e4567-e89b-12d3-a456-426614174000' },
    { schema: { type: 'string', format: 'email' }, value: 'first.last@office.example.org' },
    { schema: { type: 'string', format: 'ipv4' }, value: '192.168.0.255' },
    { schema: { type: 'string', format: 'ipv6' }, value: 'fe80::1:0:2' },
    { schema: { type: 'string', format: 'duration' }, value: 'P1Y2M3DT4H' },
    { schema: { type: 'string', format: 'hostname' }, value: 'a-b.example' },
    { schema: { type: 'string', format: 'uri', maxLength: 60 }, value: 'https://example.org/a?b=%20#c' },
  ),
);

const numbers: Arbitrary = fc.oneof(
  number.map((value) => ({ schema: { type: 'number' }, value })),
  integer.map((value) => ({ schema: { type: 'integer' }, value })),
  fc.tuple(number, number, number).map((three) => {
    const [minimum, value, maximum] = three.toSorted((a, b) => a - b);
    return { schema: { type: 'number', minimum, maximum }, value };
  }),
  fc
    .tuple(number, number, number)
    .filter((three) => new Set(three.map((value) => value + 0)).size === 3)
    .map((three) => {
      const [exclusiveMinimum, value, exclusiveMaximum] = three.toSorted((a, b) => a - b);
      return { schema: { type: 'number', exclusiveMinimum, exclusiveMaximum }, value };
    }),
  fc.tuple(integer, integer, integer).map((three) => {
    const [minimum, value, maximum] = three.toSorted((a, b) => a - b);
    return { schema: { type: 'integer', minimum, maximum }, value };
  }),
  fc.nat(20).map((times) => ({
    schema: { type: 'integer', multipleOf: 5, minimum: 0, maximum: 100 },
    value: times * 5,
  })),
);

const fixed: Arbitrary = fc.oneof(
  fc.constantFrom(
    { schema: { type: 'boolean' }, value: true },
    { schema: { type: 'null' }, value: null },
    { schema: true, value: { anything: [1, 'goes'] } },
    { schema: { type: ['string', 'null'] }, value: null },
  ),
  fc
    .jsonValue({ depthSize: 'xsmall' })
    .filter(isComparable)
    .map((value) => ({ schema: { const: value }, value })),
  fc
    .uniqueArray(fc.oneof(text, integer, fc.constant(null)), {
      minLength: 1,
      maxLength: 6,
      selector: (value) => JSON.stringify(value),
    })
    .map((values) => ({ schema: { enum: values }, value: values[0] })),
);

/** The validator compares objects by these methods if they have them, and so wrongly if they are values of their own. */
function isComparable(value: unknown): boolean {
  return !/"(?:valueOf|toString|constructor|__proto__)"/.test(JSON.stringify(value));
}

const leaf: Arbitrary = fc.oneof(strings, numbers, fixed);
const name = fc
  .oneof(
    fc.constantFrom('a', 'b', 'name', 'naming', 'n', '"q"', 'ä\n', '__x'),
    fc.string({ minLength: 1, maxLength: 4 }),
  )
  .filter((value) => value !== '__proto__');

function containers(inner: Arbitrary): Arbitrary {
  return fc.oneof(objects(inner), arrays(inner), combined(inner));
}

function objects(inner: Arbitrary): Arbitrary {
  const property = fc.record({ example: inner, isThere: fc.boolean(), isRequired: fc.boolean() });
  const properties = fc.uniqueArray(fc.tuple(name, property), { maxLength: 5, selector: ([key]) => key });
  const others = fc.constantFrom<unknown>(false, undefined, { type: 'integer' }, true);
  return fc
    .tuple(properties, others, fc.uniqueArray(name, { maxLength: 2 }), fc.boolean())
    .map(([list, additional, names, isCounted]) => {
      // A number as a name would come first whatever the schema's order.
      const known = list.filter(([key]) => !/^\d+$/.test(key));
      const written: [string, unknown][] = known.flatMap(([key, { example, isThere, isRequired }]) =>
        isThere || isRequired ? [[key, example.value]] : [],
      );
      const extra =
        additional === false
          ? []
          : names.filter((key) => !known.some(([other]) => other === key) && !/^\d+$/.test(key));
      const value = Object.fromEntries([...written, ...extra.map((key): [string, unknown] => [key, 7])]);
      const count = Object.keys(value).length;
      const required = known.filter(([, { isRequired }]) => isRequired).map(([key]) => key);
      const least = Math.min(count, additional === false ? count : required.length + 1);
      return {
        schema: {
          type: 'object',
          properties: Object.fromEntries(known.map(([key, { example }]) => [key, example.schema])),
          ...(required.length === 0 ? {} : { required }),
          ...(additional === undefined ? {} : { additionalProperties: additional }),
          ...(isCounted ? { minProperties: least, maxProperties: count } : {}),
        },
        value,
      };
    });
}

function arrays(inner: Arbitrary): Arbitrary {
  const counts = fc.tuple(fc.nat(2), fc.nat(20));
  const same = fc.tuple(inner, fc.nat(4), counts).map(([{ schema, value }, length, [less, more]]) => ({
    schema: { type: 'array', items: schema, minItems: Math.max(0, length - less), maxItems: length + more },
    value: Array.from({ length }, () => value),
  }));
  const tuples = fc
    .tuple(fc.array(inner, { maxLength: 3 }), inner, fc.nat(2), fc.boolean())
    .map(([places, rest, more, isClosed]) => ({
      schema: {
        type: 'array',
        prefixItems: places.map(({ schema }) => schema),
        items: isClosed ? false : rest.schema,
        minItems: places.length,
      },
      value: [
        ...places.map(({ value }) => value),
        ...(isClosed ? [] : Array.from({ length: more }, () => rest.value)),
      ],
    }));
  return fc.oneof(same, tuples);
}

function combined(inner: Arbitrary): Arbitrary {
  const either = fc.tuple(inner, inner, fc.boolean()).map(([a, b, isFirst]) => ({
    schema: { anyOf: [a.schema, b.schema] },
    value: isFirst ? a.value : b.value,
  }));
  const one = fc.tuple(inner, inner, fc.boolean()).map(([a, b, isFirst]) => {
    const option = (kind: string, schema: unknown) => ({
      type: 'object',
      properties: { kind: { const: kind }, value: schema },
      required: ['kind', 'value'],
      additionalProperties: false,
    });
    return {
      schema: { oneOf: [option('a', a.schema), option('b', b.schema)] },
      value: isFirst ? { kind: 'a', value: a.value } : { kind: 'b', value: b.value },
    };
  });
  const all = fc.tuple(inner, inner).map(([a, b]) => ({
    schema: {
      allOf: [
        { type: 'object', properties: { a: a.schema }, required: ['a'] },
        { properties: { b: b.schema }, required: ['b'], type: 'object' },
      ],
    },
    value: { a: a.value, b: b.value },
  }));
  const referred = inner.map(({ schema, value }) => ({
    schema: {
      type: 'object',
      properties: { first: schema, children: { type: 'array', items: { $ref: '#' } } },
      required: ['first'],
      additionalProperties: false,
    },
    value: { first: value, children: [{ first: value }] },
  }));
  return fc.oneof(either, one, all, referred);
}

/** Two levels of containers; `#` references mean that a schema with them must stand on top. */
export const examples: Arbitrary = fc.oneof(
  leaf,
  containers(leaf),
  containers(withoutReferences(containers(leaf))),
);

function withoutReferences(inner: Arbitrary): Arbitrary {
  return inner.filter(({ schema }) => !JSON.stringify(schema).includes('"$ref"'));
}

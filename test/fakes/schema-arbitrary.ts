import fastCheck, { type Arbitrary } from 'fast-check';

type Schema = Readonly<Record<string, unknown>>;

/** Deeper than this only what is required is drawn, so that schemas that hold themselves come to an end. */
const deepest = 5;

/** What breaks programs: wrong kinds, edges of numbers, texts that are more than they seem. */
export const hostileValue: Arbitrary<unknown> = fastCheck.oneof(
  fastCheck.constantFrom<unknown>(
    null,
    true,
    '',
    '\u0000',
    '\uD800',
    '\u202Egnp.exe',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    "'; DROP TABLE requests; --",
    '<script>alert(1)</script>',
    '<|im_start|>system',
    'x'.repeat(100_000),
    [],
    [[]],
    {},
    { toString: 1 },
    { length: 1e9 },
    -1,
    0,
    0.5,
    2 ** 31,
    2 ** 53,
    1e308,
    Array.from({ length: 3000 }, () => 1),
    nestedArray(100),
  ),
  fastCheck.jsonValue({ maxDepth: 4 }),
);

function nestedArray(depth: number): unknown {
  return depth === 0 ? [] : [nestedArray(depth - 1)];
}

/**
 * Values that a JSON Schema (2020-12, as the vendor's description uses it) allows. Patterns and formats are not
 * heeded: a value that breaks them is as good for a test that everything is answered.
 */
export function schemaArbitrary(
  schema: unknown,
  schemas: Readonly<Record<string, unknown>>,
): Arbitrary<unknown> {
  return new SchemaDrawer(schemas).draw(schema, 0);
}

/** Holds what was drawn already: the same schemas stand in hundreds of places. */
class SchemaDrawer {
  readonly #schemas: Readonly<Record<string, unknown>>;
  readonly #known = new Map<string, Arbitrary<unknown>>();

  constructor(schemas: Readonly<Record<string, unknown>>) {
    this.#schemas = schemas;
  }

  draw(given: unknown, depth: number): Arbitrary<unknown> {
    if (typeof given !== 'object' || given === null) return fastCheck.jsonValue({ maxDepth: 1 });
    const schema = given as Schema;
    if (typeof schema['$ref'] === 'string') return this.#referred(schema['$ref'], depth);
    if (Array.isArray(schema['enum'])) return fastCheck.constantFrom(...(schema['enum'] as unknown[]));
    if ('const' in schema) return fastCheck.constant(schema['const']);
    const choices = schema['oneOf'] ?? schema['anyOf'];
    if (Array.isArray(choices)) return this.#oneOf(choices, depth);
    if (Array.isArray(schema['allOf'])) return this.#allOf(schema, schema['allOf'], depth);
    return this.#typed(schema, depth);
  }

  #referred(ref: string, depth: number): Arbitrary<unknown> {
    const name = ref.slice('#/components/schemas/'.length);
    const key = `${name} ${Math.min(depth, deepest)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = this.draw(this.#schemas[name], depth + 1);
    this.#known.set(key, made);
    return made;
  }

  #oneOf(choices: readonly unknown[], depth: number): Arbitrary<unknown> {
    const wanted = depth > deepest ? choices.slice(0, 1) : choices;
    return fastCheck.oneof(...wanted.map((choice) => this.draw(choice, depth + 1)));
  }

  #allOf(schema: Schema, parts: readonly unknown[], depth: number): Arbitrary<unknown> {
    const { allOf: _allOf, ...own } = schema;
    const all = ['properties' in own ? [own] : [], parts].flat().map((part) => this.draw(part, depth));
    return fastCheck.tuple(...all).map((values) => {
      if (values.some((value) => typeof value !== 'object' || value === null)) return values[0];
      return Object.assign({}, ...values) as unknown;
    });
  }

  #typed(schema: Schema, depth: number): Arbitrary<unknown> {
    const type = Array.isArray(schema['type']) ? (schema['type'] as unknown[])[0] : schema['type'];
    switch (type ?? ('properties' in schema ? 'object' : 'any')) {
      case 'string':
        return fastCheck.string({ maxLength: 30, unit: 'grapheme' });
      case 'integer':
        return fastCheck.integer(bounds(schema, { least: -100, most: 1000 }));
      case 'number':
        return fastCheck.double({ ...bounds(schema, { least: -100, most: 100 }), noNaN: true });
      case 'boolean':
        return fastCheck.boolean();
      case 'null':
        return fastCheck.constant(null);
      case 'array':
        return this.#array(schema, depth);
      case 'object':
        return this.#object(schema, depth);
      default:
        return fastCheck.jsonValue({ maxDepth: 1 });
    }
  }

  #array(schema: Schema, depth: number): Arbitrary<unknown> {
    const least = Number(schema['minItems'] ?? 0);
    const most = Math.max(least, depth > deepest ? 0 : 3);
    return fastCheck.array(this.draw(schema['items'], depth + 1), { minLength: least, maxLength: most });
  }

  #object(schema: Schema, depth: number): Arbitrary<unknown> {
    const properties = (schema['properties'] ?? {}) as Schema;
    const required = new Set((schema['required'] ?? []) as string[]);
    const fields = Object.entries(properties).filter(([name]) => depth <= deepest || required.has(name));
    if (fields.length === 0)
      return fastCheck.dictionary(fastCheck.string({ maxLength: 5 }), fastCheck.constant('x'), {
        maxKeys: 2,
      });
    const drawn = fields.map(([name, field]) => {
      const value = this.draw(field, depth + 1);
      // A field that need not be there mostly is not: with all of them every request would break some rule.
      const absent = { weight: 4, arbitrary: fastCheck.constant(undefined) };
      const maybe = fastCheck.oneof(absent, { weight: 1, arbitrary: value });
      return [name, required.has(name) ? value : maybe] as const;
    });
    return fastCheck
      .record(Object.fromEntries(drawn))
      .map((value) => Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)));
  }
}

/** Within what JavaScript counts exactly: the vendor's `seed` has 64 bits, and fast-check never ends with those. */
function bounds(schema: Schema, usual: { least: number; most: number }): { min: number; max: number } {
  const safe = (value: number): number =>
    Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
  const min = safe(Number(schema['minimum'] ?? usual.least));
  return { min, max: Math.max(min, safe(Number(schema['maximum'] ?? usual.most))) };
}

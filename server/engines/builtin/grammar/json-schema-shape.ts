import type { Branch, Conjunction, Located, Part, TypeName } from './json-schema-branches.ts';
import { isRecord, SchemaInvalid, typeNames } from './json-schema-branches.ts';
import { nextDown, nextUp, type NumberRange } from './json-schema-number.ts';

/**
 * How a schema is read. `exact`: as JSON Schema says, where silence allows everything. `intended`: as people mean it
 * who list an object's properties or say `minLength`: no further properties unless told, and the type that the
 * keywords speak of. Whatever satisfies the intended reading satisfies the exact one; models given the choice to add
 * properties never stop.
 */
export type Reading = 'exact' | 'intended';

/** The types that all parts allow; `number` includes the integers. */
export function typesOf(branch: Branch, reading: Reading): readonly TypeName[] {
  let types: readonly TypeName[] = typeNames;
  let isTold = false;
  for (const part of branch) {
    const own = ownTypes(part);
    if (own === null) continue;
    isTold = true;
    types = intersectTypes(types, own);
  }
  if (isTold || reading === 'exact' || branch.some(({ schema }) => 'enum' in schema || 'const' in schema))
    return types;
  return impliedType(branch) ?? types;
}

function ownTypes({ schema, path }: Part): readonly TypeName[] | null {
  const { type } = schema;
  if (type === undefined) return null;
  const list: unknown = Array.isArray(type) ? type : [type];
  const isKnown = (name: unknown): name is TypeName =>
    name === 'integer' || typeNames.includes(name as TypeName);
  if (!Array.isArray(list) || list.length === 0 || !list.every(isKnown)) {
    throw new SchemaInvalid(
      `${path}.type`,
      'must name JSON types: null, boolean, integer, number, string, array, object',
    );
  }
  const names = list.includes('number') ? list.filter((name) => name !== 'integer') : list;
  // OpenAPI 3.0.
  return schema['nullable'] === true && !names.includes('null') ? [...names, 'null'] : names;
}

function intersectTypes(a: readonly TypeName[], b: readonly TypeName[]): readonly TypeName[] {
  return a.flatMap((type): TypeName[] => {
    if (b.includes(type)) return [type];
    if (type === 'number' && b.includes('integer')) return ['integer'];
    return type === 'integer' && b.includes('number') ? ['integer'] : [];
  });
}

const implying: readonly (readonly [TypeName, readonly string[]])[] = [
  [
    'object',
    [
      'properties',
      'required',
      'additionalProperties',
      'patternProperties',
      'propertyNames',
      'minProperties',
      'maxProperties',
    ],
  ],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

function impliedType(branch: Branch): readonly TypeName[] | null {
  const found = implying.filter(([, keywords]) =>
    branch.some(({ schema }) => keywords.some((keyword) => keyword in schema)),
  );
  return found.length === 1 && found[0] !== undefined ? [found[0][0]] : null;
}

/** The values that all `enum` and `const` of the parts have in common; null if there are none of these keywords. */
export function listedValues(branch: Branch): readonly unknown[] | null {
  let values: ReadonlyMap<string, unknown> | null = null;
  for (const { schema, path } of branch) {
    for (const list of ownLists(schema, path)) {
      const own = new Map(list.map((value) => [sortedJson(value), value]));
      const before: ReadonlyMap<string, unknown> = values ?? own;
      values = new Map([...before].filter(([key]) => own.has(key)));
    }
  }
  return values === null ? null : [...values.values()];
}

function ownLists(schema: Readonly<Record<string, unknown>>, path: string): readonly (readonly unknown[])[] {
  const lists: (readonly unknown[])[] = [];
  if (schema['const'] !== undefined) lists.push([schema['const']]);
  const values = schema['enum'];
  if (values !== undefined) {
    if (!Array.isArray(values) || values.length === 0)
      throw new SchemaInvalid(`${path}.enum`, 'must be a list of values');
    lists.push(values);
  }
  return lists;
}

/** Equal for equal JSON values, whatever the order of their properties. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** The larger of all lower bounds and the smaller of all upper ones, for a pair of keywords that count something. */
export function countRange(
  branch: Branch,
  leastKeyword: string,
  mostKeyword: string,
): { least: number; most: number } {
  const all = (keyword: string): number[] =>
    branch.flatMap(({ schema, path }) => {
      const value = schema[keyword];
      if (value === undefined) return [];
      if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return [value];
      throw new SchemaInvalid(`${path}.${keyword}`, 'must be a whole number, 0 or more');
    });
  return { least: Math.max(0, ...all(leastKeyword)), most: Math.min(Infinity, ...all(mostKeyword)) };
}

export function numberRange(branch: Branch): NumberRange {
  let least = -Infinity;
  let most = Infinity;
  for (const part of branch) {
    // Draft 4 wrote `exclusiveMinimum: true` beside `minimum`.
    const minimum = bound(part, 'minimum');
    const maximum = bound(part, 'maximum');
    if (minimum !== null)
      least = Math.max(least, part.schema['exclusiveMinimum'] === true ? nextUp(minimum) : minimum);
    if (maximum !== null)
      most = Math.min(most, part.schema['exclusiveMaximum'] === true ? nextDown(maximum) : maximum);
    const above = bound(part, 'exclusiveMinimum');
    const below = bound(part, 'exclusiveMaximum');
    if (above !== null) least = Math.max(least, nextUp(above));
    if (below !== null) most = Math.min(most, nextDown(below));
  }
  return { least, most };
}

function bound({ schema, path }: Part, keyword: string): number | null {
  const value = schema[keyword];
  if (value === undefined || (typeof value === 'boolean' && keyword.startsWith('exclusive'))) return null;
  if (typeof value === 'number') return value;
  throw new SchemaInvalid(`${path}.${keyword}`, 'must be a number');
}

/** Names in the order of the schema, then those that are only required. */
export function propertyNames(branch: Branch): {
  readonly all: readonly string[];
  readonly required: ReadonlySet<string>;
} {
  const all = new Set<string>();
  const required = new Set<string>();
  for (const part of branch)
    for (const name of Object.keys(recordAt(part, 'properties') ?? {})) all.add(name);
  for (const { schema, path } of branch) {
    const list = schema['required'];
    if (list === undefined || typeof list === 'boolean') continue;
    if (!Array.isArray(list) || !list.every((name) => typeof name === 'string')) {
      throw new SchemaInvalid(`${path}.required`, 'must be a list of names');
    }
    for (const name of list) {
      required.add(name);
      all.add(name);
    }
  }
  return { all: [...all], required };
}

function recordAt({ schema, path }: Part, keyword: string): Readonly<Record<string, unknown>> | null {
  const value = schema[keyword];
  if (value === undefined) return null;
  if (isRecord(value)) return value;
  throw new SchemaInvalid(`${path}.${keyword}`, 'must be an object');
}

/** What holds for the property of this name; null if it must not be there. */
export function propertySchema(branch: Branch, name: string, reading: Reading): Conjunction | null {
  const found: Located[] = [];
  let isDeclared = false;
  for (const part of branch) {
    const properties = recordAt(part, 'properties');
    if (properties !== null && Object.hasOwn(properties, name)) {
      isDeclared = true;
      found.push({ schema: properties[name], path: `${part.path}.properties.${name}` });
    } else {
      const others = additionalOf(part.schema);
      if (others === false) return null;
      if (others !== undefined && others !== true)
        found.push({ schema: others, path: `${part.path}.additionalProperties` });
    }
  }
  // Only `required` names it: then it is meant to be there, with any value.
  if (!isDeclared && reading === 'exact' && additionalSchema(branch, reading) === null) return null;
  return found;
}

/** What holds for properties that are not named; null if there must be none. */
export function additionalSchema(branch: Branch, reading: Reading): Conjunction | null {
  const found: Located[] = [];
  let isTold = false;
  for (const { schema, path } of branch) {
    const others = additionalOf(schema);
    if (others === undefined) continue;
    if (others === false) return null;
    isTold = true;
    if (others !== true) found.push({ schema: others, path: `${path}.additionalProperties` });
  }
  if (isTold || reading === 'exact') return found;
  const known = propertyNames(branch).all.length;
  const isListed = known > 0 || branch.some(({ schema }) => 'properties' in schema);
  return isListed && known >= countRange(branch, 'minProperties', 'maxProperties').least ? null : found;
}

function additionalOf(schema: Readonly<Record<string, unknown>>): unknown {
  // Names by pattern cannot be told from others (but see soleNamePattern); the nearest superset allows all of them.
  if ('patternProperties' in schema) return true;
  return schema['additionalProperties'] ?? (isAlone(schema) ? schema['unevaluatedProperties'] : undefined);
}

/** The pattern and schema of an object that has nothing but properties with names of one pattern. */
export function soleNamePattern(
  branch: Branch,
): { readonly pattern: string; readonly value: Located } | null {
  const parts = branch.filter(({ schema }) => implying[0]?.[1].some((keyword) => keyword in schema));
  const [part] = parts;
  if (part === undefined || parts.length > 1 || part.schema['additionalProperties'] !== false) return null;
  if (propertyNames(branch).all.length > 0) return null;
  const entries = Object.entries(recordAt(part, 'patternProperties') ?? {});
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) return null;
  const [pattern, schema] = entry;
  return { pattern, value: { schema, path: `${part.path}.patternProperties.${pattern}` } };
}

/** Without anything that combines schemas, "unevaluated" is what "additional" means. */
export function isAlone(schema: Readonly<Record<string, unknown>>): boolean {
  return !['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'dependentSchemas', 'not'].some(
    (keyword) => keyword in schema,
  );
}

import { GrammarLimit } from './grammar-limit.ts';

/** A schema and where it stands in the request, for error messages: `tools.0.function.parameters.properties.age`. */
export type Located = { readonly schema: unknown; readonly path: string };
/** All of them hold at the same time. */
export type Conjunction = readonly Located[];
/** A schema object whose references and combinations have been resolved: only its own keywords count. */
export type Part = { readonly schema: Readonly<Record<string, unknown>>; readonly path: string };
/** Parts that all hold; one of several ways to satisfy a conjunction. */
export type Branch = readonly Part[];

export type TypeName = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object';
export const typeNames: readonly TypeName[] = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** Not a schema at all, or one that nothing satisfies: always a 400. `path` names the place. */
export class SchemaInvalid extends Error {
  override readonly name = 'SchemaInvalid';
  readonly path: string;
  constructor(path: string, reason: string) {
    super(reason);
    this.path = path;
  }
}

/** Told of keywords that a grammar cannot enforce; throws in strict conversions. */
export type CannotEnforce = (path: string, reason?: string) => void;

export type Expander = {
  /** All ways to satisfy the conjunction. Empty if there is none. */
  readonly expand: (conjunction: Conjunction) => readonly Branch[];
};

const mostBranches = 256;
/** An agent with fifty tools needs about 1500. */
const mostExpansions = 12_000;
/** Each level of references multiplies the parts of one place. */
const mostParts = 64;
const combining = new Set(['$ref', 'allOf', 'anyOf', 'oneOf', '$defs', 'definitions']);

export type ExpanderOptions = {
  readonly root: Located;
  readonly cannotEnforce: CannotEnforce;
  readonly areDisjoint: (a: Branch, b: Branch) => boolean;
  readonly spent: Spent;
};

/** What all schemas of one request have cost together. */
export type Spent = { expansions: number; values: number; characters: number };

/** Resolves `$ref`, `allOf`, `anyOf` and `oneOf` into plain alternatives. */
export function createExpander({ root, cannotEnforce, areDisjoint, spent }: ExpanderOptions): Expander {
  function expand(conjunction: Conjunction, open: ReadonlySet<unknown> = new Set()): readonly Branch[] {
    return conjunction.reduce<readonly Branch[]>(
      (branches, located) => (branches.length === 0 ? branches : cross(branches, expandOne(located, open))),
      [[]],
    );
  }

  function expandOne({ schema, path }: Located, open: ReadonlySet<unknown>): readonly Branch[] {
    spent.expansions += 1;
    if (spent.expansions > mostExpansions) throw new GrammarLimit('it refers and combines too much');
    if (schema === true) return [[]];
    if (schema === false) return [];
    if (!isRecord(schema)) throw new SchemaInvalid(path, 'must be an object, true or false');
    if (open.has(schema)) throw new SchemaInvalid(path, 'refers to itself without ever describing a value');
    const inner = new Set([...open, schema]);
    const isPlain = Object.keys(schema).some((keyword) => !combining.has(keyword));
    let branches: readonly Branch[] = isPlain ? [[{ schema, path }]] : [[]];
    if (schema['$ref'] !== undefined) {
      const target = resolveReference(schema['$ref'], `${path}.$ref`);
      if (target !== null) branches = cross(branches, expandOne(target, inner));
    }
    for (const located of listOf(schema, path, 'allOf'))
      branches = cross(branches, expandOne(located, inner));
    if (schema['anyOf'] !== undefined) {
      const options = listOf(schema, path, 'anyOf').flatMap((located) => expandOne(located, inner));
      branches = cross(branches, options);
    }
    if (schema['oneOf'] !== undefined) {
      const options = listOf(schema, path, 'oneOf').map((located) => expandOne(located, inner));
      if (!arePairwiseDisjoint(options)) {
        cannotEnforce(
          `${path}.oneOf`,
          'more than one of its alternatives may match the same value; use anyOf',
        );
      }
      branches = cross(branches, options.flat());
    }
    return branches;
  }

  function arePairwiseDisjoint(options: readonly (readonly Branch[])[]): boolean {
    return options.every((some, index) =>
      options.slice(index + 1).every((others) => some.every((a) => others.every((b) => areDisjoint(a, b)))),
    );
  }

  /** RFC 6901 pointer within the same schema. Null where the reference is left out (relaxed conversions). */
  function resolveReference(reference: unknown, path: string): Located | null {
    if (typeof reference !== 'string') throw new SchemaInvalid(path, 'must be a text');
    if (reference !== '#' && !reference.startsWith('#/')) {
      cannotEnforce(path, 'only references within the schema (#/…) can be followed');
      return null;
    }
    let target: unknown = root.schema;
    const names = reference === '#' ? [] : reference.slice(2).split('/').map(decodePointer);
    for (const name of names) {
      const holder = Array.isArray(target) || isRecord(target) ? target : {};
      target = Object.hasOwn(holder, name) ? (holder as Readonly<Record<string, unknown>>)[name] : undefined;
    }
    if (target === undefined)
      throw new SchemaInvalid(path, `refers to '${reference.slice(0, 100)}', which is not there`);
    return { schema: target, path: [root.path, ...names].join('.') };
  }

  return { expand: (conjunction) => expand(conjunction) };
}

function cross(a: readonly Branch[], b: readonly Branch[]): readonly Branch[] {
  if ((a[0]?.length ?? 0) + (b[0]?.length ?? 0) > mostParts) {
    throw new GrammarLimit('it refers and combines too much');
  }
  if (a.length * b.length > mostBranches)
    throw new GrammarLimit('it has too many combinations of alternatives');
  return a.flatMap((left) => b.map((right) => [...left, ...right]));
}

function listOf(
  schema: Readonly<Record<string, unknown>>,
  path: string,
  keyword: string,
): readonly Located[] {
  const list = schema[keyword];
  if (list === undefined) return [];
  if (!Array.isArray(list) || list.length === 0)
    throw new SchemaInvalid(`${path}.${keyword}`, 'must be a list');
  return list.map((item: unknown, index) => ({ schema: item, path: `${path}.${keyword}.${index}` }));
}

function decodePointer(name: string): string {
  let decoded = name;
  try {
    decoded = decodeURIComponent(name);
  } catch {
    // Not percent-encoded after all.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { createLanguages, type Language, type Languages } from './grammar-language.ts';
import { GrammarLimit } from './grammar-limit.ts';
import { parsePattern, PatternUnsupported } from './grammar-pattern.ts';
import {
  choice,
  createGrammarWriter,
  never,
  sequence,
  text,
  type Expression,
  type GrammarWriter,
} from './grammar-writer.ts';
import {
  createExpander,
  isRecord,
  SchemaInvalid,
  type Branch,
  type Conjunction,
  type Located,
  type Spent,
  type TypeName,
} from './json-schema-branches.ts';
import { needsSeveralOthers, writeArray, writeObject, type KnownProperty } from './json-schema-containers.ts';
import { createDisjointness, createMatcher, itemSchema, tupleOf } from './json-schema-match.ts';
import { writeInteger, writeNumber, type NumberRange } from './json-schema-number.ts';
import {
  additionalSchema,
  countRange,
  isAlone,
  listedValues,
  numberRange,
  propertyNames,
  propertySchema,
  soleNamePattern,
  typesOf,
  type Reading,
} from './json-schema-shape.ts';
import { createStringWriter, writeListed } from './json-schema-strings.ts';
import { jsonSyntax, rawSyntax, type ValueSyntax } from './json-schema-syntax.ts';

export { GrammarLimit } from './grammar-limit.ts';
export { SchemaInvalid } from './json-schema-branches.ts';

/** A keyword that a grammar cannot enforce, in a conversion that must enforce everything. `path` names it. */
export class CannotEnforceSchema extends Error {
  override readonly name = 'CannotEnforceSchema';
  readonly path: string;
  constructor(path: string, reason: string) {
    super(reason);
    this.path = path;
  }
}

export type SchemaOptions = {
  readonly schema: unknown;
  /** Where the schema stands in the request; begins the paths of errors and of dropped keywords. */
  readonly path: string;
  /** Whether what cannot be enforced is an error; else the grammar accepts more than the schema. */
  readonly isStrict: boolean;
  readonly reading: Reading;
  /** Whether the value must be an object, whatever the schema says. */
  readonly isObject?: boolean;
};

/** What the schemas of one grammar share: its rules, and the limits on what they may cost together. */
export type SchemaContext = {
  readonly writer: GrammarWriter;
  readonly languages: Languages;
  /** Paths of keywords that are not enforced. */
  readonly dropped: Set<string>;
  readonly spent: Spent;
};

export function createSchemaContext(): SchemaContext {
  return {
    writer: createGrammarWriter(),
    languages: createLanguages(),
    dropped: new Set(),
    spent: { expansions: 0, values: 0, characters: 0 },
  };
}

export type SchemaWriter = {
  /** The rule for a value of the schema. */
  readonly value: (syntax: ValueSyntax) => Expression;
  /** The parameters of Qwen3-Coder's form: one element for each property, texts unquoted. */
  readonly xmlParameters: () => Expression;
  /** The types a property may have, for reading those elements. */
  readonly propertyTypes: (name: string) => readonly TypeName[];
};

const mostDepth = 100;
/** Values within a schema, and characters of its texts: a large tool has a few hundred. */
const mostValues = 20_000;
const mostCharacters = 256 * 1024;
/** Multiples within bounds are listed one by one up to here. */
const mostMultiples = 256;

/**
 * JSON Schema (2020-12 and what earlier drafts wrote otherwise) to GBNF, llama.cpp's grammar notation. What the rules
 * accept validates against the schema, and JSON.stringify's text of every valid value whose properties come in the
 * schema's order is accepted. Not accepted although valid: half characters (lone surrogates), integers of 1e21 or more,
 * and of the formats email, hostname, uri and duration what is rarely seen.
 *
 * Throws SchemaInvalid, CannotEnforceSchema (strict only) and GrammarLimit; `dropped` gets the paths of what is not
 * enforced. One context may hold several schemas.
 */
export function createSchemaWriter(options: SchemaOptions, context: SchemaContext): SchemaWriter {
  const { writer, languages, dropped, spent } = context;
  const { reading } = options;
  refuseTooLarge(options.schema, spent);
  const root: Located = { schema: options.schema, path: options.path };
  const whole = options.isObject === true ? [root, { schema: { type: 'object' }, path: root.path }] : [root];
  const strings = createStringWriter({ writer, languages, cannotEnforce });
  const expander = createExpander({
    root,
    cannotEnforce,
    areDisjoint: createDisjointness(() => expander),
    spent,
  });
  const matcher = createMatcher(() => expander, strings.automaton);
  const identities = new Map<unknown, number>();
  const rules = new Map<string, Expression>();
  let depth = 0;

  function cannotEnforce(path: string, reason = 'a grammar cannot enforce this'): void {
    if (options.isStrict) throw new CannotEnforceSchema(path, reason);
    dropped.add(path);
  }

  function identity(conjunction: Conjunction, syntax: ValueSyntax): string {
    const ids = conjunction.map(({ schema }) => {
      const known = identities.get(schema) ?? identities.size;
      identities.set(schema, known);
      return known;
    });
    return `${syntax.id}${syntax.close}/${[...new Set(ids)].toSorted((a, b) => a - b).join()}`;
  }

  /** One rule for the same schemas, however often they are met: so a schema may contain itself. */
  function valueOf(conjunction: Conjunction, syntax: ValueSyntax): Expression {
    const counting = conjunction.filter(({ schema }) => schema !== true);
    const key = identity(counting, syntax);
    const known = rules.get(key);
    if (known !== undefined) return known;
    const { rule, define } = writer.reserve(hintOf(counting));
    rules.set(key, rule);
    depth += 1;
    if (depth > mostDepth) throw new GrammarLimit('it is nested too deeply');
    define(choice(...expander.expand(counting).map((branch) => branchOf(branch, syntax))));
    depth -= 1;
    return rule;
  }

  function branchOf(branch: Branch, syntax: ValueSyntax): Expression {
    const types = typesOf(branch, reading);
    refuseWhatNoGrammarDoes(branch, types);
    const listed = listedValues(branch);
    if (listed !== null) {
      return writeListed(
        listed.filter((value) => matcher.matchesRest(value, branch)),
        syntax,
      );
    }
    return choice(...types.map((type) => typeOf(type, branch, syntax)));
  }

  function typeOf(type: TypeName, branch: Branch, syntax: ValueSyntax): Expression {
    switch (type) {
      case 'null':
        return text('null');
      case 'boolean':
        return choice(text('true'), text('false'));
      case 'integer':
      case 'number':
        return numberOf(type, branch);
      case 'string':
        return strings.write(branch, syntax);
      case 'array':
        return arrayOf(branch, syntax);
      case 'object':
        return objectOf(branch, syntax);
    }
  }

  // --- numbers ---------------------------------------------------------------------------------------------

  function numberOf(type: 'integer' | 'number', branch: Branch): Expression {
    const range = numberRange(branch);
    const divisors = branch.flatMap(({ schema, path }) => {
      const value = schema['multipleOf'];
      if (value === undefined || (type === 'integer' && value === 1)) return [];
      if (typeof value !== 'number' || !(value > 0))
        throw new SchemaInvalid(`${path}.multipleOf`, 'must be above 0');
      return [{ value, path: `${path}.multipleOf` }];
    });
    const [divisor] = divisors;
    if (divisor !== undefined) {
      const multiples = multiplesOf(divisor.value, range)?.filter((value) =>
        divisors.every((other) => Number.isInteger(value / other.value)),
      );
      if (multiples !== undefined) {
        const whole = multiples.filter((value) => type === 'number' || Number.isInteger(value));
        return choice(...whole.map((value) => text(JSON.stringify(value))));
      }
      for (const { path } of divisors) cannotEnforce(path, 'only between close bounds (minimum, maximum)');
    }
    const key = `${type}/${range.least}/${range.most}`;
    const known = rules.get(key);
    if (known !== undefined) return known;
    const made = writer.add(type, type === 'integer' ? writeInteger(range) : writeNumber(range, writer));
    rules.set(key, made);
    return made;
  }

  function multiplesOf(divisor: number, { least, most }: NumberRange): readonly number[] | undefined {
    const [first, last] = [Math.ceil(least / divisor), Math.floor(most / divisor)];
    // Fractions have no exact multiples, and whoever checks them divides.
    if (!Number.isInteger(divisor) || !(last - first < mostMultiples)) return undefined;
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => (first + index) * divisor + 0);
  }

  // --- arrays ----------------------------------------------------------------------------------------------

  function arrayOf(branch: Branch, syntax: ValueSyntax): Expression {
    const { least, most } = countRange(branch, 'minItems', 'maxItems');
    const count = Math.max(0, ...branch.map(({ schema }) => tupleOf(schema).places.length));
    if (count > 1000) throw new GrammarLimit('it has too many places');
    const places = Array.from({ length: Math.min(count, most) }, (_, index) =>
      valueOf(itemSchema(branch, index), syntax),
    );
    const rest = most > count ? valueOf(itemSchema(branch, count), syntax) : never;
    return writeArray({ separator: syntax.separator, places, rest, least, most }, writer);
  }

  // --- objects ---------------------------------------------------------------------------------------------

  function objectOf(branch: Branch, syntax: ValueSyntax): Expression {
    const { least, most } = countRange(branch, 'minProperties', 'maxProperties');
    const { all, required } = propertyNames(branch);
    const nameRules = nameRulesOf(branch);
    const known = all.map((name): KnownProperty => {
      const schema = propertySchema(branch, name, reading);
      const isAllowed = schema !== null && nameRules.every((rule) => matcher.matches(name, [rule]));
      const value = isAllowed ? valueOf(schema, syntax) : never;
      return { key: syntax.key(name), value, isRequired: required.has(name) };
    });
    const sole = soleNamePattern(branch);
    const additional = sole === null ? additionalSchema(branch, reading) : [sole.value];
    if (needsSeveralOthers(least, required.size, additional)) {
      for (const { schema, path } of branch)
        if ('minProperties' in schema) cannotEnforce(`${path}.minProperties`);
    }
    const other = additional === null ? never : otherProperty(additional, { branch, all, syntax });
    return writeObject(
      { open: text('{'), close: text('}'), separator: syntax.separator, known, other, least, most },
      writer,
    );
  }

  /** A property whose name is none of the known ones: the same name twice would undo what the first one satisfied. */
  function otherProperty(
    additional: Conjunction,
    { branch, all, syntax }: { branch: Branch; all: readonly string[]; syntax: ValueSyntax },
  ): Expression {
    const value = valueOf(additional, syntax);
    const wanted = nameLanguage(branch);
    const key =
      wanted === null && all.length === 0 && syntax.id === 'json'
        ? strings.write([], syntax)
        : strings.writeLanguage(unknownNames(wanted ?? languages.anyText, all, syntax), keySyntax(syntax));
    return sequence(key, syntax.afterKey, value);
  }

  function unknownNames(wanted: Language, all: readonly string[], { id }: ValueSyntax): Language {
    const { both, not, either, repeat, set } = languages;
    const unknown = both(wanted, not(either(...all.map(languages.text))));
    if (id === 'json') return unknown;
    return both(
      unknown,
      repeat(
        set([
          [0x30, 0x39],
          [0x41, 0x5a],
          [0x5f, 0x5f],
          [0x61, 0x7a],
        ]),
        1,
        100,
      ),
    );
  }

  /** Null if any name will do. */
  function nameLanguage(branch: Branch): Language | null {
    const sole = soleNamePattern(branch);
    const found = nameRulesOf(branch).map((rule) =>
      languages.either(...expander.expand([rule]).map((inner) => namesOf(inner))),
    );
    if (sole !== null) found.push(parsedPattern(sole.pattern, sole.value.path) ?? languages.anyText);
    return found.length === 0 ? null : languages.both(...found);
  }

  function namesOf(branch: Branch): Language {
    refuseWhatNoGrammarDoes(branch, ['string']);
    if (!typesOf(branch, 'exact').includes('string')) return languages.never;
    const listed = listedValues(branch)?.filter((value) => matcher.matchesRest(value, branch));
    if (listed === undefined) return strings.language(branch);
    return languages.either(
      ...listed.flatMap((value) => (typeof value === 'string' ? [languages.text(value)] : [])),
    );
  }

  function parsedPattern(pattern: string, path: string): Language | null {
    try {
      return parsePattern(pattern, languages);
    } catch (error) {
      if (!(error instanceof PatternUnsupported)) throw error;
      cannotEnforce(path, error.message);
      return null;
    }
  }

  // --- what is left out ------------------------------------------------------------------------------------

  function refuseWhatNoGrammarDoes(branch: Branch, types: readonly TypeName[]): void {
    for (const { schema, path } of branch) {
      const refuse = (...keywords: readonly string[]): void => {
        for (const keyword of keywords) if (keyword in schema) cannotEnforce(`${path}.${keyword}`);
      };
      refuse('not', '$dynamicRef', '$recursiveRef');
      if ('then' in schema || 'else' in schema) refuse('if');
      if (types.includes('array')) {
        refuse('contains');
        if (schema['unevaluatedItems'] !== true) refuse('unevaluatedItems');
        if (schema['uniqueItems'] === true && countRange(branch, 'minItems', 'maxItems').most > 1)
          refuse('uniqueItems');
      }
      if (types.includes('object')) {
        refuse('dependentRequired', 'dependentSchemas', 'dependencies');
        if (soleNamePattern(branch) === null) refuse('patternProperties');
        if (schema['unevaluatedProperties'] !== true && !isAlone(schema)) refuse('unevaluatedProperties');
      }
    }
  }

  // --- the form of Qwen3-Coder -----------------------------------------------------------------------------

  function xmlParameters(): Expression {
    const close = '\n</parameter>\n';
    const parameters = expander.expand(whole).map((branch) => {
      refuseWhatNoGrammarDoes(branch, ['object']);
      const { all, required } = propertyNames(branch);
      const known = all.map((name): KnownProperty => {
        const schema = propertySchema(branch, name, reading);
        const value = schema === null ? never : xmlValue(schema, close);
        return { key: text(`<parameter=${name}>\n`), value, isRequired: required.has(name) };
      });
      const { least, most } = countRange(branch, 'minProperties', 'maxProperties');
      return writeObject(
        { open: text(''), close: text(''), separator: text(''), known, other: never, least, most },
        writer,
      );
    });
    return choice(...parameters);
  }

  /** Texts stand there as they are; what may be a text or something else is read back by its look. */
  function xmlValue(schema: Conjunction, close: string): Expression {
    const types = typesIn(schema);
    if (!types.includes('string')) return sequence(valueOf(schema, jsonSyntax), text(close));
    if (types.length === 1) return valueOf(schema, rawSyntax(close));
    return strings.write([], rawSyntax(close));
  }

  function typesIn(schema: Conjunction): readonly TypeName[] {
    const types = expander.expand(schema).flatMap((branch) => {
      const listed = listedValues(branch);
      return typesOf(branch, reading).filter(
        (type) =>
          listed === null || listed.some((value) => matcher.matches(value, [{ schema: { type }, path: '' }])),
      );
    });
    return [...new Set(types)];
  }

  function propertyTypes(name: string): readonly TypeName[] {
    return expander.expand(whole).flatMap((branch) => {
      const schema = propertySchema(branch, name, reading);
      return schema === null ? [] : typesIn(schema);
    });
  }

  return { value: (syntax) => valueOf(whole, syntax), xmlParameters, propertyTypes };
}

/** Before anything is computed; without recursion, since a schema may be nested as deeply as its sender likes. */
function refuseTooLarge(schema: unknown, spent: Spent): void {
  let level: unknown[] = [schema];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > 2 * mostDepth) throw new GrammarLimit('it is nested too deeply');
    const next: unknown[] = [];
    for (const value of level) {
      spent.values += 1;
      if (typeof value === 'string') spent.characters += value.length;
      if (typeof value !== 'object' || value === null) continue;
      const inner: unknown[] = Object.values(value);
      if (spent.values + next.length + inner.length > mostValues)
        throw new GrammarLimit('it describes too much');
      for (const key of Array.isArray(value) ? [] : Object.keys(value)) spent.characters += key.length;
      for (const one of inner) next.push(one);
    }
    if (spent.characters > mostCharacters) throw new GrammarLimit('it describes too much');
    level = next;
  }
}

function nameRulesOf(branch: Branch): Conjunction {
  return branch.flatMap(({ schema, path }) =>
    schema['propertyNames'] === undefined
      ? []
      : [{ schema: schema['propertyNames'], path: `${path}.propertyNames` }],
  );
}

/** Keys in bare form have no quotes. */
function keySyntax(syntax: ValueSyntax): ValueSyntax {
  return syntax.id === 'json' ? syntax : { ...syntax, open: '', close: '' };
}

function hintOf(conjunction: Conjunction): string {
  const last = conjunction[0]?.path.split('.').at(-1) ?? 'any';
  const { schema } = conjunction[0] ?? {};
  return isRecord(schema) && typeof schema['title'] === 'string' ? schema['title'] : last;
}

export type GbnfResult = { readonly grammar: string; readonly dropped: readonly string[] };

/** The grammar of one JSON value. Throws as createSchemaWriter does. */
export function jsonSchemaToGbnf(options: SchemaOptions): GbnfResult {
  return withinStack(() => {
    const context = createSchemaContext();
    const grammar = context.writer.print(createSchemaWriter(options, context).value(jsonSyntax));
    if (grammar === null) throw new SchemaInvalid(options.path, 'is satisfied by no value at all');
    return { grammar, dropped: [...context.dropped] };
  });
}

/** A structure so deep that it fills the stack is too deep for us, and no failure of ours. */
export function withinStack<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new GrammarLimit('it is nested too deeply', { cause: error });
    throw error;
  }
}

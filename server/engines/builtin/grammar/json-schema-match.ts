import { automatonAccepts, type Automaton } from './grammar-language.ts';
import {
  isRecord,
  type Branch,
  type Conjunction,
  type Expander,
  type TypeName,
} from './json-schema-branches.ts';
import {
  additionalSchema,
  countRange,
  listedValues,
  numberRange,
  propertyNames,
  propertySchema,
  sortedJson,
  typesOf,
} from './json-schema-shape.ts';

export type Matcher = {
  /** Whether a value that a schema lists (`enum`, `const`) satisfies what the schema says beside the list. */
  readonly matches: (value: unknown, conjunction: Conjunction) => boolean;
  /** The same for a value that is known to be in all lists of the branch. */
  readonly matchesRest: (value: unknown, branch: Branch) => boolean;
};

/** `stringAutomaton`: pattern, format and length together; null if no text satisfies them. */
export function createMatcher(
  expander: () => Expander,
  stringAutomaton: (branch: Branch) => Automaton | null,
): Matcher {
  function matches(value: unknown, conjunction: Conjunction): boolean {
    return expander()
      .expand(conjunction)
      .some((branch) => matchesBranch(value, branch));
  }

  function matchesBranch(value: unknown, branch: Branch): boolean {
    const listed = listedValues(branch);
    if (listed !== null && !listed.some((other) => sortedJson(other) === sortedJson(value))) return false;
    return matchesRest(value, branch);
  }

  function matchesRest(value: unknown, branch: Branch): boolean {
    if (!typesOf(branch, 'exact').some((type) => isOfType(value, type))) return false;
    if (typeof value === 'string') {
      const hasRules = branch.some(({ schema }) =>
        ['pattern', 'format', 'minLength', 'maxLength'].some((key) => key in schema),
      );
      return !hasRules || automatonAccepts(stringAutomaton(branch), value);
    }
    if (typeof value === 'number') {
      const { least, most } = numberRange(branch);
      return (
        value >= least &&
        value <= most &&
        branch.every(({ schema }) => isMultiple(value, schema['multipleOf']))
      );
    }
    if (Array.isArray(value)) return matchesArray(value, branch);
    return isRecord(value) ? matchesObject(value, branch) : true;
  }

  function matchesArray(values: readonly unknown[], branch: Branch): boolean {
    const { least, most } = countRange(branch, 'minItems', 'maxItems');
    if (values.length < least || values.length > most) return false;
    return values.every((value, index) => matches(value, itemSchema(branch, index)));
  }

  function matchesObject(value: Readonly<Record<string, unknown>>, branch: Branch): boolean {
    const { least, most } = countRange(branch, 'minProperties', 'maxProperties');
    const names = Object.keys(value);
    const { all, required } = propertyNames(branch);
    if (names.length < least || names.length > most) return false;
    if (![...required].every((name) => Object.hasOwn(value, name))) return false;
    return names.every((name) => {
      const schema = all.includes(name)
        ? propertySchema(branch, name, 'exact')
        : additionalSchema(branch, 'exact');
      return schema !== null && matches(value[name], schema);
    });
  }

  return { matches, matchesRest };
}

/** What holds for the item at this place; `false` schemas stand for places that must not be. */
export function itemSchema(branch: Branch, index: number): Conjunction {
  return branch.flatMap(({ schema, path }) => {
    const { places, rest, restKeyword } = tupleOf(schema);
    if (index < places.length) return [{ schema: places[index], path: `${path}.prefixItems.${index}` }];
    return rest === undefined ? [] : [{ schema: rest, path: `${path}.${restKeyword}` }];
  });
}

/** `prefixItems` and `items`; before 2020-12 they were `items` as a list and `additionalItems`. */
export function tupleOf(schema: Readonly<Record<string, unknown>>): {
  readonly places: readonly unknown[];
  readonly rest: unknown;
  readonly restKeyword: string;
} {
  const { items, prefixItems } = schema;
  if (Array.isArray(items))
    return { places: items, rest: schema['additionalItems'], restKeyword: 'additionalItems' };
  const places: readonly unknown[] = Array.isArray(prefixItems) ? prefixItems : [];
  return { places, rest: items, restKeyword: 'items' };
}

function isOfType(value: unknown, type: TypeName): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'boolean':
    case 'string':
      return typeof value === type;
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
  }
}

function isMultiple(value: number, divisor: unknown): boolean {
  return typeof divisor !== 'number' || Number.isInteger(value / divisor);
}

/** Whether it is certain that no value satisfies both. */
export function createDisjointness(expander: () => Expander): (a: Branch, b: Branch) => boolean {
  function areDisjoint(a: Branch, b: Branch, depth: number): boolean {
    const types = typesOf([...a, ...b], 'exact');
    if (types.length === 0) return true;
    const both = [...a, ...b];
    const listed = listedValues(both);
    if (listed !== null && !listed.some((value) => types.some((type) => isOfType(value, type)))) return true;
    return types.every((type) => areDisjointFor(type, a, b, depth));
  }

  function areDisjointFor(type: TypeName, a: Branch, b: Branch, depth: number): boolean {
    const both = [...a, ...b];
    switch (type) {
      case 'integer':
      case 'number': {
        const { least, most } = numberRange(both);
        return least > most;
      }
      case 'string':
        return isEmptyRange(countRange(both, 'minLength', 'maxLength'));
      case 'array':
        return isEmptyRange(countRange(both, 'minItems', 'maxItems'));
      case 'object':
        return depth < 4 && (haveUnlikeProperties(a, b, depth) || haveUnlikeProperties(b, a, depth));
      case 'null':
      case 'boolean':
        return false;
    }
  }

  /** A property that `a` requires and that `b` forbids, or wants to be something else. */
  function haveUnlikeProperties(a: Branch, b: Branch, depth: number): boolean {
    return [...propertyNames(a).required].some((name) => {
      const ofA = propertySchema(a, name, 'exact');
      const ofB = propertySchema(b, name, 'exact');
      if (ofA === null || ofB === null) return true;
      const { expand } = expander();
      const [left, right] = [expand(ofA), expand(ofB)];
      return left.every((one) => right.every((other) => areDisjoint(one, other, depth + 1)));
    });
  }

  return (a, b) => areDisjoint(a, b, 0);
}

function isEmptyRange({ least, most }: { readonly least: number; readonly most: number }): boolean {
  return least > most;
}

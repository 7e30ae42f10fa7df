import { allCharacters, complement, contains, intersect, type CodePoints } from './grammar-code-points.ts';
import { codePoints, pointOf } from './grammar-code-points.ts';
import { GrammarLimit } from './grammar-limit.ts';

/**
 * A regular language, as a tree. Unlike a regular expression it knows "and" and "not", which is what a pattern beside
 * a format, a length or a look-ahead means. Equal trees are the same object (they are compared by `id`).
 */
export type Language = {
  readonly id: number;
  /** Whether the empty text belongs to it. */
  readonly isNullable: boolean;
} & (
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'empty' }
  | { readonly kind: 'sequence'; readonly first: Language; readonly rest: Language }
  | { readonly kind: 'repeat'; readonly item: Language; readonly least: number; readonly most: number }
  | { readonly kind: 'either' | 'both'; readonly items: readonly Language[] }
  | { readonly kind: 'not'; readonly item: Language }
);

/** Reads a text character by character: state 0 is the beginning, every state can still reach an end. */
export type Automaton = readonly AutomatonState[];
export type AutomatonState = {
  readonly accepts: boolean;
  readonly next: readonly { readonly set: CodePoints; readonly to: number }[];
};

export type Languages = ReturnType<typeof createLanguages>;

/** Trees this large come from hostile patterns only; a date-time has about 300. */
const mostTrees = 10_000;
const mostSteps = 32_000;

/**
 * Makes languages and, by Brzozowski derivatives (J. ACM 11, 1964), automata of them. One instance per schema, so
 * that its limit holds for all patterns together. Throws GrammarLimit.
 */
export function createLanguages() {
  const known = new Map<string, Language>();
  const partitions = new Map<number, readonly CodePoints[]>();
  const derivatives = new Map<string, Language>();
  let steps = 0;

  function spend(count: number): void {
    steps += count;
    if (steps > mostSteps) throw new GrammarLimit('its patterns are too large together');
  }

  function make(key: string, build: (id: number) => Language): Language {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= mostTrees) throw new GrammarLimit('its patterns are too large together');
    const made = build(known.size);
    known.set(key, made);
    return made;
  }

  const empty = make('empty', (id) => ({ id, isNullable: true, kind: 'empty' }));
  const never = set([]);
  const anyText = repeat(set(allCharacters), 0, Infinity);

  function set(points: CodePoints): Language {
    return make(`[${points.join(';')}]`, (id) => ({ id, isNullable: false, kind: 'set', set: points }));
  }

  function sequence(first: Language, rest: Language): Language {
    if (first === never || rest === never) return never;
    if (first === empty) return rest;
    if (rest === empty) return first;
    if (first.kind === 'sequence') return sequence(first.first, sequence(first.rest, rest));
    const isNullable = first.isNullable && rest.isNullable;
    return make(`${first.id}.${rest.id}`, (id) => ({ id, isNullable, kind: 'sequence', first, rest }));
  }

  function repeat(item: Language, least: number, most: number): Language {
    if (most === 0 || item === empty || (item === never && least === 0)) return empty;
    if (item === never) return never;
    if (least === 1 && most === 1) return item;
    const fewest = item.isNullable ? 0 : least;
    return make(`${item.id}{${fewest},${most}}`, (id) => ({
      id,
      isNullable: fewest === 0,
      kind: 'repeat',
      item,
      least: fewest,
      most,
    }));
  }

  function combine(kind: 'either' | 'both', languages: readonly Language[]): Language {
    spend(languages.length >> 2);
    const identity = kind === 'either' ? never : anyText;
    const absorbing = kind === 'either' ? anyText : never;
    const flat = languages.flatMap((item) => (item.kind === kind ? item.items : [item]));
    const items = [...new Set(flat)].filter((item) => item !== identity).toSorted((a, b) => a.id - b.id);
    const [first] = items;
    if (items.includes(absorbing)) return absorbing;
    if (first === undefined) return identity;
    if (items.length === 1) return first;
    const isNullable =
      kind === 'either' ? items.some((item) => item.isNullable) : items.every((item) => item.isNullable);
    const key = `${kind}(${items.map((item) => item.id).join()})`;
    return make(key, (id) => ({ id, isNullable, kind, items }));
  }
  const either = (...items: readonly Language[]): Language => combine('either', items);
  const both = (...items: readonly Language[]): Language => combine('both', items);

  function not(item: Language): Language {
    if (item.kind === 'not') return item.item;
    if (item === never) return anyText;
    if (item === anyText) return never;
    return make(`!${item.id}`, (id) => ({ id, isNullable: !item.isNullable, kind: 'not', item }));
  }

  const text = (value: string): Language =>
    Array.from(value).reduceRight<Language>((rest, character) => {
      const point = pointOf(character);
      return sequence(set([[point, point]]), rest);
    }, empty);

  /** What may follow the character. */
  function derive(language: Language, point: number): Language {
    spend(1);
    const key = `${language.id}/${point}`;
    const found = derivatives.get(key);
    if (found !== undefined) return found;
    const made = deriveAnew(language, point);
    derivatives.set(key, made);
    return made;
  }

  function deriveAnew(language: Language, point: number): Language {
    switch (language.kind) {
      case 'empty':
        return never;
      case 'set':
        return contains(language.set, point) ? empty : never;
      case 'sequence': {
        const stepped = sequence(derive(language.first, point), language.rest);
        return language.first.isNullable ? either(stepped, derive(language.rest, point)) : stepped;
      }
      case 'repeat': {
        const { item, least, most } = language;
        return sequence(derive(item, point), repeat(item, Math.max(0, least - 1), most - 1));
      }
      case 'either':
      case 'both':
        return combine(
          language.kind,
          language.items.map((item) => derive(item, point)),
        );
      case 'not':
        return not(derive(language.item, point));
    }
  }

  /** Sets of characters of which no two members are told apart by the language's first step. */
  function partition(language: Language): readonly CodePoints[] {
    const found = partitions.get(language.id);
    if (found !== undefined) return found;
    const made = partitionAnew(language);
    partitions.set(language.id, made);
    return made;
  }

  function partitionAnew(language: Language): readonly CodePoints[] {
    switch (language.kind) {
      case 'empty':
        return [allCharacters];
      case 'set':
        return [language.set, complement(language.set)].filter((part) => part.length > 0);
      case 'sequence':
        return language.first.isNullable
          ? refine([partition(language.first), partition(language.rest)])
          : partition(language.first);
      case 'repeat':
      case 'not':
        return partition(language.item);
      case 'either':
      case 'both':
        return refine(language.items.map(partition));
    }
  }

  function refine(all: readonly (readonly CodePoints[])[]): readonly CodePoints[] {
    return all.reduce<readonly CodePoints[]>(
      (parts, other) => {
        if (other.length === 1) return parts;
        steps += parts.length * other.length;
        if (steps > mostSteps) throw new GrammarLimit('its patterns are too large together');
        return parts.flatMap((part) =>
          other.map((set) => intersect(part, set)).filter((set) => set.length > 0),
        );
      },
      [allCharacters],
    );
  }

  /** Throws GrammarLimit when it would have more states than `mostStates`. Null if the language has no text at all. */
  function automaton(language: Language, mostStates: number): Automaton | null {
    const numbers = new Map<Language, number>([[language, 0]]);
    const order: Language[] = [language];
    const edges: { set: CodePoints; to: number }[][] = [];
    for (const state of order) {
      const targets = new Map<number, CodePoints>();
      for (const part of partition(state)) {
        const point = part[0]?.[0];
        const next = point === undefined ? never : derive(state, point);
        if (next === never) continue;
        let to = numbers.get(next);
        if (to === undefined) {
          to = order.length;
          if (to >= mostStates) throw new GrammarLimit('a pattern needs too many states');
          numbers.set(next, to);
          order.push(next);
        }
        targets.set(to, codePoints([...(targets.get(to) ?? []), ...part]));
      }
      edges.push([...targets].map(([to, set]) => ({ set, to })));
    }
    return withoutDeadEnds(
      order.map(({ isNullable }, index) => ({ accepts: isNullable, next: edges[index] ?? [] })),
    );
  }

  return { empty, never, anyText, set, sequence, repeat, either, both, not, text, automaton };
}

/** Keeps the states from which an end can be reached, and numbers them anew. */
function withoutDeadEnds(states: Automaton): Automaton | null {
  const before = states.map((): number[] => []);
  for (const [from, { next }] of states.entries()) for (const { to } of next) before[to]?.push(from);
  const alive = new Set<number>();
  const waiting = states.flatMap(({ accepts }, index) => (accepts ? [index] : []));
  for (const index of waiting) {
    if (alive.has(index)) continue;
    alive.add(index);
    waiting.push(...(before[index] ?? []));
  }
  if (!alive.has(0)) return null;
  const kept = [...states.keys()].filter((index) => alive.has(index));
  const numbers = new Map(kept.map((old, index) => [old, index]));
  return kept.map((old) => {
    const { accepts, next } = states[old] ?? { accepts: false, next: [] };
    return {
      accepts,
      next: next.flatMap(({ set, to }) => {
        const number = numbers.get(to);
        return number === undefined ? [] : [{ set, to: number }];
      }),
    };
  });
}

/** Whether the whole text is accepted. */
export function automatonAccepts(automaton: Automaton | null, text: string): boolean {
  let state = automaton?.[0];
  for (const character of text) {
    const point = pointOf(character);
    const edge = state?.next.find(({ set }) => contains(set, point));
    if (edge === undefined) return false;
    state = automaton?.[edge.to];
  }
  return state?.accepts ?? false;
}

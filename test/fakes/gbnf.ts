/**
 * A small interpreter of GBNF, for tests only: reads the notation as llama.cpp's parser does (the subset that we
 * write), tells whether a text is accepted, and writes random texts. It shares no code with what makes the grammars.
 */
type Range = readonly [number, number];
type Element =
  | { readonly kind: 'set'; readonly isNegative: boolean; readonly ranges: readonly Range[] }
  | { readonly kind: 'rule'; readonly name: string };
type Alternative = readonly Element[];
export type Gbnf = ReadonlyMap<string, readonly Alternative[]>;

export function parseGbnf(source: string): Gbnf {
  const rules = new Map<string, readonly Alternative[]>();
  let position = 0;
  let invented = 0;

  const skip = (): void => {
    while (source[position] === ' ') position += 1;
  };
  function fail(what: string): never {
    throw new Error(`GBNF: ${what} at ${position}: ${source.slice(position, position + 40)}`);
  }
  function invent(alternatives: readonly Alternative[]): Element {
    const name = `*${invented}`;
    invented += 1;
    rules.set(name, alternatives);
    return { kind: 'rule', name };
  }

  function readCharacter(): number {
    const hex = /^\\(?:x([\dA-F]{2})|u([\dA-F]{4})|U([\dA-F]{8}))/.exec(
      source.slice(position, position + 10),
    );
    if (hex !== null) {
      position += hex[0].length;
      return Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16);
    }
    if (source[position] === '\\') fail('an escape that is not used');
    const point = source.codePointAt(position) ?? fail('the end');
    position += point > 0xffff ? 2 : 1;
    return point;
  }

  function readAlternatives(): readonly Alternative[] {
    const all = [readSequence()];
    while (source[position] === '|') {
      position += 1;
      skip();
      all.push(readSequence());
    }
    return all;
  }

  function readSequence(): Alternative {
    const elements: Element[] = [];
    for (;;) {
      const item = readItem();
      if (item === null) return elements;
      elements.push(...readQuantifier(item));
      skip();
    }
  }

  function readItem(): Element[] | null {
    const character = source[position];
    if (character === '"') return readText();
    if (character === '[') return [readSet()];
    if (character === '(') {
      position += 1;
      skip();
      const inner = invent(readAlternatives());
      if (source[position] !== ')') fail('expected )');
      position += 1;
      return [inner];
    }
    const name = /^[a-zA-Z0-9-]+/.exec(source.slice(position, position + 64));
    if (name === null) return null;
    position += name[0].length;
    return [{ kind: 'rule', name: name[0] }];
  }

  function readText(): Element[] {
    position += 1;
    const elements: Element[] = [];
    while (source[position] !== '"') {
      const point = readCharacter();
      elements.push({ kind: 'set', isNegative: false, ranges: [[point, point]] });
    }
    position += 1;
    return elements;
  }

  function readSet(): Element {
    position += 1;
    const isNegative = source[position] === '^';
    if (isNegative) position += 1;
    const ranges: Range[] = [];
    while (source[position] !== ']') {
      const first = readCharacter();
      if (source[position] !== '-') ranges.push([first, first]);
      else {
        position += 1;
        ranges.push([first, readCharacter()]);
      }
    }
    position += 1;
    return { kind: 'set', isNegative, ranges };
  }

  function readQuantifier(item: Element[]): Element[] {
    const found = /^(?:[*+?]|\{(\d+)(,(\d*))?\})/.exec(source.slice(position, position + 16));
    if (found === null) return item;
    position += found[0].length;
    const [least, most] = bounds(found);
    if (least > most || most === 0) fail('a repetition at which llama.cpp never ends');
    if (least > 100 || (most !== Infinity && most > 100)) fail('a repetition that llama.cpp might refuse');
    const result = Array.from({ length: least }, () => item).flat();
    if (most === Infinity) {
      const name = `*${invented}`;
      invented += 1;
      rules.set(name, [[...item, { kind: 'rule', name }], []]);
      return [...result, { kind: 'rule', name }];
    }
    let rest: Element[] = [];
    for (let left = least; left < most; left += 1) rest = [invent([[...item, ...rest], []])];
    return [...result, ...rest];
  }

  while (position < source.length) {
    const name =
      /^([a-zA-Z0-9-]+) ::= /.exec(source.slice(position, position + 80)) ?? fail('expected a rule');
    position += name[0].length;
    rules.set(name[1] ?? '', readAlternatives());
    if (source[position] !== '\n') fail('expected the end of a line');
    position += 1;
  }
  for (const alternatives of rules.values()) {
    for (const element of alternatives.flat()) {
      if (element.kind === 'rule' && !rules.has(element.name))
        throw new Error(`GBNF: no rule ${element.name}`);
    }
  }
  return rules;
}

function bounds(found: RegExpExecArray): [number, number] {
  if (found[0] === '*') return [0, Infinity];
  if (found[0] === '+') return [1, Infinity];
  if (found[0] === '?') return [0, 1];
  const least = Number(found[1]);
  if (found[2] === undefined) return [least, least];
  return [least, found[3] === '' ? Infinity : Number(found[3])];
}

/** What is still to come; equal ones are the same object. */
type Stack = {
  readonly id: number;
  readonly element: Element;
  readonly below: Stack | null;
  readonly next: Map<Element, Stack>;
};

export type GbnfReader = {
  /** False if the text cannot be continued by it. */
  readonly push: (text: string) => boolean;
  readonly mayEnd: () => boolean;
  /** How many readings are open at the same time: what following the grammar costs. */
  readonly readings: () => number;
};

/** Follows the grammar as llama.cpp does: with the set of all open readings. */
export function readGbnf(grammar: Gbnf): GbnfReader {
  let made = 0;
  const bottom = new Map<Element, Stack>();
  let open = new Set<Stack>();
  let isComplete = false;

  function push(element: Element, below: Stack | null): Stack {
    const siblings = below?.next ?? bottom;
    const known = siblings.get(element);
    if (known !== undefined) return known;
    made += 1;
    const stack: Stack = { id: made, element, below, next: new Map() };
    siblings.set(element, stack);
    return stack;
  }

  /** Goes into rules until characters are on top. */
  function settle(
    stack: Stack | null,
    into: { open: Set<Stack>; isComplete: boolean },
    seen: Set<number>,
  ): void {
    if (stack === null) {
      into.isComplete = true;
      return;
    }
    if (seen.has(stack.id)) return;
    seen.add(stack.id);
    if (stack.element.kind === 'set') {
      into.open.add(stack);
      return;
    }
    for (const alternative of grammar.get(stack.element.name) ?? []) {
      settle(
        alternative.reduceRight((below: Stack | null, element) => push(element, below), stack.below),
        into,
        seen,
      );
    }
  }

  function advance(stacks: readonly (Stack | null)[]): void {
    const into = { open: new Set<Stack>(), isComplete: false };
    const seen = new Set<number>();
    for (const stack of stacks) settle(stack, into, seen);
    ({ open, isComplete } = into);
  }

  advance([push({ kind: 'rule', name: 'root' }, null)]);
  return {
    push(text) {
      for (const character of text) {
        const point = character.codePointAt(0) ?? 0;
        advance(
          [...open]
            .filter(({ element }) => element.kind === 'set' && isIn(element, point))
            .map(({ below }) => below),
        );
        if (open.size === 0 && !isComplete) return false;
      }
      return true;
    },
    mayEnd: () => isComplete,
    readings: () => open.size,
  };
}

function isIn(element: Element & { readonly kind: 'set' }, point: number): boolean {
  return element.ranges.some(([first, last]) => first <= point && point <= last) !== element.isNegative;
}

export function gbnfAccepts(grammar: Gbnf, text: string): boolean {
  const reader = readGbnf(grammar);
  return reader.push(text) && reader.mayEnd();
}

/**
 * A random text of the grammar. `random` gives numbers from 0 to below 1. After `budget` characters the shortest way
 * to an end is taken.
 */
export function writeGbnf(grammar: Gbnf, random: () => number, budget = 200): string {
  const shortest = shortestDepths(grammar);
  let text = '';
  const stack: Element[] = [{ kind: 'rule', name: 'root' }];
  for (let element = stack.pop(); element !== undefined; element = stack.pop()) {
    if (element.kind === 'set') {
      text += pick(element, random);
      continue;
    }
    const alternatives = grammar.get(element.name) ?? [];
    const isOver = text.length > budget || stack.length > budget;
    const options = isOver
      ? [alternatives.toSorted((a, b) => depthOf(a, shortest) - depthOf(b, shortest))[0] ?? []]
      : alternatives.filter((alternative) => depthOf(alternative, shortest) < Infinity);
    const chosen = options[Math.floor(random() * options.length)] ?? [];
    stack.push(...chosen.toReversed());
  }
  return text;
}

function pick({ ranges, isNegative }: Element & { readonly kind: 'set' }, random: () => number): string {
  const allowed = isNegative ? invert(ranges) : ranges;
  // Mostly the plain letters, sometimes anything at all.
  const common = allowed.filter(([first]) => first < 0x7f);
  const from = common.length > 0 && random() < 0.9 ? common : allowed;
  const [first, last] = from[Math.floor(random() * from.length)] ?? [0x3f, 0x3f];
  const point = first + Math.floor(random() * (Math.min(last, first + 300) - first + 1));
  return String.fromCodePoint(point);
}

function invert(ranges: readonly Range[]): Range[] {
  const result: Range[] = [];
  let next = 0;
  const holes: Range[] = [...ranges, [0xd800, 0xdfff]];
  for (const [first, last] of holes.toSorted((a, b) => a[0] - b[0])) {
    if (first > next) result.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= 0x10ffff) result.push([next, 0x10ffff]);
  return result;
}

function depthOf(alternative: Alternative, depths: ReadonlyMap<string, number>): number {
  return alternative.reduce(
    (sum, element) => sum + (element.kind === 'set' ? 1 : (depths.get(element.name) ?? Infinity)),
    0,
  );
}

function shortestDepths(grammar: Gbnf): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const [name, alternatives] of grammar) {
      const depth = Math.min(...alternatives.map((alternative) => depthOf(alternative, depths) + 0.01));
      if (depth < (depths.get(name) ?? Infinity)) {
        depths.set(name, depth);
        isChanged = true;
      }
    }
  }
  return depths;
}

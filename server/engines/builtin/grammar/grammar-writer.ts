import { complement, contains, type CodePoints } from './grammar-code-points.ts';
import type { Automaton } from './grammar-language.ts';
import { GrammarLimit } from './grammar-limit.ts';

/** A piece of a grammar. `never` is a choice of nothing. */
export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly least: number; readonly most: number };

export const never: Expression = { kind: 'choice', items: [] };
export const nothing: Expression = { kind: 'sequence', items: [] };
export const text = (value: string): Expression => (value === '' ? nothing : { kind: 'text', text: value });
export const set = (points: CodePoints): Expression =>
  points.length === 0 ? never : { kind: 'set', set: points };

export function sequence(...items: readonly Expression[]): Expression {
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]));
  if (flat.some(isNever)) return never;
  const [first] = flat;
  return flat.length === 1 && first !== undefined ? first : { kind: 'sequence', items: flat };
}

export function choice(...items: readonly Expression[]): Expression {
  const flat = items.flatMap((item) => (item.kind === 'choice' ? item.items : [item]));
  const [first] = flat;
  return flat.length === 1 && first !== undefined ? first : { kind: 'choice', items: flat };
}

export const optional = (item: Expression): Expression =>
  isNever(item) ? nothing : { kind: 'repeat', item, least: 0, most: 1 };
export const isNever = (item: Expression): boolean => item.kind === 'choice' && item.items.length === 0;

/** A grammar in the making; one per request. Throws GrammarLimit when it grows too large. */
export type GrammarWriter = {
  /** A new rule; the same content gives the same rule. */
  readonly add: (hint: string, content: Expression) => Expression;
  /** A rule that is defined later, for what contains itself. */
  readonly reserve: (hint: string) => {
    readonly rule: Expression;
    readonly define: (content: Expression) => void;
  };
  /** From `least` to `most` (or Infinity) items, in few rules however many. */
  readonly repeat: (item: Expression, least: number, most: number) => Expression;
  /** The automaton's texts, each followed by `end`; `encode` says how a set of characters is written. */
  readonly automaton: (
    automaton: Automaton,
    encode: (set: CodePoints) => Expression,
    end: Expression,
  ) => Expression;
  /** Which of these can write something finite. */
  readonly arePossible: (expressions: readonly Expression[]) => readonly boolean[];
  /** Null when nothing finite can be written by `root`. */
  readonly print: (root: Expression) => string | null;
};

const mostRules = 12_000;
const mostCharacters = 256 * 1024;
/** Up to here llama.cpp's own `{n,m}` is used; it copies the item so many times. */
const smallRepeat = 16;

export function createGrammarWriter(): GrammarWriter {
  const rules = new Map<string, Expression>();
  const byContent = new Map<string, Expression>();

  function newName(hint: string): string {
    if (rules.size >= mostRules) throw new GrammarLimit('it describes too much');
    const name = `${hint.replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 20)}-${rules.size}`;
    rules.set(name, never);
    return name;
  }

  function reserve(hint: string): { rule: Expression; define: (content: Expression) => void } {
    const name = newName(hint);
    return { rule: { kind: 'rule', name }, define: (content) => void rules.set(name, content) };
  }

  function add(hint: string, content: Expression): Expression {
    if (content.kind === 'rule' || isNever(content)) return content;
    const key = printExpression(content, 0);
    const known = byContent.get(key);
    if (known !== undefined) return known;
    const { rule, define } = reserve(hint);
    define(content);
    byContent.set(key, rule);
    return rule;
  }

  function repeat(item: Expression, least: number, most: number): Expression {
    if (isNever(item)) return least === 0 ? nothing : never;
    if (most < least) return never;
    if (most === Infinity) return sequence(exactly(item, least), { kind: 'repeat', item, least: 0, most });
    return sequence(exactly(item, least), upTo(item, most - least));
  }

  function exactly(item: Expression, count: number): Expression {
    if (count === 0) return nothing;
    if (count === 1) return item;
    if (count <= smallRepeat) return { kind: 'repeat', item, least: count, most: count };
    const block = blockOf(item, count);
    return sequence(exactly(block.rule, Math.floor(count / block.size)), exactly(item, count % block.size));
  }

  /**
   * Whole blocks first, then a rest shorter than a block: each count can be read in one way only, so that following
   * the grammar stays cheap.
   */
  function upTo(item: Expression, count: number): Expression {
    if (count === 0) return nothing;
    if (count <= smallRepeat) return { kind: 'repeat', item, least: 0, most: count };
    const block = blockOf(item, count);
    const blocks = Math.floor(count / block.size);
    const part = add('part', upTo(item, block.size - 1));
    let rest = add('part', upTo(item, count % block.size));
    for (let left = 0; left < blocks; left += 1)
      rest = add('blocks', choice(sequence(block.rule, rest), part));
    return rest;
  }

  /** The largest power of 16 items that `count` holds. */
  function blockOf(item: Expression, count: number): { rule: Expression; size: number } {
    let rule = item;
    let size = 1;
    while (size * smallRepeat <= count) {
      rule = add('block', { kind: 'repeat', item: rule, least: smallRepeat, most: smallRepeat });
      size *= smallRepeat;
    }
    return { rule, size };
  }

  function writeAutomaton(
    automaton: Automaton,
    encode: (points: CodePoints) => Expression,
    end: Expression,
  ): Expression {
    const states = automaton.map(() => reserve('state'));
    for (const [index, { accepts, next }] of automaton.entries()) {
      const edges = next.map(({ set: points, to }) => sequence(encode(points), states[to]?.rule ?? never));
      states[index]?.define(choice(...edges, ...(accepts ? [end] : [])));
    }
    return states[0]?.rule ?? never;
  }

  function arePossible(expressions: readonly Expression[]): readonly boolean[] {
    const productive = productiveRules(rules);
    return expressions.map((expression) => isProductive(expression, productive));
  }

  function print(root: Expression): string | null {
    const productive = productiveRules(rules);
    const content = prune(root, productive);
    if (isNever(content)) return null;
    const lines = [`root ::= ${printExpression(content, 0)}`];
    const printed = new Set<string>();
    const waiting = ruleNames(content);
    let length = 0;
    for (const name of waiting) {
      if (printed.has(name)) continue;
      printed.add(name);
      const body = prune(rules.get(name) ?? never, productive);
      const line = `${name} ::= ${printExpression(body, 0)}`;
      length += line.length;
      if (length > mostCharacters) throw new GrammarLimit('it describes too much');
      lines.push(line);
      waiting.push(...ruleNames(body));
    }
    return `${lines.join('\n')}\n`;
  }

  return { add, reserve, repeat, automaton: writeAutomaton, arePossible, print };
}

/** The rules by which something finite can be written (a rule that always contains itself is not one). */
function productiveRules(rules: ReadonlyMap<string, Expression>): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const [name, content] of rules) {
    for (const used of ruleNames(content)) {
      const list = users.get(used);
      if (list === undefined) users.set(used, [name]);
      else list.push(name);
    }
  }
  const productive = new Set<string>();
  const waiting = [...rules.keys()];
  for (const name of waiting) {
    if (productive.has(name) || !isProductive(rules.get(name) ?? never, productive)) continue;
    productive.add(name);
    waiting.push(...(users.get(name) ?? []));
  }
  return productive;
}

function isProductive(expression: Expression, productive: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case 'text':
    case 'set':
      return true;
    case 'rule':
      return productive.has(expression.name);
    case 'sequence':
      return expression.items.every((item) => isProductive(item, productive));
    case 'choice':
      return expression.items.some((item) => isProductive(item, productive));
    case 'repeat':
      return expression.least === 0 || isProductive(expression.item, productive);
  }
}

function prune(expression: Expression, productive: ReadonlySet<string>): Expression {
  switch (expression.kind) {
    case 'text':
    case 'set':
      return expression;
    case 'rule':
      return productive.has(expression.name) ? expression : never;
    case 'sequence':
      return sequence(...expression.items.map((item) => prune(item, productive)));
    case 'choice':
      return choice(...expression.items.map((item) => prune(item, productive)));
    case 'repeat': {
      const item = prune(expression.item, productive);
      if (isNever(item)) return expression.least === 0 ? nothing : never;
      return { ...expression, item };
    }
  }
}

function ruleNames(expression: Expression): string[] {
  switch (expression.kind) {
    case 'text':
    case 'set':
      return [];
    case 'rule':
      return [expression.name];
    case 'sequence':
    case 'choice':
      return expression.items.flatMap(ruleNames);
    case 'repeat':
      return ruleNames(expression.item);
  }
}

/** `binding`: 0 at the top of a rule, 1 within a sequence, 2 under a quantifier. */
function printExpression(expression: Expression, binding: 0 | 1 | 2): string {
  switch (expression.kind) {
    case 'text':
      // A quantifier binds to the last element only, and a text of several characters is one element in llama.cpp.
      return `"${Array.from(expression.text, (character) => escapeCharacter(character, '"')).join('')}"`;
    case 'set':
      return printSet(expression.set);
    case 'rule':
      return expression.name;
    case 'sequence': {
      if (expression.items.length === 0) return '""';
      const inner = expression.items.map((item) => printExpression(item, 1)).join(' ');
      return binding === 2 ? `(${inner})` : inner;
    }
    case 'choice': {
      const inner = expression.items.map((item) => printExpression(item, 1)).join(' | ');
      return binding === 0 ? inner : `(${inner})`;
    }
    case 'repeat': {
      const item = printExpression(expression.item, 2);
      return `${item}${quantifierOf(expression.least, expression.most)}`;
    }
  }
}

/** llama.cpp never comes back from a `{2,1}`. */
function quantifierOf(least: number, most: number): string {
  if (!(least <= most && most > 0)) throw new Error(`a repetition from ${least} to ${most}`);
  if (most === Infinity) return least === 0 ? '*' : `{${least},}`;
  if (least === 0 && most === 1) return '?';
  return least === most ? `{${least}}` : `{${least},${most}}`;
}

function printSet(points: CodePoints): string {
  const isNegative = contains(points, 0x10ffff);
  const shown = isNegative ? complement(points) : points;
  if (isNegative && shown.length === 0) return String.raw`[\x00-\U0010FFFF]`;
  const ranges = shown.map(([first, last]) => {
    const begin = escapeCharacter(String.fromCodePoint(first), ']');
    return first === last ? begin : `${begin}-${escapeCharacter(String.fromCodePoint(last), ']')}`;
  });
  return `[${isNegative ? '^' : ''}${ranges.join('')}]`;
}

/** Everything but plain letters, digits and a few signs as a number: nothing then depends on a parser's taste. */
function escapeCharacter(character: string, closing: '"' | ']'): string {
  const point = character.codePointAt(0) ?? 0;
  const isPlain = closing === '"' ? /[ !#-[\]-~]/.test(character) : /[A-Za-z0-9 ]/.test(character);
  if (isPlain && point < 0x7f) return character;
  if (point <= 0xff) return `\\x${point.toString(16).toUpperCase().padStart(2, '0')}`;
  if (point <= 0xffff) return `\\u${point.toString(16).toUpperCase().padStart(4, '0')}`;
  return `\\U${point.toString(16).toUpperCase().padStart(8, '0')}`;
}

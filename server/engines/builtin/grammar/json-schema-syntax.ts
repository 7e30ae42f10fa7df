import { allCharacters, codePoints, complement, intersect, type CodePoints } from './grammar-code-points.ts';
import { choice, optional, sequence, set, text, type Expression } from './grammar-writer.ts';
import { isRecord } from './json-schema-branches.ts';

/** How values are written: as JSON, or as some model family writes the arguments of a tool call. */
export type ValueSyntax = {
  readonly id: 'json' | 'gemma' | 'raw';
  /** Around a text. */
  readonly open: string;
  readonly close: string;
  /** Whether characters of a text are written as JSON writes them; else as they are, up to `close`. */
  readonly isEscaped: boolean;
  readonly separator: Expression;
  /** Key of a property with all that stands before its value. */
  readonly key: (name: string) => Expression;
  readonly afterKey: Expression;
  readonly literal: (value: unknown) => string;
};

/** One space may follow a comma or colon, as most models have learnt it; JSON.stringify's form is accepted too. */
const gap = optional(text(' '));

export const jsonSyntax: ValueSyntax = {
  id: 'json',
  open: '"',
  close: '"',
  isEscaped: true,
  separator: sequence(text(','), gap),
  key: (name) => sequence(text(`${JSON.stringify(name)}:`), gap),
  afterKey: sequence(text(':'), gap),
  literal: (value) => JSON.stringify(value),
};

export const gemmaQuote = '<|"|>';

/** The argument form of Gemma 4's chat template: bare keys, texts between quote tokens, nothing escaped. */
export const gemmaSyntax: ValueSyntax = {
  id: 'gemma',
  open: gemmaQuote,
  close: gemmaQuote,
  isEscaped: false,
  separator: text(','),
  key: (name) => text(`${name}:`),
  afterKey: text(':'),
  literal: gemmaLiteral,
};

function gemmaLiteral(value: unknown): string {
  if (typeof value === 'string') return `${gemmaQuote}${value}${gemmaQuote}`;
  if (Array.isArray(value)) return `[${value.map(gemmaLiteral).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}:${gemmaLiteral(inner)}`);
  return `{${entries.join(',')}}`;
}

/** A text alone, up to a mark that ends it (the parameters of Qwen3-Coder's form). */
export function rawSyntax(close: string): ValueSyntax {
  return {
    ...jsonSyntax,
    id: 'raw',
    open: '',
    close,
    isEscaped: false,
    literal: (value) => `${rawLiteral(value)}${close}`,
  };
}

function rawLiteral(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const mustBeEscaped: CodePoints = codePoints([
  [0, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
]);
const shortEscapes: readonly (readonly [string, number])[] = [
  ['b', 0x08],
  ['t', 0x09],
  ['n', 0x0a],
  ['f', 0x0c],
  ['r', 0x0d],
  ['"', 0x22],
  ['\\', 0x5c],
];

/** One character of the set as JSON.stringify writes it; so no text can be written in two ways. */
export function encodeJson(points: CodePoints): Expression {
  const plain = set(intersect(points, complement(mustBeEscaped)));
  const escaped = intersect(points, mustBeEscaped);
  if (escaped.length === 0) return plain;
  const letters = shortEscapes.filter(([, point]) => isIn(escaped, point)).map(([letter]) => letter);
  const controls = [...Array(0x20).keys()].filter((point) => isIn(escaped, point) && !isShort(point));
  const byNumber = [0, 1].flatMap((high) => {
    const low = controls.filter((point) => point >> 4 === high).map((point) => (point & 15).toString(16));
    return low.length === 0 ? [] : [sequence(text(`u00${high}`), letterSet(low))];
  });
  return choice(
    plain,
    sequence(text('\\'), choice(letters.length === 0 ? nothingAtAll : letterSet(letters), ...byNumber)),
  );
}

const nothingAtAll: Expression = choice();
const isIn = (points: CodePoints, point: number): boolean =>
  points.some(([a, b]) => a <= point && point <= b);
const isShort = (point: number): boolean => shortEscapes.some(([, other]) => other === point);

function letterSet(letters: readonly string[]): Expression {
  return set(codePoints(letters.map((letter) => [letter.charCodeAt(0), letter.charCodeAt(0)] as const)));
}

/** Any one character of a JSON text, in each way of writing it that is one character (no surrogate pairs). */
export const jsonCharacter: Expression = choice(
  set(intersect(allCharacters, complement(mustBeEscaped))),
  sequence(text('\\'), choice(letterSet(Array.from('"\\/bfnrt')), sequence(text('u'), notSurrogate()))),
);

function notSurrogate(): Expression {
  const hex = codePoints([
    [0x30, 0x39],
    [0x41, 0x46],
    [0x61, 0x66],
  ]);
  const digits = (count: number): Expression => ({
    kind: 'repeat',
    item: set(hex),
    least: count,
    most: count,
  });
  const d = letterSet(['d', 'D']);
  const notD = set(
    intersect(
      hex,
      complement(
        codePoints([
          [0x44, 0x44],
          [0x64, 0x64],
        ]),
      ),
    ),
  );
  return choice(sequence(notD, digits(3)), sequence(d, letterSet(Array.from('01234567')), digits(2)));
}

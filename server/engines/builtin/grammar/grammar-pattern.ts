import { charactersOf, codePoints, complement, pointOf, type CodePoints } from './grammar-code-points.ts';
import type { Language, Languages } from './grammar-language.ts';

/** The pattern uses something that a grammar cannot do; `message` names it. */
export class PatternUnsupported extends Error {
  override readonly name = 'PatternUnsupported';
}

/** Longer ones have not been seen outside attacks. */
const mostPatternCharacters = 2000;
const mostDepth = 40;
const mostRepeats = 2000;

const digits: CodePoints = [[0x30, 0x39]];
const wordCharacters = charactersOf('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_');
const lineEnds = charactersOf('\n\r\u2028\u2029');
/** ECMA-262 WhiteSpace and LineTerminator. */
const spaces = codePoints([
  ...charactersOf('\t\n\v\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF'),
  [0x2000, 0x200a],
]);
const escapedSets: Readonly<Record<string, CodePoints>> = {
  d: digits,
  D: complement(digits),
  w: wordCharacters,
  W: complement(wordCharacters),
  s: spaces,
  S: complement(spaces),
};
const escapedCharacters: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  f: '\f',
  '0': '\0',
};

/** What an alternative describes: a text with a match anywhere, all that is left of a text, or a part of it. */
type Extent = 'text' | 'rest' | 'group';

/**
 * The texts in which an ECMAScript pattern (flag `u`, as JSON Schema wants it) finds a match. Literals, classes,
 * groups, alternatives, all quantifiers, anchors at the borders of an alternative and look-aheads; not: look-behinds,
 * back-references, word borders, Unicode properties. Throws PatternUnsupported.
 */
export function parsePattern(source: string, languages: Languages): Language {
  if (source.length > mostPatternCharacters) throw new PatternUnsupported('it is too long');
  try {
    RegExp(source, 'u');
  } catch {
    throw new PatternUnsupported('it is not a valid regular expression');
  }
  const { anyText, sequence } = languages;
  const characters = Array.from(source);
  let position = 0;
  let depth = 0;

  const isNext = (text: string): boolean =>
    characters.slice(position, position + text.length).join('') === text;
  function take(text: string): boolean {
    if (!isNext(text)) return false;
    position += text.length;
    return true;
  }
  function takeOne(): string {
    const character = characters[position];
    if (character === undefined) throw new PatternUnsupported('it ends too early');
    position += 1;
    return character;
  }

  function alternatives(extent: Extent): Language {
    const found: Language[] = [];
    do found.push(alternative(extent));
    while (take('|'));
    return languages.either(...found);
  }

  function alternative(extent: Extent): Language {
    if (extent !== 'text') return tail(extent);
    return take('^') ? tail('rest') : sequence(anyText, tail('text'));
  }

  /** The alternative from here on; to the end of the text, unless it is in a group. */
  function tail(extent: Extent): Language {
    if (isNext('(?=') || isNext('(?!')) return lookAhead(extent);
    const items: Language[] = [];
    let end = extent === 'group' ? languages.empty : anyText;
    while (!isAlternativeEnd(position)) {
      if (extent !== 'group' && isNext('$') && isAlternativeEnd(position + 1)) {
        position += 1;
        end = languages.empty;
        break;
      }
      items.push(quantified());
    }
    return items.reduceRight((rest, item) => sequence(item, rest), end);
  }

  function isAlternativeEnd(index: number): boolean {
    return [undefined, '|', ')'].includes(characters[index]);
  }

  /** "What follows begins (not) like this", where what follows is the rest of the text: an "and". */
  function lookAhead(extent: Extent): Language {
    if (extent !== 'rest') throw new PatternUnsupported('it looks ahead in its middle');
    const isNegative = isNext('(?!');
    position += 3;
    const ahead = enterGroup(() => alternatives('rest'));
    return languages.both(isNegative ? languages.not(ahead) : ahead, tail('rest'));
  }

  function enterGroup(body: () => Language): Language {
    depth += 1;
    if (depth > mostDepth) throw new PatternUnsupported('its groups are nested too deeply');
    const result = body();
    depth -= 1;
    if (!take(')')) throw new PatternUnsupported('a group is not closed');
    return result;
  }

  function quantified(): Language {
    const item = atom();
    const range = quantifier();
    if (range === null) return item;
    return languages.repeat(item, range.least, range.most);
  }

  function quantifier(): { least: number; most: number } | null {
    const range = bareQuantifier();
    if (range !== null) take('?');
    if (
      range !== null &&
      (range.least > mostRepeats || (range.most > mostRepeats && range.most !== Infinity))
    ) {
      throw new PatternUnsupported(`it repeats more than ${mostRepeats} times`);
    }
    return range;
  }

  function bareQuantifier(): { least: number; most: number } | null {
    if (take('*')) return { least: 0, most: Infinity };
    if (take('+')) return { least: 1, most: Infinity };
    if (take('?')) return { least: 0, most: 1 };
    const braces = /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(characters.slice(position, position + 24).join(''));
    if (braces === null) return null;
    position += braces[0].length;
    const least = Number(braces[1]);
    if (braces[2] === undefined) return { least, most: least };
    return { least, most: braces[3] === '' || braces[3] === undefined ? Infinity : Number(braces[3]) };
  }

  function atom(): Language {
    const character = takeOne();
    switch (character) {
      case '.':
        return languages.set(complement(lineEnds));
      case '[':
        return languages.set(characterClass());
      case '(':
        return group();
      case '\\':
        return languages.set(escape());
      case '^':
      case '$':
        throw new PatternUnsupported('an anchor stands in its middle');
      default:
        return languages.set(charactersOf(character));
    }
  }

  function group(): Language {
    if (take('?')) {
      const name = /^<[A-Za-z_$][\w$]*>/.exec(characters.slice(position, position + 64).join(''));
      if (name !== null) position += name[0].length;
      else if (!take(':')) throw new PatternUnsupported('it looks around or changes its flags');
    }
    return enterGroup(() => alternatives('group'));
  }

  function escape(): CodePoints {
    const character = takeOne();
    const set = escapedSets[character];
    if (set !== undefined) return set;
    if (character === 'x' || character === 'u') return hexEscape(character);
    const control = escapedCharacters[character];
    if (control !== undefined) return charactersOf(control);
    if (/[A-Za-z1-9]/.test(character)) throw new PatternUnsupported(`it uses \\${character}`);
    return charactersOf(character);
  }

  function hexEscape(kind: 'x' | 'u'): CodePoints {
    const rest = characters.slice(position, position + 12).join('');
    const found = (kind === 'x' ? /^([\da-f]{2})/i : /^(?:\{([\da-f]{1,6})\}|([\da-f]{4}))/i).exec(rest);
    const point = Number.parseInt(found?.[1] ?? found?.[2] ?? '', 16);
    if (found === null || !(point <= 0x10ffff)) throw new PatternUnsupported(`it uses \\${kind}`);
    position += found[0].length;
    if (point >= 0xd800 && point <= 0xdfff)
      throw new PatternUnsupported('it names half characters (surrogates)');
    return [[point, point]];
  }

  function characterClass(): CodePoints {
    const isNegative = take('^');
    const ranges: (readonly [number, number])[] = [];
    while (!take(']')) {
      const first = classMember();
      const single = first.length === 1 && first[0]?.[0] === first[0]?.[1] ? first[0] : undefined;
      if (single !== undefined && isNext('-') && characters[position + 1] !== ']') {
        position += 1;
        const last = classMember();
        ranges.push([single[0], last[0]?.[1] ?? single[0]]);
      } else {
        ranges.push(...first);
      }
    }
    const set = codePoints(ranges);
    return isNegative ? complement(set) : set;
  }

  function classMember(): CodePoints {
    const character = takeOne();
    if (character !== '\\') return [[pointOf(character), pointOf(character)]];
    if (take('b')) return charactersOf('\b');
    return escape();
  }

  const language = alternatives('text');
  if (position < characters.length) throw new PatternUnsupported('it cannot be read');
  return language;
}

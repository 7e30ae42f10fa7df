import { allCharacters } from './grammar-code-points.ts';
import type { Automaton, Language, Languages } from './grammar-language.ts';
import { GrammarLimit } from './grammar-limit.ts';
import { parsePattern, PatternUnsupported } from './grammar-pattern.ts';
import { choice, never, sequence, set, text, type Expression, type GrammarWriter } from './grammar-writer.ts';
import { SchemaInvalid, type Branch, type CannotEnforce } from './json-schema-branches.ts';
import { formatPattern } from './json-schema-formats.ts';
import { countRange } from './json-schema-shape.ts';
import { encodeJson, jsonCharacter, type ValueSyntax } from './json-schema-syntax.ts';

/** A date-time has about 70 states, an e-mail address 20, a host name 500. */
const mostStates = 2000;

export type StringWriter = {
  /** A text value, quotes included. */
  readonly write: (branch: Branch, syntax: ValueSyntax) => Expression;
  /** The texts as an automaton; null if there are none. */
  readonly automaton: (branch: Branch) => Automaton | null;
  /** The texts that patterns, formats and lengths leave. */
  readonly language: (branch: Branch) => Language;
  /** Any text of the language, in quotes. */
  readonly writeLanguage: (language: Language, syntax: ValueSyntax) => Expression;
};

export type StringWriterOptions = {
  readonly writer: GrammarWriter;
  readonly languages: Languages;
  readonly cannotEnforce: CannotEnforce;
};

export function createStringWriter({ writer, languages, cannotEnforce }: StringWriterOptions): StringWriter {
  /** The same pattern or format in many places is one set of rules. */
  const written = new Map<string, Expression>();

  /** What patterns and formats demand; null if there are none that count. */
  function demands(branch: Branch): Language | null {
    const found = branch.flatMap(({ schema, path }) => [
      ...demand(schema['pattern'], `${path}.pattern`, (pattern) => pattern),
      ...demand(schema['format'], `${path}.format`, formatPattern),
    ]);
    return found.length === 0 ? null : languages.both(...found);
  }

  function demand(
    value: unknown,
    path: string,
    toPattern: (value: string) => string | null | undefined,
  ): readonly Language[] {
    if (value === undefined) return [];
    if (typeof value !== 'string') throw new SchemaInvalid(path, 'must be a text');
    const pattern = toPattern(value);
    if (pattern === undefined) return [];
    try {
      if (pattern === null) throw new PatternUnsupported('this format is not known here');
      return [parsePattern(pattern, languages)];
    } catch (error) {
      if (!(error instanceof PatternUnsupported)) throw error;
      cannotEnforce(path, error.message);
      return [];
    }
  }

  function lengths(branch: Branch): Language {
    const { least, most } = countRange(branch, 'minLength', 'maxLength');
    if (least > most) return languages.never;
    return languages.repeat(languages.set(allCharacters), least, most);
  }

  function language(branch: Branch): Language {
    return languages.both(demands(branch) ?? languages.anyText, lengths(branch));
  }

  function write(branch: Branch, syntax: ValueSyntax): Expression {
    const wanted = demands(branch);
    const { least, most } = countRange(branch, 'minLength', 'maxLength');
    if (wanted === null && syntax.isEscaped) return writeAny(least, most, syntax);
    try {
      return writeLanguage(languages.both(wanted ?? languages.anyText, lengths(branch)), syntax);
    } catch (error) {
      if (!(error instanceof GrammarLimit)) throw error;
      return writeTooLarge(branch, syntax, error.message);
    }
  }

  /** Strict conversions have thrown in `cannotEnforce`; relaxed ones keep what is cheap. */
  function writeTooLarge(branch: Branch, syntax: ValueSyntax, reason: string): Expression {
    for (const { schema, path } of branch) {
      for (const keyword of ['pattern', 'format', ...(syntax.isEscaped ? [] : ['minLength', 'maxLength'])]) {
        if (keyword in schema) cannotEnforce(`${path}.${keyword}`, reason);
      }
    }
    const { least, most } = countRange(branch, 'minLength', 'maxLength');
    return syntax.isEscaped ? writeAny(least, most, syntax) : writeLanguage(languages.anyText, syntax);
  }

  function writeAny(least: number, most: number, { open, close }: ValueSyntax): Expression {
    const character = writer.add('char', jsonCharacter);
    return writer.add('string', sequence(text(open), writer.repeat(character, least, most), text(close)));
  }

  function writeLanguage(wanted: Language, syntax: ValueSyntax): Expression {
    const { open, close, isEscaped } = syntax;
    const { anyText, not, both, sequence: follow } = languages;
    const inner = isEscaped
      ? wanted
      : both(wanted, not(follow(anyText, follow(languages.text(close), anyText))));
    const key = JSON.stringify([inner.id, open, close, isEscaped]);
    const known = written.get(key);
    if (known !== undefined) return known;
    const automaton = languages.automaton(inner, mostStates);
    const made =
      automaton === null
        ? never
        : sequence(text(open), writer.automaton(automaton, isEscaped ? encodeJson : set, text(close)));
    written.set(key, made);
    return made;
  }

  return {
    write,
    language,
    writeLanguage,
    automaton: (branch) => languages.automaton(language(branch), mostStates),
  };
}

/** All listed values as they are written. */
export function writeListed(values: readonly unknown[], syntax: ValueSyntax): Expression {
  return choice(...values.map((value) => text(syntax.literal(value))));
}

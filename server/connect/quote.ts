import { stringify as tomlOf } from 'smol-toml';
import { stringify } from 'yaml';

/** Every value of a snippet passes one of these: a name or key with quotes, `$()` or line breaks stays data. */

/** One word of a POSIX shell: within single quotes nothing is special but the quote itself. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A string literal that JSON, Python and TypeScript read alike (JSON's escapes are a part of both others'). */
export function literal(text: string): string {
  return JSON.stringify(text);
}

export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** Long lines stay whole, and what YAML 1.1 would read as something else than text (`yes`, `012`) is quoted. */
export function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, compat: 'yaml-1.1' });
}

/** Tables below the values, as people write them. */
export function tomlText(value: Readonly<Record<string, unknown>>): string {
  return tomlOf(value);
}

/** `export NAME=value` lines, as a shell's profile has them. */
export function shellExports(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
    .join('');
}

const testModel =
  'test model, not for work: nothing here has to change when a better one takes over the name';

/** The line a snippet begins with while only the starter model answers; snippets are code and so are English. */
export function testModelComment(isTestModel: boolean, mark: '#' | '//'): string {
  return isTestModel ? `${mark} ${testModel}\n` : '';
}

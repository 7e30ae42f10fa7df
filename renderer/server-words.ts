/**
 * What the server says, in the language of the console. The server speaks English: refusals have a code, and all else it
 * says is a whole sentence with names and numbers in it. A language's `locales/errors.*.json` holds words for both; where
 * it has none, the server's own stand.
 */
export type ServerWords = {
  /** By the code of a refusal, where its sentence is not among those below. */
  readonly codes: Readonly<Record<string, string>>;
  /** By the server's sentence, whose values are `{{named}}` in both. A value may be such a sentence itself. */
  readonly sentences: Readonly<Record<string, string>>;
};

/** Null where the language has no words of its own for it. */
export type Teller = (said: string, code?: string | null) => string | null;

const silent: Teller = () => null;
let teller = silent;

/** Whoever changes the language says so here. */
export function speakAs(next: Teller = silent): void {
  teller = next;
}

/** What the server has said, in the language that is spoken; null where that has no words of its own for it. */
export function tell(said: string, code: string | null = null): string | null {
  return teller(said, code);
}

export function createTeller(words: ServerWords, language: string): Teller {
  let patterns: readonly Pattern[] | null = null;

  function tellSentence(said: string): string | null {
    const exact = words.sentences[said];
    if (exact !== undefined) return exact;
    // Made once somebody has a problem, not at every start.
    patterns ??= Object.entries(words.sentences).flatMap(([sentence, told]) => patternOf(sentence, told));
    for (const { form, told } of patterns) {
      const values = form.exec(said)?.groups;
      if (values !== undefined) return fill(told, values);
    }
    return null;
  }

  function fill(told: string, values: Readonly<Record<string, string>>): string {
    return told.replaceAll(/\{\{(\w+)\}\}/g, (_whole, name: string) => {
      const value = values[name] ?? '';
      return tellSentence(value) ?? decimal(value, language);
    });
  }

  return (said, code = null) => tellSentence(said) ?? (code === null ? null : (words.codes[code] ?? null));
}

type Pattern = { readonly form: RegExp; readonly told: string };

function patternOf(sentence: string, told: string): Pattern[] {
  if (!sentence.includes('{{')) return [];
  const form = sentence
    .replaceAll(/[.*+?^$()|[\]\\/]/g, String.raw`\$&`)
    .replaceAll(/\{\{(\w+)\}\}/g, '(?<$1>.+?)');
  return [{ form: new RegExp(`^${form}$`, 'su'), told }];
}

/** `1.5` as it is written here; anything else, such as an address, stays as it is. */
function decimal(value: string, language: string): string {
  return /^\d+\.\d+$/.test(value)
    ? new Intl.NumberFormat(language, { minimumFractionDigits: 1 }).format(Number(value))
    : value;
}

/** A row of the log tells what went wrong as `code: sentence`. */
export function partsOfError(error: string): { readonly code: string | null; readonly said: string } {
  const parts = /^(?<code>[a-z][a-z_]*): (?<said>.+)$/su.exec(error)?.groups;
  return { code: parts?.['code'] ?? null, said: parts?.['said'] ?? error };
}

/**
 * Reads the free text of a custom tool's call out of the JSON that the model writes, `{"input":"…"}`, as it comes.
 */
export type FreeTextReader = {
  /** Takes the next piece of JSON; gives the text that is known by now and was not given before. */
  readonly push: (json: string) => string;
  /** The rest, when no more JSON comes. */
  readonly end: () => string;
};

const beginning = /^\s*\{\s*"input"\s*:\s*"/;
/** As far as whole characters go: an escape that has only begun waits for its rest. */
const wholeCharacters = /^(?:[^"\\]+|\\(?:u[0-9a-fA-F]{4}|[^u]))*/;

export function createFreeTextReader(): FreeTextReader {
  let whole = '';
  let unread = '';
  let isInside = false;
  let isOver = false;
  let given = '';

  function read(): string {
    if (!isInside || isOver) return '';
    const raw = wholeCharacters.exec(unread)?.[0] ?? '';
    const ends = unread[raw.length] === '"';
    // Half a surrogate pair is no text yet.
    const held = ends ? '' : (/(?:\\u[dD][89abAB][0-9a-fA-F]{2}|[\ud800-\udbff])$/.exec(raw)?.[0] ?? '');
    const ready = raw.slice(0, raw.length - held.length);
    unread = unread.slice(ready.length);
    isOver = ends;
    const text = unescape(ready);
    given += text;
    return text;
  }

  return {
    push(json) {
      whole += json;
      unread += json;
      const begin = isInside ? null : beginning.exec(unread);
      if (begin !== null) {
        isInside = true;
        unread = unread.slice(begin[0].length);
      }
      return read();
    },
    end() {
      if (isOver) return '';
      if (isInside) return unescape(wholeCharacters.exec(unread)?.[0] ?? '');
      return otherForm(whole);
    },
  };
}

/** A model that was not held to the form may have written the text alone, or in another order. */
function otherForm(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null && 'input' in value && typeof value.input === 'string') {
      return value.input;
    }
  } catch {
    // No JSON at all: the text as it is.
  }
  return json;
}

const escaped: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '"': '"',
  '\\': '\\',
  '/': '/',
};

/** Also what JSON does not allow but models write: line ends as they are, and backslashes before anything. */
function unescape(raw: string): string {
  return raw.replaceAll(/\\(?:u([0-9a-fA-F]{4})|([^u]))/gs, (whole, code?: string, character = '') =>
    code === undefined
      ? (escaped[String(character)] ?? whole)
      : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

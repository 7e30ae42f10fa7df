import { StringDecoder } from 'node:string_decoder';

/** What a stream may not exceed; an upstream that means well is far below. */
export type StreamBounds = {
  /** Called with which bound was broken, to make the error. */
  readonly tooMuch: (what: 'line' | 'stream') => Error;
  readonly mostBytes: number;
};

const mostLineCharacters = 1024 * 1024;

/**
 * The lines of a stream, as many as each chunk completes; the last one needs no line end. Invalid UTF-8 becomes the
 * replacement character.
 */
export function readLines(
  chunks: AsyncIterable<Buffer>,
  bounds: StreamBounds,
): AsyncGenerator<readonly string[]> {
  return readPieces(chunks, bounds, (lines) => lines);
}

/** The `data:` of server-sent events (HTML standard §9.2) as OpenAI's dialect has them: one line each. */
export function readEvents(
  chunks: AsyncIterable<Buffer>,
  bounds: StreamBounds,
): AsyncGenerator<readonly string[]> {
  return readPieces(chunks, bounds, (lines) =>
    lines.flatMap((line) => (line.startsWith('data:') ? [dataOf(line)] : [])),
  );
}

/** One generator for both: each that a stream passes through costs every frame its time. */
async function* readPieces(
  chunks: AsyncIterable<Buffer>,
  { tooMuch, mostBytes }: StreamBounds,
  pick: (lines: readonly string[]) => readonly string[],
): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  let restLength = 0;
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooMuch('stream');
    const said = decoder.write(chunk);
    restLength += said.length;
    // Joined once a line is whole: a long line in a million pieces would be searched a million times.
    rest.push(said);
    if (!said.includes('\n')) {
      if (restLength > mostLineCharacters) throw tooMuch('line');
      continue;
    }
    const text = rest.join('');
    const lines: string[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const to = end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      if (to > from) lines.push(text.slice(from, to));
      from = end + 1;
    }
    rest = [text.slice(from)];
    restLength = text.length - from;
    if (restLength > mostLineCharacters) throw tooMuch('line');
    const picked = pick(lines);
    if (picked.length > 0) yield picked;
  }
  const last = rest.join('') + decoder.end();
  const picked = last === '' ? [] : pick([last]);
  if (picked.length > 0) yield picked;
}

function dataOf(line: string): string {
  return line.slice(line.charCodeAt(5) === 32 ? 6 : 5);
}

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
export async function* readLines(
  chunks: AsyncIterable<Buffer>,
  { tooMuch, mostBytes }: StreamBounds,
): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooMuch('stream');
    const text = rest + decoder.write(chunk);
    const lines: string[] = [];
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      const to = end > from && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
      if (to > from) lines.push(text.slice(from, to));
      from = end + 1;
    }
    rest = text.slice(from);
    if (rest.length > mostLineCharacters) throw tooMuch('line');
    if (lines.length > 0) yield lines;
  }
  rest += decoder.end();
  if (rest !== '') yield [rest];
}

/** The `data:` of server-sent events (HTML standard §9.2) as OpenAI's dialect has them: one line each. */
export async function* readEvents(
  chunks: AsyncIterable<Buffer>,
  bounds: StreamBounds,
): AsyncGenerator<readonly string[]> {
  for await (const lines of readLines(chunks, bounds)) {
    const events = lines.flatMap((line) => (line.startsWith('data:') ? [dataOf(line)] : []));
    if (events.length > 0) yield events;
  }
}

function dataOf(line: string): string {
  return line.slice(line.charCodeAt(5) === 32 ? 6 : 5);
}

import { insist } from './fault.ts';

/** One event of a stream of server-sent events (HTML standard §9.2), as a client's parser gives it. */
export type Frame = {
  /** Null where there is no `event:` line. */
  readonly event: string | null;
  readonly data: string;
};

/** More than any answer that is asked for here; a server that never ends must not fill the memory. */
const mostCharacters = 4 * 1024 * 1024;

/** Reads a stream to its end. Comments keep a connection alive and are no events. */
export async function readFrames(body: AsyncIterable<Uint8Array>): Promise<Frame[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const frames: Frame[] = [];
  let rest = '';
  let characters = 0;
  for await (const bytes of body) {
    const text = decoder.decode(bytes, { stream: true });
    characters += text.length;
    insist(characters <= mostCharacters, 'it does not end');
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    frames.push(...blocks.flatMap((block) => frameOf(block) ?? []));
  }
  insist(rest.trim() === '', 'the stream ends in the middle of an event');
  return frames;
}

function frameOf(block: string): Frame | null {
  let event: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event:')) event = line.slice('event:'.length).trim();
    else if (line.startsWith('data:')) data.push(line.slice('data:'.length).replace(/^ /, ''));
  }
  return data.length === 0 ? null : { event, data: data.join('\n') };
}

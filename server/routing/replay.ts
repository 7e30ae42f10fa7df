import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import type { ChoicePart, GeneratePart, GenerateRequest } from '../core/generate.ts';

/** A long answer is there all at once; others have their turn in between. */
const partsPerTurn = 256;

/** The answer of before, part by part as it came, as fast as it is read. Throws the signal's reason. */
export async function* replay(json: string, signal: AbortSignal): AsyncGenerator<ChoicePart> {
  // We have written it ourselves, in this process.
  const parts = JSON.parse(json) as readonly ChoicePart[];
  for (const [index, part] of parts.entries()) {
    if (index % partsPerTurn === partsPerTurn - 1) await turnOfTheLoop();
    signal.throwIfAborted();
    yield part;
  }
}

type Recording = {
  /** One for each choice. */
  readonly requests: readonly GenerateRequest[];
  readonly mostBytes: number;
  /** Called once, just before the last part goes on; never for an answer that is not whole. */
  readonly keep: (json: string) => void;
};

/** Passes the parts on, and gives the whole answer to be kept when it has ended as the model and the client wanted. */
export async function* recorded(
  parts: AsyncIterable<ChoicePart>,
  { requests, mostBytes, keep }: Recording,
): AsyncGenerator<ChoicePart> {
  let pieces: string[] | null = [];
  let size = 0;
  let running = requests.length;
  for await (const choicePart of parts) {
    const { choice, part } = choicePart;
    const request = requests[choice];
    if (part.type === 'finish') {
      running -= 1;
      if (request === undefined || !isWhole(part, request)) pieces = null;
    }
    if (pieces !== null) {
      const piece = JSON.stringify({ choice, part: plain(part) });
      size += piece.length;
      if (size > mostBytes) pieces = null;
      else pieces.push(piece);
    }
    if (pieces !== null && running === 0) keep(`[${pieces.join(',')}]`);
    yield choicePart;
  }
}

/**
 * Not one that ended because there was no more room for it (the context, memory, an upstream's own maximum): there may be
 * more the next time.
 */
function isWhole(
  { reason, usage }: Extract<GeneratePart, { type: 'finish' }>,
  { maxTokens }: GenerateRequest,
): boolean {
  return reason !== 'length' || (maxTokens !== null && usage.completionTokens >= maxTokens);
}

/** A text that is read only when asked for becomes one that is there: another dialect may tell the answer again. */
function plain(part: GeneratePart): GeneratePart {
  return part.type === 'text-delta' && part.frames !== undefined ? { ...part, text: part.text } : part;
}

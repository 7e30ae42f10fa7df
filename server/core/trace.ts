import type { ChatMessage, ChoicePart, ContentPart, GenerateRequest, MediaContent } from './generate.ts';
import { maskLookAhead, maskSecrets } from './mask.ts';

/** What is kept of a request whose prompts are kept (traced): what was said, masked and cut at a stated size. */

/** One piece of what was said, in its order. */
export type TraceEntry = {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  /** `call`: `name` is the tool's, `text` its arguments. `tools`: the names of what was offered. */
  readonly kind: 'text' | 'reasoning' | 'call' | 'tools' | 'media';
  readonly name: string | null;
  readonly text: string;
  /** Characters at its end that were not kept. */
  readonly cut: number;
  /** Which of several prompts or answers it belongs to, from 0. */
  readonly choice: number;
};

export type TraceContent = {
  readonly asked: readonly TraceEntry[];
  /** Pieces before the first kept one, which found no room. */
  readonly leftOut: number;
  readonly answered: readonly TraceEntry[];
  /** Places where a secret was masked. */
  readonly masked: number;
};

/** A piece before it is masked: `text` goes somewhat beyond the `keep` characters that stay, `length` is the whole. */
type RawEntry = Omit<TraceEntry, 'cut'> & { readonly length: number; readonly keep: number };

/** The same before it is masked: only ever in memory. */
export type RawTrace = {
  readonly asked: readonly RawEntry[];
  readonly leftOut: number;
  readonly answered: readonly RawEntry[];
};

/** Why something is kept: until when the key is traced, or because the owner keeps everybody's. */
export type Tracing =
  | { readonly why: 'key'; readonly untilMs: number }
  | { readonly why: 'office'; readonly untilMs: null };

/** In characters (UTF-16). The newest pieces of a prompt go first. */
const traceLimits = { asked: 40_000, askedPiece: 20_000, answered: 40_000, answeredPiece: 20_000 };

/** Follows one request while it is answered. It never holds more than the prompt, and as much of an answer as is kept. */
export type TraceCapture = {
  readonly tracing: Tracing;
  readonly take: (part: ChoicePart) => void;
  /** What was said so far, cut; nothing is masked yet. */
  readonly raw: () => RawTrace;
};

type Raw = Omit<TraceEntry, 'cut'>;
type Growing = Omit<Raw, 'text'> & { text: string; length: number };

/** Nothing that people or tools do by themselves has more pieces. */
const mostPieces = 500;

export function captureTrace(tracing: Tracing, requests: readonly GenerateRequest[]): TraceCapture {
  const asked = askedOf(requests);
  const answered: Growing[] = [];
  const mostRaw = traceLimits.answeredPiece + maskLookAhead;

  function growing(like: Pick<Raw, 'kind' | 'name' | 'choice'>): Growing | null {
    if (answered.length >= mostPieces) return null;
    const entry: Growing = { ...like, role: 'assistant', text: '', length: 0 };
    answered.push(entry);
    return entry;
  }
  function grow(kind: Raw['kind'], choice: number, text: string): void {
    const entry =
      answered.findLast((one) => one.kind === kind && one.choice === choice) ??
      growing({ kind, name: null, choice });
    if (entry === null) return;
    entry.length += text.length;
    if (entry.text.length < mostRaw) entry.text += text.slice(0, mostRaw - entry.text.length);
  }

  return {
    tracing,
    take({ choice, part }) {
      switch (part.type) {
        case 'start':
        case 'finish':
          return;
        case 'text-delta':
          return grow('text', choice, part.text);
        case 'reasoning-delta':
          return grow('reasoning', choice, part.text);
        case 'tool-call-start':
          return void growing({ kind: 'call', name: part.name, choice });
        case 'tool-call-delta':
          return grow('call', choice, part.arguments);
      }
    },
    raw() {
      const kept = firstThatFit(asked.toReversed(), traceLimits.asked, traceLimits.askedPiece).toReversed();
      return {
        asked: kept,
        leftOut: asked.length - kept.length,
        answered: firstThatFit(answered, traceLimits.answered, traceLimits.answeredPiece),
      };
    },
  };
}

function firstThatFit(
  pieces: readonly (Raw & { readonly length?: number })[],
  most: number,
  mostOfOne: number,
): RawEntry[] {
  const entries: RawEntry[] = [];
  let left = most;
  for (const piece of pieces.slice(0, mostPieces)) {
    if (left <= 0) break;
    const keep = Math.min(left, mostOfOne);
    const length = piece.length ?? piece.text.length;
    entries.push({ ...piece, text: piece.text.slice(0, keep + maskLookAhead), length, keep });
    // A piece costs something even where it is empty.
    left -= Math.min(length, keep) + 20;
  }
  return entries;
}

/** Masks and cuts: some milliseconds of work for long texts, so not on the thread that serves. */
export function maskTrace({ asked, leftOut, answered }: RawTrace): TraceContent {
  let masked = 0;
  const keep = ({ length, keep: most, ...raw }: RawEntry): TraceEntry => {
    const made = maskSecrets(raw.text, most);
    const name = raw.name === null ? null : maskSecrets(raw.name, 200).text.toWellFormed();
    masked += made.masked;
    // JSON and SQLite keep whole characters only.
    const text = made.text.toWellFormed().replaceAll('\0', '\u{fffd}');
    return { ...raw, name, text, cut: made.cut + length - raw.text.length };
  };
  return { asked: asked.map(keep), leftOut, answered: answered.map(keep), masked };
}

// --- the prompt as pieces ------------------------------------------------------------------------------------

function askedOf(requests: readonly GenerateRequest[]): Raw[] {
  const [first] = requests;
  const seen = new Set<unknown>();
  const pieces = requests.flatMap((request, choice) => {
    const said = request.raw ?? request.messages;
    if (seen.has(said)) return [];
    seen.add(said);
    return request.raw === undefined
      ? request.messages.flatMap((message) => piecesOf(message, choice))
      : rawPieces(request.raw, choice);
  });
  const tools = first?.chat?.tools.map(({ name }) => name) ?? [];
  const offered: Raw[] =
    tools.length === 0
      ? []
      : [{ role: 'system', kind: 'tools', name: null, text: tools.join(', '), choice: 0 }];
  return [...offered, ...pieces];
}

function rawPieces({ prompt, suffix }: NonNullable<GenerateRequest['raw']>, choice: number): Raw[] {
  const text = typeof prompt === 'string' ? prompt : `[${prompt.length} tokens of the model's own]`;
  const piece: Raw = { role: 'user', kind: 'text', name: null, text, choice };
  return suffix === null ? [piece] : [piece, { ...piece, name: 'suffix', text: suffix }];
}

function piecesOf(message: ChatMessage, choice: number): Raw[] {
  const { role, name, toolCallId, reasoning, toolCalls = [] } = message;
  const base = { role, choice };
  const thought: Raw[] =
    reasoning === undefined || reasoning === ''
      ? []
      : [{ ...base, kind: 'reasoning', name: null, text: reasoning }];
  const calls = toolCalls.map((call): Raw => ({
    ...base,
    kind: 'call',
    name: call.name,
    text: call.arguments,
  }));
  const said = contentPieces(message.content).map((piece): Raw => ({
    ...base,
    ...piece,
    name: name ?? toolCallId ?? null,
  }));
  return [...thought, ...said, ...calls];
}

/** Texts beside one another are one, so that nothing hides in between. */
function contentPieces(content: readonly ContentPart[]): Pick<Raw, 'kind' | 'text'>[] {
  const pieces: { kind: Raw['kind']; text: string }[] = [];
  for (const part of content) {
    const last = pieces.at(-1);
    if (part.type === 'media') pieces.push({ kind: 'media', text: noteOf(part) });
    else if (last?.kind === 'text') last.text += `\n${part.text}`;
    else pieces.push({ kind: 'text', text: part.text });
  }
  return pieces;
}

/** Kind, type and size alone; of an address only that there is one. */
function noteOf({ kind, source }: MediaContent): string {
  if (source === undefined) return `[${kind}]`;
  if (source.type === 'url') return `[${kind} from the web]`;
  return `[${kind}, ${source.mimeType}, ${Buffer.byteLength(source.data, 'base64')} bytes]`;
}

import type { ChatMessage, ChoicePart, ContentPart, GenerateRequest, MediaContent } from './generate.ts';
import { maskSecrets } from './mask.ts';

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

/** Why something is kept: until when the key is traced, or because the owner keeps everybody's. */
export type Tracing =
  | { readonly why: 'key'; readonly untilMs: number }
  | { readonly why: 'office'; readonly untilMs: null };

/** In characters (UTF-16). The newest pieces of a prompt go first. */
export const traceLimits = { asked: 40_000, askedPiece: 20_000, answered: 40_000, answeredPiece: 20_000 };

/** Follows one request while it is answered. It never holds more than the prompt, and as much of an answer as is kept. */
export type TraceCapture = {
  readonly tracing: Tracing;
  readonly take: (part: ChoicePart) => void;
  /** Masks and cuts: some milliseconds of work for long texts, so not while somebody waits. */
  readonly content: () => TraceContent;
};

type Raw = Omit<TraceEntry, 'cut'>;
type Growing = Omit<Raw, 'text'> & { text: string; length: number };

export function captureTrace(tracing: Tracing, requests: readonly GenerateRequest[]): TraceCapture {
  const asked = askedOf(requests);
  const answered: Growing[] = [];
  const mostRaw = traceLimits.answeredPiece + 8_192;

  function grow(like: Pick<Raw, 'kind' | 'name' | 'choice'>, text: string, isNew = false): void {
    let entry = isNew
      ? undefined
      : answered.findLast(({ kind, choice }) => kind === like.kind && choice === like.choice);
    if (entry === undefined) {
      if (answered.length >= mostPieces) return;
      entry = { ...like, role: 'assistant', text: '', length: 0 };
      answered.push(entry);
    }
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
          return grow({ kind: 'text', name: null, choice }, part.text);
        case 'reasoning-delta':
          return grow({ kind: 'reasoning', name: null, choice }, part.text);
        case 'tool-call-start':
          return grow({ kind: 'call', name: part.name, choice }, '', true);
        case 'tool-call-delta':
          return grow({ kind: 'call', name: null, choice }, part.arguments);
      }
    },
    content() {
      const kept = newestThatFit(asked);
      const said = firstThatFit(answered);
      return {
        asked: kept.entries,
        leftOut: asked.length - kept.entries.length,
        answered: said.entries,
        masked: kept.masked + said.masked,
      };
    },
  };
}

/** Nothing that people or tools do by themselves has more. */
const mostPieces = 500;

type Kept = { readonly entries: TraceEntry[]; readonly masked: number };

function newestThatFit(asked: readonly Raw[]): Kept {
  const entries: TraceEntry[] = [];
  let left = traceLimits.asked;
  let masked = 0;
  for (const raw of asked.toReversed().slice(0, mostPieces)) {
    if (left <= 0) break;
    const made = keep(raw, raw.text.length, Math.min(left, traceLimits.askedPiece));
    left -= made.entry.text.length + 20;
    masked += made.masked;
    entries.unshift(made.entry);
  }
  return { entries, masked };
}

function firstThatFit(answered: readonly Growing[]): Kept {
  const entries: TraceEntry[] = [];
  let left = traceLimits.answered;
  let masked = 0;
  for (const { length, ...raw } of answered) {
    const made = keep(raw, length, Math.min(Math.max(left, 0), traceLimits.answeredPiece));
    left -= made.entry.text.length + 20;
    masked += made.masked;
    entries.push(made.entry);
  }
  return { entries, masked };
}

function keep(raw: Raw, length: number, most: number): { readonly entry: TraceEntry; readonly masked: number } {
  const { text, masked, cut } = maskSecrets(raw.text, most);
  const name = raw.name === null ? null : maskSecrets(raw.name, 200).text;
  // SQLite and JSON keep whole characters only.
  const entry = {
    ...raw,
    name: name?.toWellFormed() ?? null,
    text: text.toWellFormed().replaceAll('\0', '\u{fffd}'),
    cut: cut + length - raw.text.length,
  };
  return { entry, masked };
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

function rawPieces(
  { prompt, suffix }: NonNullable<GenerateRequest['raw']>,
  choice: number,
): Raw[] {
  const text = typeof prompt === 'string' ? prompt : `[${prompt.length} tokens of the model's own]`;
  const piece: Raw = { role: 'user', kind: 'text', name: null, text, choice };
  return suffix === null ? [piece] : [piece, { ...piece, name: 'suffix', text: suffix }];
}

function piecesOf(message: ChatMessage, choice: number): Raw[] {
  const { role, name, toolCallId, reasoning, toolCalls = [] } = message;
  const base = { role, choice };
  const thought: Raw[] =
    reasoning === undefined || reasoning === '' ? [] : [{ ...base, kind: 'reasoning', name: null, text: reasoning }];
  const calls = toolCalls.map((call): Raw => ({ ...base, kind: 'call', name: call.name, text: call.arguments }));
  const said = contentPieces(message.content).map(
    (piece): Raw => ({ ...base, ...piece, name: name ?? toolCallId ?? null }),
  );
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
  return `[${kind}, ${source.mimeType}, ${Math.ceil((source.data.length * 3) / 4)} bytes]`;
}

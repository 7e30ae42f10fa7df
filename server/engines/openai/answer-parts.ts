import { randomBytes } from 'node:crypto';
import type { FinishReason, GeneratePart, GenerateRequest, Usage } from '../../core/generate.ts';
import {
  toFinishReason,
  toLogprobs,
  toUsage,
  type AnswerChunk,
  type WireChoice,
  type WireMessage,
} from './answer-chunks.ts';
import { estimateTokens } from './estimate.ts';

/** Turns what an upstream says, piece by piece, into parts of ours. */
export type PartMaker = {
  /** What a piece says beyond what was said before. */
  readonly take: (chunk: AnswerChunk) => readonly GeneratePart[];
  /** A piece that is text and nothing else. */
  readonly text: (part: GeneratePart) => readonly GeneratePart[];
  /** True once nothing more is needed: why it ended and what it took are known. */
  readonly isComplete: () => boolean;
  readonly hasEnded: () => boolean;
  /** Whether it goes on although it has said all it was asked for. */
  readonly isOver: () => boolean;
  /** The last part; null where the upstream has not told that its answer is whole. */
  readonly finish: () => GeneratePart | null;
};

/** What an upstream that counts otherwise may say beyond `maxTokens` before it is stopped. */
const slackTokens = 32;

export function createPartMaker(request: GenerateRequest): PartMaker {
  const calls = createCallNames();
  let hasStarted = false;
  let said = 0;
  let reason: FinishReason | null = null;
  let stopSequence: string | null = null;
  let usage: Usage | null = null;

  function opened(parts: readonly GeneratePart[]): readonly GeneratePart[] {
    for (const part of parts) if ('tokens' in part) said += part.tokens;
    if (hasStarted) return parts;
    hasStarted = true;
    return [
      { type: 'start', promptTokens: estimateTokens(request), cachedTokens: 0, isEstimate: true },
      ...parts,
    ];
  }

  return {
    text: (part) => opened([part]),
    take({ choices, usage: told }) {
      if (told) usage = toUsage(told);
      const choice = choices?.[0];
      if (choice === undefined) return [];
      if (choice.finish_reason) {
        reason = toFinishReason(choice.finish_reason);
        if (typeof choice.stop_reason === 'string') stopSequence = choice.stop_reason;
      }
      return opened([...wordsOf(choice, request), ...calls.take(choice.delta ?? choice.message ?? null)]);
    },
    isComplete: () => reason !== null && usage !== null,
    hasEnded: () => reason !== null,
    isOver: () => request.maxTokens !== null && reason === null && said > request.maxTokens + slackTokens,
    finish() {
      const isOver = request.maxTokens !== null && said > request.maxTokens + slackTokens;
      if (reason === null && !isOver) return null;
      return {
        type: 'finish',
        // Some say `stop` after calls; `length` where it was we who stopped it.
        reason: reason === null ? 'length' : calls.count() > 0 && reason === 'stop' ? 'tool_calls' : reason,
        ...(stopSequence === null ? {} : { stopSequence }),
        usage: usage ?? { promptTokens: estimateTokens(request), cachedTokens: 0, completionTokens: said },
      };
    },
  };
}

function wordsOf(choice: WireChoice, request: GenerateRequest): GeneratePart[] {
  const spoken = choice.delta ?? choice.message;
  const thought = spoken?.reasoning_content || spoken?.reasoning || '';
  const text = spoken?.content ?? choice.text ?? '';
  const logprobs = request.logprobs === undefined ? [] : toLogprobs(choice);
  return [
    ...(thought === ''
      ? []
      : [{ type: 'reasoning-delta', text: thought, tokens: tokensIn(thought.length) } as const]),
    ...(text === '' && logprobs.length === 0
      ? []
      : [
          {
            type: 'text-delta',
            text,
            tokens: logprobs.length > 0 ? logprobs.length : tokensIn(text.length),
            ...(logprobs.length === 0 ? {} : { logprobs }),
          } as const,
        ]),
  ];
}

/** A frame is a token, unless it is too long for one; the usage at the end puts it right. */
export function tokensIn(characters: number): number {
  return characters <= 16 ? 1 : Math.ceil(characters / 4);
}

type CallNames = {
  readonly take: (spoken: WireMessage | null) => readonly GeneratePart[];
  readonly count: () => number;
};

/**
 * Upstreams number their calls, or give all of them the number 0, or none: a new id or, without one, a new name is a
 * new call.
 */
function createCallNames(): CallNames {
  const places = new Map<number, { readonly place: number; readonly id: string | null }>();
  let count = 0;
  return {
    count: () => count,
    take(spoken) {
      const parts: GeneratePart[] = [];
      for (const [at, wire] of (spoken?.tool_calls ?? []).entries()) {
        const index = wire.index ?? (spoken?.tool_calls?.length === 1 ? 0 : at);
        const name = wire.function?.name || null;
        const id = wire.id || null;
        const known = places.get(index);
        const isNew = name !== null && (known === undefined || (id !== null && id !== known.id));
        if (isNew) {
          places.set(index, { place: count, id });
          parts.push({
            type: 'tool-call-start',
            index: count,
            id: id ?? `call_${randomBytes(12).toString('hex')}`,
            name: name.slice(0, 1000),
            tokens: 1,
          });
          count += 1;
        }
        const given = argumentsOf(wire.function?.arguments);
        const place = places.get(index)?.place;
        if (given === '' || place === undefined) continue;
        parts.push({
          type: 'tool-call-delta',
          index: place,
          arguments: given,
          tokens: tokensIn(given.length),
        });
      }
      return parts;
    },
  };
}

/** An object is wrong, but what it means is clear. */
function argumentsOf(given: string | Record<string, unknown> | null | undefined): string {
  if (given === null || given === undefined) return '';
  return typeof given === 'string' ? given : JSON.stringify(given);
}

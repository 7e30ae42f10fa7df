import type { FinishReason, GeneratePart, GenerateRequest, Usage } from '../../core/generate.ts';
import { toFinishReason, toLogprobs, toUsage, type AnswerChunk, type WireChoice } from './answer-chunks.ts';
import { createCallOrder, type CallOrder } from './call-order.ts';
import { estimateTokens, tokensIn } from './estimate.ts';

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
  /** The last parts; null where the upstream has not told that its answer is whole. */
  readonly finish: () => readonly GeneratePart[] | null;
};

/** What an upstream that counts otherwise may say beyond `maxTokens` before it is stopped. */
export const slackTokens = 32;

/** `upstream`: its name, for what is said about it. */
export function createPartMaker(request: GenerateRequest, upstream: string): PartMaker {
  /** Made for the first call: most answers have none. */
  let calls: CallOrder | null = null;
  let hasStarted = false;
  let said = 0;
  let reason: FinishReason | null = null;
  let stopSequence: string | null = null;
  let usage: Usage | null = null;

  /** Nothing begins before there is something to say: an upstream that fails until then can still be replaced. */
  function opened(parts: readonly GeneratePart[]): readonly GeneratePart[] {
    for (const part of parts) if ('tokens' in part) said += part.tokens;
    if (hasStarted || parts.length === 0) return parts;
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
      const spoken = choice.delta ?? choice.message ?? null;
      if (spoken?.tool_calls) calls ??= createCallOrder(upstream);
      return opened([...wordsOf(choice, request), ...(calls?.take(spoken) ?? [])]);
    },
    isComplete: () => reason !== null && usage !== null,
    hasEnded: () => reason !== null,
    isOver: () => request.maxTokens !== null && reason === null && said > request.maxTokens + slackTokens,
    finish() {
      const isOver = request.maxTokens !== null && said > request.maxTokens + slackTokens;
      if (reason === null && !isOver) return null;
      const rest = calls?.rest() ?? [];
      const callCount = calls?.count() ?? 0;
      const end: GeneratePart = {
        type: 'finish',
        // Some say `stop` after calls; `length` where it was we who stopped it.
        reason: reason === null ? 'length' : callCount > 0 && reason === 'stop' ? 'tool_calls' : reason,
        ...(stopSequence === null ? {} : { stopSequence }),
        usage: usage ?? { promptTokens: estimateTokens(request), cachedTokens: 0, completionTokens: said },
      };
      return opened([...rest, end]);
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

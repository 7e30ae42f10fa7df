import { z } from 'zod';
import type { FinishReason, TokenLogprob, Usage } from '../../core/generate.ts';

/** What frames and whole answers of upstreams say, loosely: they are others' and differ in much. */

const mostTokens = 1_000_000_000;
const tokens = z.number().int().min(0).max(mostTokens);

const wireUsage = z.object({
  prompt_tokens: tokens,
  completion_tokens: tokens.nullish(),
  prompt_tokens_details: z.object({ cached_tokens: tokens.nullish() }).nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: tokens.nullish() }).nullish(),
});

const text = z.string().nullish();
const likelihood = z.object({ token: z.string(), logprob: z.number() });

const message = z.object({
  content: text,
  reasoning_content: text,
  reasoning: text.catch(null),
  tool_calls: z
    .array(
      z.object({
        index: z.number().int().nullish(),
        id: text,
        function: z
          .object({
            name: text,
            arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
          })
          .nullish(),
      }),
    )
    .max(1024)
    .nullish(),
});
type WireMessage = z.infer<typeof message>;

const choice = z.object({
  delta: message.nullish(),
  message: message.nullish(),
  text,
  logprobs: z
    .object({
      content: z
        .array(z.object({ ...likelihood.shape, top_logprobs: z.array(likelihood).max(100).nullish() }))
        .nullish(),
      tokens: z.array(z.string()).nullish(),
      token_logprobs: z.array(z.number().nullable()).nullish(),
      top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).nullish(),
    })
    .nullish()
    .catch(null),
  finish_reason: text,
  stop_reason: z.unknown().optional(),
});

export const answerChunk = z.object({
  choices: z.array(choice).max(64).nullish(),
  usage: wireUsage.nullish().catch(null),
  error: z.unknown().optional(),
});
export type AnswerChunk = z.infer<typeof answerChunk>;
export type WireChoice = z.infer<typeof choice>;
export type { WireMessage };

/**
 * What nearly all whole answers are: one text and its usage, without calls, thoughts or log-probabilities. Looking at them by
 * hand costs a tenth of the schema; null for all others, which the schema is to judge.
 */
export function plainAnswer(value: unknown): AnswerChunk | null {
  if (!isRecord(value) || value['error'] != null || !Array.isArray(value['choices'])) return null;
  const [choice] = value['choices'] as readonly unknown[];
  const { usage } = value;
  if (value['choices'].length !== 1 || !isRecord(choice) || !isRecord(usage)) return null;
  const { message, delta, text: completed, logprobs, finish_reason: reason } = choice;
  if (!isRecord(message) || delta != null || completed != null || logprobs != null) return null;
  if (typeof message['content'] !== 'string' || typeof reason !== 'string') return null;
  if (unusual.some((name) => message[name] != null)) return null;
  if (usage['prompt_tokens_details'] != null || usage['completion_tokens_details'] != null) return null;
  if (!isCount(usage['prompt_tokens']) || !isCount(usage['completion_tokens'])) return null;
  return value;
}

const unusual = ['tool_calls', 'reasoning_content', 'reasoning'] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostTokens;
}

export function toUsage(wire: NonNullable<AnswerChunk['usage']>): Usage {
  const reasoningTokens = wire.completion_tokens_details?.reasoning_tokens ?? 0;
  return {
    promptTokens: wire.prompt_tokens,
    cachedTokens: Math.min(wire.prompt_tokens_details?.cached_tokens ?? 0, wire.prompt_tokens),
    completionTokens: wire.completion_tokens ?? 0,
    ...(reasoningTokens === 0 ? {} : { reasoningTokens }),
  };
}

export function toFinishReason(wire: string): FinishReason {
  if (wire === 'length' || wire === 'max_tokens') return 'length';
  return wire === 'tool_calls' || wire === 'function_call' ? 'tool_calls' : 'stop';
}

/** Of chat answers and of completions alike. */
export function toLogprobs({ logprobs }: WireChoice): readonly TokenLogprob[] {
  if (logprobs?.content) {
    return logprobs.content.map(({ token, logprob, top_logprobs: top }) => ({
      text: token,
      logprob: finite(logprob),
      top: (top ?? []).map((other) => ({ text: other.token, logprob: finite(other.logprob) })),
    }));
  }
  return (logprobs?.tokens ?? []).map((token, index) => ({
    text: token,
    logprob: finite(logprobs?.token_logprobs?.[index] ?? unlikely),
    top: Object.entries(logprobs?.top_logprobs?.[index] ?? {}).map(([other, logprob]) => ({
      text: other,
      logprob: finite(logprob),
    })),
  }));
}

const unlikely = -9999;

function finite(logprob: number): number {
  return Number.isFinite(logprob) ? Math.max(unlikely, logprob) : unlikely;
}

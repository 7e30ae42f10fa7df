import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { adminError } from '../server/wire/admin.ts';
import { ApiError, callForStream } from './api.ts';
import { clean } from './playground/clean.ts';
import type { Hearer } from './playground/playground.ts';
import { bodyOf, type AnswerEnd, type Question } from './playground/talk.ts';

/** What of a chunk is looked at; everything else may be there. */
const chunk = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        delta: z
          .looseObject({ content: z.string().nullish(), reasoning_content: z.string().nullish() })
          .optional(),
        finish_reason: z.string().nullish(),
      }),
    )
    .default([]),
  usage: z.looseObject({ completion_tokens: z.number() }).nullish(),
});

/** Asks a model and tells of the answer while it comes. Never rejects. */
export async function askModel(question: Question, hearer: Hearer, signal: AbortSignal): Promise<AnswerEnd> {
  try {
    const { as, mayLeave } = question;
    const query = new URLSearchParams(as === null ? { mayLeave: String(mayLeave) } : { as });
    const body = { ...bodyOf(question), stream: true, stream_options: { include_usage: true } };
    const response = await callForStream(`/api/playground/chat?${query}`, body, signal);
    const served = response.headers.get('x-inglenook-model');
    if (served !== null) hearer.onServed(served);
    return await follow(response, hearer);
  } catch (error) {
    if (signal.aborted) return { kind: 'stopped' };
    if (error instanceof ApiError && error.kind === 'refused') {
      const { message, code, requestId } = error;
      return { kind: 'refused', message, code, requestId };
    }
    return { kind: 'broken' };
  }
}

async function follow(response: Response, hearer: Hearer): Promise<AnswerEnd> {
  const heard: { end: AnswerEnd | null; reason: string | null } = { end: null, reason: null };
  const requestId = response.headers.get('x-request-id');
  const parser = createParser({
    onEvent({ data }) {
      if (heard.end !== null) return;
      if (data === '[DONE]') {
        heard.end = { kind: 'done', isCut: heard.reason === 'length' };
        return;
      }
      const frame: unknown = JSON.parse(data);
      const failure = adminError.safeParse(frame).data?.error;
      if (failure !== undefined) {
        heard.end = { kind: 'refused', message: failure.message, code: failure.code, requestId };
        return;
      }
      heard.reason = hear(chunk.parse(frame), hearer) ?? heard.reason;
    },
  });
  const reader = response.body?.getReader();
  if (reader === undefined) return { kind: 'broken' };
  const decoder = new TextDecoder();
  try {
    while (heard.end === null) {
      const { done, value } = await reader.read();
      if (done) break;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    // What is left unread must not go on being made.
    void reader.cancel().catch(() => undefined);
  }
  return heard.end ?? { kind: 'broken' };
}

/** @returns why it has ended, in the chunk that says so */
function hear({ choices, usage }: z.infer<typeof chunk>, hearer: Hearer): string | null {
  const [choice] = choices;
  const { content, reasoning_content: thoughts } = choice?.delta ?? {};
  if (thoughts) hearer.onThoughts(clean(thoughts));
  if (content) hearer.onText(clean(content));
  if (usage) hearer.onTokens(usage.completion_tokens);
  return choice?.finish_reason ?? null;
}

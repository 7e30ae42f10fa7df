import { Refusal, type Ask } from './ask.ts';
import { insist } from './fault.ts';
import { judgeChatStream } from './judge-chat.ts';
import type { PointFacts } from './point.ts';
import { verdict, type Verdict } from './verdict.ts';

/**
 * Whether the context that is promised is there. A prompt is filled with one sentence over and over, so that its size in
 * tokens can be told beforehand from two small ones, whatever the tokenizer. Judged is how many tokens arrived, by the
 * answer's own usage: whether the model still knows how the text began is a matter of its wit.
 *
 * 1. two small prompts: tokens of a sentence, and how fast they are read;
 * 2. one that does not fit: it must be refused, or arrive whole, but not be cut;
 * 3. one that nearly fills the context: it must arrive whole.
 */
export async function longContext(ask: Ask, facts: PointFacts): Promise<Verdict> {
  const { contextTokens: context, monotonicMs } = facts;
  if (context === null) return verdict('skipped', 'context-unknown');
  if (facts.isOutside) return verdict('skipped', 'context-paid');
  const few = await read(ask, facts, 4); // (1)
  const beganMs = monotonicMs();
  const more = await read(ask, facts, 4 + sentencesFor(few, context));
  const tookMs = monotonicMs() - beganMs;
  const perSentence = (more.tokens - few.tokens) / (more.sentences - few.sentences);
  insist(perSentence >= 1, 'the usage does not grow with the prompt');
  const sentencesIn = (tokens: number): number => (tokens - few.tokens) / perSentence + few.sentences;
  const tokensOf = (sentences: number): number =>
    Math.round(few.tokens + (sentences - few.sentences) * perSentence);

  const fitting = Math.floor(sentencesIn(context - room));
  const beyond = Math.ceil(sentencesIn(context * 1.05 + room));
  if (fitting <= more.sentences) return verdict('ok', 'context-held', { tokens: more.tokens, context });
  const expectedMs = (tookMs / (more.tokens - few.tokens)) * tokensOf(fitting) * slowdown;
  if (expectedMs > facts.longestReadMs) {
    const minutes = Math.max(1, Math.round(expectedMs / 60_000));
    return verdict('skipped', 'context-slow', { tokens: tokensOf(fitting), minutes });
  }
  const tooLong = await arrivedOf(ask, facts, beyond); // (2)
  if (typeof tooLong === 'number' && isCut(tokensOf(beyond), tooLong)) {
    return verdict('failed', 'context-cut', { sent: tokensOf(beyond), arrived: tooLong });
  }
  const whole = await arrivedOf(ask, facts, fitting); // (3)
  if (whole instanceof Refusal) {
    const { message } = whole;
    return verdict('failed', 'context-refused', { tokens: tokensOf(fitting), context, message });
  }
  if (isCut(tokensOf(fitting), whole)) {
    return verdict('failed', 'context-cut', { sent: tokensOf(fitting), arrived: whole });
  }
  return verdict('ok', 'context-held', { tokens: whole, context });
}

/** Left for the answer, and for what a template adds that grows with the prompt. */
const room = 64;
/** Each further token has more to look back at. */
const slowdown = 1.5;
/** Tokens at the seams may differ by a few. */
const leastArrived = 0.98;

const fact = 'The word to remember is heron.';
const sentence = 'The kettle is on the shelf, and the water is still cold. ';
const question = 'Which word was to be remembered?';

type Read = { readonly sentences: number; readonly tokens: number };

/** Enough of them to measure by: about a thousand tokens, or half of a small context. */
function sentencesFor({ tokens, sentences }: Read, context: number): number {
  return Math.max(1, Math.floor(Math.min(1000, context / 2) / (tokens / sentences)));
}

async function read(ask: Ask, { model }: PointFacts, sentences: number): Promise<Read> {
  const frames = await ask.stream('/v1/chat/completions', {
    model,
    messages: [{ role: 'user', content: `${fact}\n\n${sentence.repeat(sentences)}\n\n${question}` }],
    max_tokens: 8,
    stream_options: { include_usage: true },
  });
  const { promptTokens } = judgeChatStream(frames);
  insist(promptTokens !== null, 'the answer does not tell how many tokens the prompt had');
  return { sentences, tokens: promptTokens };
}

/** How many tokens arrived, or the refusal of a prompt as too long. */
async function arrivedOf(ask: Ask, facts: PointFacts, sentences: number): Promise<number | Refusal> {
  try {
    return (await read(ask, facts, sentences)).tokens;
  } catch (error) {
    if (error instanceof Refusal && (error.status === 400 || error.status === 413)) return error;
    throw error;
  }
}

function isCut(sent: number, arrived: number): boolean {
  return arrived < sent * leastArrived;
}

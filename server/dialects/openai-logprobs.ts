import type { Likelihood, TokenLogprob } from '../core/generate.ts';

/** openai-openapi 2.3.0, schema `ChatCompletionTokenLogprob`, in a choice of a chat answer. */
export function chatLogprobs(tokens: readonly TokenLogprob[]): unknown {
  return {
    content: tokens.map((token) => ({ ...withBytes(token), top_logprobs: token.top.map(withBytes) })),
    refusal: null,
  };
}

/** A token that is a part of a character has no text of its own; its bytes are not known to us. */
function withBytes({ text, logprob }: Likelihood): object {
  return { token: text, logprob, bytes: text.includes('\uFFFD') ? null : [...Buffer.from(text)] };
}

/**
 * openai-openapi 2.3.0, `logprobs` in a choice of `CreateCompletionResponse`. `textOffset` counts from the beginning
 * of the choice's text.
 */
export function completionLogprobs(tokens: readonly TokenLogprob[], textOffset: number): unknown {
  let offset = textOffset;
  const offsets = tokens.map(({ text }) => {
    const begin = offset;
    offset += text.length;
    return begin;
  });
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ text, logprob }) => [text, logprob])),
    ),
    text_offset: offsets,
  };
}

/** openai-openapi 2.3.0, schema `LogProb`, in a text of a Responses answer. */
export function responseLogprobs(tokens: readonly TokenLogprob[]): readonly unknown[] {
  const told = (token: Likelihood): object => ({
    token: token.text,
    logprob: token.logprob,
    // Unlike in chat, bytes cannot be left open here.
    bytes: [...Buffer.from(token.text)],
  });
  return tokens.map((token) => ({ ...told(token), top_logprobs: token.top.map(told) }));
}

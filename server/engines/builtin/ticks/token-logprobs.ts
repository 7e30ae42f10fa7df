import type { TokenLogprob } from '../../../core/generate.ts';
import type { TokenLikelihood } from '../loaded-model.ts';

/** Log-probabilities of an answer's tokens, told together with the text they belong to. */
export type TokenLogprobs = {
  readonly push: (token: number, likelihoods: readonly TokenLikelihood[]) => void;
  /** Of the tokens that begin within the next `length` characters of the answer. */
  readonly take: (length: number) => TokenLogprob[];
};

/** OpenAI's value for a token that is not among those looked at (openai-openapi, `ChatCompletionTokenLogprob`). */
const veryUnlikely = -9999;

/** `topCount`: how many of the likeliest tokens are told beside each. */
export function createTokenLogprobs(
  detokenize: (tokens: readonly number[], previous: readonly number[]) => string,
  topCount: number,
): TokenLogprobs {
  const held: { readonly begin: number; readonly entry: TokenLogprob }[] = [];
  const before: number[] = [];
  let pushed = 0;
  let taken = 0;
  return {
    push(token, likelihoods) {
      const textOf = (id: number) => detokenize([id], before.slice(-4));
      const entry: TokenLogprob = {
        text: textOf(token),
        // −Infinity is no JSON.
        logprob: finite(likelihoods.find((likelihood) => likelihood.token === token)?.logprob),
        top: likelihoods
          .slice(0, topCount)
          .map((likelihood) => ({ text: textOf(likelihood.token), logprob: finite(likelihood.logprob) })),
      };
      held.push({ begin: pushed, entry });
      pushed += entry.text.length;
      before.push(token);
    },
    take(length) {
      taken += length;
      const count = held.findIndex(({ begin }) => begin >= taken);
      return held.splice(0, count < 0 ? held.length : count).map(({ entry }) => entry);
    },
  };
}

function finite(logprob: number | undefined): number {
  return logprob === undefined || !Number.isFinite(logprob) ? veryUnlikely : logprob;
}

import { describe, expect, it } from 'vitest';
import { toLikelihoods } from '../../../server/engines/builtin/ticks/likelihoods.ts';
import { createTokenLogprobs } from '../../../server/engines/builtin/ticks/token-logprobs.ts';

const letters = (tokens: readonly number[]) => tokens.map((token) => 'abcdef'[token] ?? '?').join('');
const likelihoods = [
  { token: 1, logprob: -0.1 },
  { token: 0, logprob: -2 },
  { token: 2, logprob: -Infinity },
];

describe('log-probabilities', () => {
  it('of the likeliest few are shares of the whole vocabulary', () => {
    const among = new Map([
      [7, 0.8],
      [3, 0.2],
    ]);
    const [first, second] = toLikelihoods(among, 0.4);
    expect(first).toEqual({ token: 7, logprob: Math.log(0.4) });
    expect(second?.token).toBe(3);
    expect(second?.logprob).toBeCloseTo(Math.log(0.1), 12);
    expect(toLikelihoods(undefined, undefined)).toEqual([]);
  });

  it('are told with the text they belong to, in order', () => {
    const logprobs = createTokenLogprobs(letters, 2);
    logprobs.push(1, likelihoods);
    logprobs.push(0, likelihoods);
    logprobs.push(5, likelihoods);
    expect(logprobs.take(0)).toEqual([]);
    expect(logprobs.take(2).map(({ text, logprob }) => [text, logprob])).toEqual([
      ['b', -0.1],
      ['a', -2],
    ]);
    expect(logprobs.take(Infinity)).toEqual([
      // Not among those looked at.
      {
        text: 'f',
        logprob: -9999,
        top: [
          { text: 'b', logprob: -0.1 },
          { text: 'a', logprob: -2 },
        ],
      },
    ]);
  });

  it('are numbers that JSON has', () => {
    const logprobs = createTokenLogprobs(letters, 3);
    logprobs.push(2, likelihoods);
    const [told] = logprobs.take(Infinity);
    expect(told?.logprob).toBe(-9999);
    expect(told?.top.at(-1)?.logprob).toBe(-9999);
  });
});

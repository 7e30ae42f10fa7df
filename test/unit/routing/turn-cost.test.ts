import { expect, it } from 'vitest';
import { usualSampling, type GenerateRequest } from '../../../server/core/generate.ts';
import { isShort, promptCost } from '../../../server/routing/turn-cost.ts';

function completion(prompt: string | readonly number[], suffix: string | null, maxTokens: number | null) {
  return {
    model: 'm',
    messages: [],
    raw: { prompt, suffix },
    maxTokens,
    stop: [],
    sampling: usualSampling,
    cacheScope: null,
  } satisfies GenerateRequest;
}
const lines = 'const a = 1;\n'.repeat(100);

it.each<[string, GenerateRequest, boolean]>([
  ['the lines around the cursor', completion(lines, lines, 256), true],
  ['at the end of a file', completion(lines, '', 64), true],
  ['no suffix: it goes on, it fills nothing in', completion(lines, null, 64), false],
  ['a long answer', completion(lines, lines, 257), false],
  ['an answer without a maximum', completion(lines, lines, null), false],
  ['an agent’s long prompt dressed as one', completion(lines.repeat(13), '', 256), false],
  ['the long text hidden in the suffix', completion('x', lines.repeat(13), 256), false],
  [
    'the long text as tokens',
    completion(
      Array.from({ length: 5_000 }, () => 1),
      '',
      256,
    ),
    false,
  ],
])('short, and so ahead of others, is %s: %#', (_, request, expected) => {
  expect(isShort(request)).toBe(expected);
});

it('what comes after is read too, and costs', () => {
  expect(promptCost(completion('x'.repeat(400), 'y'.repeat(400), 10))).toBe(200);
  expect(promptCost(completion('', '', 10))).toBe(1);
});

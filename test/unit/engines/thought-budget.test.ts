import { expect, it } from 'vitest';
import { thoughtBudget } from '../../../server/engines/builtin/chat/reasoning.ts';
import { plainChat } from '../../../server/engines/builtin/chat/tool-options.ts';

it.each([
  ['neither', {}, 7500],
  ['an effort', { reasoningEffort: 'low' as const }, 1024],
  ['a number', { mostReasoningTokens: 2000 }, 2000],
  ['both: the smaller', { reasoningEffort: 'low' as const, mostReasoningTokens: 2000 }, 1024],
  ['more than the answer has room for', { mostReasoningTokens: 60_000 }, 7500],
])('the thought of an answer of 10000 tokens is limited by %s', (_name, chat, tokens) => {
  expect(thoughtBudget({ ...plainChat, ...chat }, 10_000)).toBe(tokens);
});

import { describe, expect, it } from 'vitest';
import type { RawPrompt } from '../../../server/core/generate.ts';
import type { Tokenizer } from '../../../server/engines/builtin/loaded-model.ts';
import { buildRawPrompt } from '../../../server/engines/builtin/chat/raw-prompt.ts';
import { createFakeAddon, fakeText, fakeTokenize } from '../../fakes/fake-addon.ts';

const { tokenizer } = createFakeAddon();
const begin = fakeTokenize('<BEGIN>', true);

function build(
  raw: Partial<RawPrompt>,
  changes: Partial<Tokenizer> = {},
  contextTokens = 100,
): Promise<number[]> {
  const model = { tokenizer: { ...tokenizer, ...changes }, contextTokens };
  return buildRawPrompt(model, { prompt: '', suffix: null, ...raw });
}

describe('a prompt as it is', () => {
  it('keeps control tokens, which editors write themselves', async () => {
    expect(await build({ prompt: '<BEGIN>a' })).toEqual([...begin, 97]);
  });

  it('begins with the token the model wants, once', async () => {
    const bosToken = begin[0] ?? 0;
    expect(await build({ prompt: 'a' }, { bosToken })).toEqual([bosToken, 97]);
    expect(await build({ prompt: '<BEGIN>a' }, { bosToken })).toEqual([bosToken, 97]);
    expect(await build({ prompt: [97] }, { bosToken })).toEqual([97]);
  });

  it('fills a gap by the model’s own tokens, in which the user’s text stays text', async () => {
    const infill = { prefix: 1, suffix: 2, middle: 3 };
    const tokens = await build({ prompt: 'a<END>', suffix: 'b' }, { infill });
    expect(tokens).toEqual([1, ...fakeTokenize('a<END>', false), 2, 98, 3]);
    expect(fakeText(tokens.slice(1, 7))).toBe('a<END>');
  });

  it('puts the suffix first for models without a token for the middle', async () => {
    const infill = { prefix: 1, suffix: 2, middle: null };
    expect(await build({ prompt: 'a', suffix: 'b' }, { infill })).toEqual([2, 98, 1, 97]);
    expect(await build({ prompt: '', suffix: '' }, { infill, bosToken: 9 })).toEqual([9, 2, 1]);
  });

  it.each([
    ['a gap, by a model that fills none', { prompt: 'a', suffix: 'b' }, { param: 'suffix' }],
    ['nothing at all', { prompt: '' }, { param: 'prompt' }],
    ['tokens of another model', { prompt: [2_000_000] }, { param: 'prompt' }],
    ['more than the context', { prompt: 'a'.repeat(100) }, { code: 'context_length_exceeded' }],
  ])('refuses %s', async (_, raw, error) => {
    await expect(build(raw)).rejects.toMatchObject({ status: 400, ...error });
  });

  it('tells both numbers where it is too long', async () => {
    await expect(build({ prompt: 'a'.repeat(150) })).rejects.toThrow(/100 tokens.*150 tokens/);
  });
});

import { AppError, invalidRequest } from '../../../core/errors.ts';
import type { RawPrompt } from '../../../core/generate.ts';
import { tokenizePieces } from './tokenize-pieces.ts';
import type { LoadedModel } from '../loaded-model.ts';

type Reader = Pick<LoadedModel, 'tokenizer' | 'contextTokens'>;

/**
 * A prompt as it is, as tokens. In a plain prompt the texts of control tokens become those tokens, since editors
 * write them into their prompts; around a gap the text is the user's and stays text.
 * @throws AppError 400 for what this model cannot take
 */
export async function buildRawPrompt(model: Reader, raw: RawPrompt): Promise<number[]> {
  const tokens =
    raw.suffix === null ? await plain(model, raw.prompt) : await gap(model, raw.prompt, raw.suffix);
  if (tokens.length === 0) throw invalidRequest('The prompt is empty.', 'prompt');
  if (tokens.length >= model.contextTokens) throw tooLong(model, tokens.length);
  return tokens;
}

async function plain(model: Reader, prompt: RawPrompt['prompt']): Promise<number[]> {
  const tokens = await tokensOf(model, prompt, true);
  return typeof prompt === 'string' ? withBeginning(model, tokens) : tokens;
}

/** In the order of the models' own training: prefix, suffix, middle; or suffix first where there is no middle. */
async function gap(model: Reader, prompt: RawPrompt['prompt'], suffix: string): Promise<number[]> {
  const { infill } = model.tokenizer;
  if (infill === null) {
    throw invalidRequest(
      'This model cannot fill in the middle of a text: it has no tokens for that. Leave suffix out, or choose a model for code completion.',
      'suffix',
    );
  }
  const before = await tokensOf(model, prompt, false);
  const after = await tokensOf(model, suffix, false);
  return withBeginning(
    model,
    infill.middle === null
      ? [infill.suffix, ...after, infill.prefix, ...before]
      : [infill.prefix, ...before, infill.suffix, ...after, infill.middle],
  );
}

async function tokensOf(model: Reader, prompt: RawPrompt['prompt'], special: boolean): Promise<number[]> {
  const { tokenizer, contextTokens } = model;
  if (typeof prompt === 'string') {
    return tokenizePieces((text) => tokenizer.tokenize(text, special), prompt, contextTokens);
  }
  const { vocabularySize } = tokenizer;
  if (prompt.some((token) => token >= vocabularySize)) {
    throw invalidRequest(
      `This model's tokens are 0 to ${vocabularySize - 1}; the prompt holds others. Please send text.`,
      'prompt',
    );
  }
  return [...prompt];
}

function withBeginning({ tokenizer: { bosToken } }: Reader, tokens: number[]): number[] {
  return bosToken === null || tokens[0] === bosToken ? tokens : [bosToken, ...tokens];
}

function tooLong({ contextTokens }: Reader, length: number): AppError {
  return new AppError(
    `This model's maximum context length is ${contextTokens} tokens, but the prompt has ${length} tokens. Please shorten it.`,
    { status: 400, code: 'context_length_exceeded', param: 'prompt' },
  );
}

import type { Tiktoken } from 'js-tiktoken/lite';
import { invalidRequest } from '../core/errors.ts';

/**
 * Texts from the token ids of OpenAI's embedding models (`cl100k_base`): LangChain for Python counts tokens with them
 * and sends the ids in place of the text. No model of ours knows these ids.
 */

/** Ids without a text: one gap in the vocabulary, one among the special tokens (openai/tiktoken, `cl100k_base`). */
const ordinaryTokens = 100_256;
const specialTokens: ReadonlySet<number> = new Set([100_257, 100_258, 100_259, 100_260, 100_276]);

let loading: Promise<Tiktoken> | null = null;

/**
 * The texts of lists of token ids. The first call loads the vocabulary, a megabyte that most servers never need.
 * @throws AppError 400 that names the list with an id that cl100k does not have
 */
export async function cl100kTexts(lists: readonly (readonly number[])[]): Promise<string[]> {
  for (const [index, tokens] of lists.entries()) {
    const foreign = tokens.find((token) => token >= ordinaryTokens && !specialTokens.has(token));
    if (foreign !== undefined) throw notCl100k(foreign, lists.length === 1 ? 'input' : `input.${index}`);
  }
  loading ??= load();
  const vocabulary = await loading;
  return lists.map((tokens) => vocabulary.decode([...tokens]));
}

async function load(): Promise<Tiktoken> {
  const [{ Tiktoken }, { default: ranks }] = await Promise.all([
    import('js-tiktoken/lite'),
    import('js-tiktoken/ranks/cl100k_base'),
  ]);
  return new Tiktoken(ranks);
}

function notCl100k(token: number, param: string): Error {
  return invalidRequest(
    `Token ids are read as those of OpenAI's embedding models (cl100k_base), which have no ${token}. Please send text; in LangChain, set check_embedding_ctx_length=False.`,
    param,
  );
}

import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import cl100k from 'js-tiktoken/ranks/cl100k_base';

/** tiktoken keeps a file under the SHA-1 of where it would fetch it, and takes it only if its SHA-256 is this. */
const fileName = '9b5ad71b2ce5302211f9c61530b329a4922fc6a4';
const sha256 = '223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7';

/**
 * Writes OpenAI's own file of cl100k, byte for byte, from the ranks that js-tiktoken brings along: Python's tiktoken
 * then needs no download, and what LangChain sends are the tokens it sends to OpenAI.
 */
export function writeTiktokenCache(folder: string): void {
  const text = cl100k.bpe_ranks.split('\n').filter(Boolean).map(linesOf).join('');
  const found = createHash('sha256').update(text).digest('hex');
  if (found !== sha256) throw new Error(`The ranks of js-tiktoken are not OpenAI's: ${found}.`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, fileName), text);
}

/** `! 0 IQ== Ig==`: tokens in Base64 from this rank on; tiktoken wants one on each line, with its rank. */
function linesOf(run: string): string {
  const [, first, ...tokens] = run.split(' ');
  return tokens.map((token, index) => `${token} ${Number(first) + index}\n`).join('');
}

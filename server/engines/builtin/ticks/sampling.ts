import { randomInt } from 'node:crypto';
import type { Sampling } from '../../../core/generate.ts';
import { invalidRequest } from '../../../core/errors.ts';
import type { TokenSampling } from '../loaded-model.ts';

/**
 * OpenAI's defaults where the client did not ask. `topK` is not OpenAI's: 40 spares sorting the whole vocabulary for
 * every token. A seed is always given, since the library would take the clock's seconds, the same for everybody.
 */
export function completeSampling(sampling: Sampling, vocabularySize: number): TokenSampling {
  for (const token of Object.keys(sampling.logitBias)) {
    const id = Number(token);
    if (!Number.isInteger(id) || id < 0 || id >= vocabularySize) {
      throw invalidRequest(
        `logit_bias names the token ${token.slice(0, 20)}, but this model's tokens are 0 to ${vocabularySize - 1}.`,
        'logit_bias',
      );
    }
  }
  return {
    temperature: sampling.temperature ?? 1,
    topP: sampling.topP ?? 1,
    topK: sampling.topK ?? 40,
    minP: sampling.minP ?? 0,
    presencePenalty: sampling.presencePenalty ?? 0,
    frequencyPenalty: sampling.frequencyPenalty ?? 0,
    seed: sampling.seed ?? randomInt(2 ** 32),
    logitBias: sampling.logitBias,
  };
}

import { z } from 'zod';

const infillChunk = z.looseObject({
  content: z.string().nullish(),
  stop: z.boolean().nullish(),
  stop_type: z.string().nullish(),
  stopping_word: z.string().nullish(),
  tokens_evaluated: z.number().nullish(),
  tokens_predicted: z.number().nullish(),
  error: z.unknown().optional(),
});

/** A frame of llama-server's `/infill` (its README) in the form of a completion's. */
export function fromInfill(value: unknown): unknown {
  const { content, stop, error, ...end } = infillChunk.parse(value);
  if (error !== undefined) return { error };
  const choice = {
    text: content,
    finish_reason: stop === true ? (end.stop_type === 'limit' ? 'length' : 'stop') : null,
    ...(end.stopping_word ? { stop_reason: end.stopping_word } : {}),
  };
  const usage = { prompt_tokens: end.tokens_evaluated ?? 0, completion_tokens: end.tokens_predicted ?? 0 };
  return { choices: [choice], ...(stop === true ? { usage } : {}) };
}

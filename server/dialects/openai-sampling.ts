import { z } from 'zod';
import type { Sampling } from '../core/generate.ts';

const mostBiases = 1024;

/** The fields about sampling that chat and completions share, in OpenAI's ranges; `top_k` and `min_p` as others have them. */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(0).max(10_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  seed: z.number().int().nullish(),
  // Counted first: looking at a million entries would hold up everybody.
  logit_bias: z
    .custom<unknown>((bias) => !hasMoreEntries(bias, mostBiases), {
      error: `at most ${mostBiases} entries`,
      abort: true,
    })
    .pipe(z.record(z.string().regex(/^\d{1,9}$/), z.number().min(-100).max(100)))
    .nullish(),
};

function hasMoreEntries(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let count = 0;
  for (const _ in value) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}

/** More than OpenAI's four: tools send many. */
const mostStops = 64;

export const stopField = z
  .union([z.string().max(1000), z.array(z.string().max(1000)).max(mostStops)])
  .nullish();

export function toStop(wire: z.infer<typeof stopField>): readonly string[] {
  const stop = wire ?? [];
  return (typeof stop === 'string' ? [stop] : stop).filter((text) => text !== '');
}

const sampling = z.object(samplingFields);

export function toSampling(wire: z.infer<typeof sampling>): Sampling {
  return {
    temperature: wire.temperature ?? null,
    topP: wire.top_p ?? null,
    topK: wire.top_k ?? null,
    minP: wire.min_p ?? null,
    presencePenalty: wire.presence_penalty ?? null,
    frequencyPenalty: wire.frequency_penalty ?? null,
    // The vendor takes any integer; engines want 32 bits.
    seed:
      wire.seed === undefined || wire.seed === null ? null : Number(BigInt.asUintN(32, BigInt(wire.seed))),
    logitBias: wire.logit_bias ?? {},
  };
}

import type { TokenLikelihood } from '../loaded-model.ts';

/**
 * How likely each token was, before temperature and penalties. The library tells only what survives its own
 * sampling, so the binding itself is asked three times for one token: for the token as requested, for the likeliest
 * few hundred (whose probabilities have the right proportions among each other), and for the share that the likeliest
 * one has of the whole vocabulary. Compared with the full list: the same to seven digits, at a third of its time and
 * none of it on the thread that all streams share.
 *
 * `sampleToken`, `_model` and `AddonSampler` are the library's own names (the version is pinned); if they ever go,
 * loading fails here and says so.
 */

/** More than a request may cut to by `top_k` unless it asks for it, so the sampled token is nearly always among them. */
const listLength = 256;

type Sampler = { readonly applyConfig: (config: Readonly<Record<string, number>>) => void };
type Sampled = [token: number, probabilities: readonly number[] | undefined, confidence: number | undefined];
type Binding = {
  sampleToken: {
    (index: number, sampler: object): Promise<number>;
    (index: number, sampler: object, probabilities: boolean, confidence: boolean): Promise<Sampled>;
  };
};
type Internals = {
  readonly context: { readonly _ctx: Binding };
  readonly model: {
    readonly _model: object;
    readonly _llama: { readonly _bindings: { readonly AddonSampler: new (model: object) => Sampler } };
  };
};

/**
 * From now on a stream made with `probabilities: true` gets, as its `probabilities`, those of the likeliest tokens
 * among each other, and as its `confidence` the share of the likeliest one in the whole vocabulary.
 */
export function tellLikelihoods(context: object, model: object): void {
  const internals = { context, model } as Internals;
  const { _ctx: binding } = internals.context;
  const { _model: nativeModel, _llama: library } = internals.model;
  const { _bindings: bindings } = library;
  const sampleToken = binding.sampleToken.bind(binding);
  const newSampler = (temperature: number, topK: number): Sampler => {
    const sampler = new bindings.AddonSampler(nativeModel);
    sampler.applyConfig({ temperature, topK, topP: 1, minP: 0, seed: 0 });
    return sampler;
  };
  // Several streams sample at the same time, and a sampler is of use to one at a time.
  const idle: { readonly list: Sampler; readonly share: Sampler }[] = [];

  async function sample(index: number, sampler: object, ...asked: [boolean, boolean] | []): Promise<unknown> {
    if (asked[0] !== true)
      return asked.length === 0 ? sampleToken(index, sampler) : sampleToken(index, sampler, ...asked);
    const pair = idle.pop() ?? { list: newSampler(1, listLength), share: newSampler(0, 0) };
    try {
      const token = await sampleToken(index, sampler);
      const [, probabilities] = await sampleToken(index, pair.list, true, false);
      const [, , confidence] = await sampleToken(index, pair.share, false, true);
      return [token, probabilities, confidence];
    } finally {
      idle.push(pair);
    }
  }
  Object.defineProperty(binding, 'sampleToken', { value: sample });
}

/** What a stream made with `probabilities: true` gives, as natural logarithms in descending order. */
export function toLikelihoods(
  probabilities: ReadonlyMap<number, number> | undefined,
  likeliestShare: number | undefined,
): TokenLikelihood[] {
  const entries = [...(probabilities ?? [])];
  const first = entries[0]?.[1] ?? 1;
  const share = Math.log(likeliestShare ?? 1);
  return entries.map(([token, probability]) => ({ token, logprob: share + Math.log(probability / first) }));
}

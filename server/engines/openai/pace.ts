/**
 * How fast the models of an upstream have lately answered, and with it whom may be asked for a whole answer in one piece:
 * that costs less than a stream, but until it is there nobody can tell an upstream that computes from one that hangs.
 */
export type Pace = {
  /** Whether so many tokens would be there soon enough. False for a model that was not measured yet. */
  readonly isSoon: (model: string, tokens: number) => boolean;
  /** What the model has probably said by now; 0 for one that was not measured. */
  readonly tokensIn: (model: string, elapsedMs: number) => number;
  /** An answer of so many tokens has taken so long, from the question to its end. */
  readonly note: (model: string, tokens: number, elapsedMs: number) => void;
  /** It cannot be asked so: from now on always by a stream. */
  readonly exclude: (model: string) => void;
};

/** Usual servers between us and an upstream close what says nothing for a minute. */
const soonMs = 30_000;
/** A slower answer counts at once, faster ones by and by. */
const follow = 0.2;

export function createPace(): Pace {
  const msPerToken = new Map<string, number>();
  const excluded = new Set<string>();
  return {
    isSoon(model, tokens) {
      const usual = msPerToken.get(model);
      return usual !== undefined && !excluded.has(model) && usual * tokens <= soonMs;
    },
    tokensIn(model, elapsedMs) {
      const usual = msPerToken.get(model) ?? 0;
      return usual === 0 ? 0 : Math.ceil(elapsedMs / usual);
    },
    note(model, tokens, elapsedMs) {
      const now = elapsedMs / Math.max(1, tokens);
      const before = msPerToken.get(model) ?? now;
      msPerToken.set(model, Math.max(now, before + (now - before) * follow));
    },
    exclude: (model) => void excluded.add(model),
  };
}

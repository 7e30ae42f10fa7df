/**
 * One finished request. The names are a contract (`npx inglenook log --json`) and never change meaning; fields
 * are only ever added. No prompt and no key is in it.
 */
export type LogRow = {
  /** `req_…`, the same as the answer's `x-request-id`. */
  readonly id: string;
  /** When the request arrived, ISO 8601 in UTC. */
  readonly time: string;
  /** The key's name when the request came; null where no valid key was shown. */
  readonly key: string | null;
  readonly keyId: string | null;
  readonly person: string | null;
  readonly team: string | null;
  readonly endUser: string | null;
  readonly device: string | null;
  /** What was asked for … */
  readonly model: string | null;
  /** … and what answered. */
  readonly servedModel: string | null;
  readonly engine: string | null;
  readonly route: string;
  readonly status: LogStatus;
  readonly httpStatus: number;
  readonly finishReason: string | null;
  /** Error code and sentence; never text of the prompt. */
  readonly error: string | null;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly queueMs: number;
  readonly loadMs: number;
  /** From arrival to the first token; null if there was none. */
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
  /** Models tried in order, the serving one last. */
  readonly tried: readonly string[];
  /** Fields of the request that were not done, as `x-inglenook-dropped` named them; at most 50. */
  readonly dropped: readonly string[];
  /** The client's User-Agent, cut to 200 characters. */
  readonly client: string | null;
  /** What the client calls the request: its `X-Client-Request-Id`, cut to 200 characters. */
  readonly clientRequestId: string | null;
  readonly ip: string;
  /** The engine outside the office that it was sent to, whether or not the answer came from there; null if it stayed. */
  readonly leftOffice: string | null;
  /**
   * `hit`: the answer was one of before, and `servedModel` made it then; its tokens are those the client was told, but
   * none was computed or counts in a limit, and nothing was tried. Null where the response cache is off for the key.
   */
  readonly cache: 'hit' | 'miss' | null;
  /** What it cost by the price of what answered, in billionths of the office's currency; null where that has no price. */
  readonly costNanos: number | null;
};

export type LogStatus = 'ok' | 'error' | 'cancelled' | 'refused';

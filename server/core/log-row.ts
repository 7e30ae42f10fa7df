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
  /** The owner's labels of the key when the request came. */
  readonly labels: Readonly<Record<string, string>>;
  /** For whom the client said it asks, where the key may speak for others. */
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
  /** Billionths of the office's currency, by the price of what served; null where nothing has a price. */
  readonly costNanos: number | null;
  /** Waiting for a free place, over all tries. */
  readonly queueMs: number;
  /** Waiting for a model to be loaded, over all tries. */
  readonly loadMs: number;
  /** From the end of waiting to the first token: the prompt was read; null if there was none. */
  readonly prefillMs: number | null;
  /** From the first token to the end; null if there was none. */
  readonly decodeMs: number | null;
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
  /** Requests that were being answered when it came, itself among them; 0 where that is not known. */
  readonly atOnce: number;
  /**
   * `hit`: the answer was one of before, and `servedModel` made it then; its tokens are those the client was told, but
   * none was computed or counts in a limit, and nothing was tried. Null where the response cache is off for the key.
   */
  readonly cache: 'hit' | 'miss' | null;
};

export const logStatuses = ['ok', 'error', 'cancelled', 'refused'] as const;
export type LogStatus = (typeof logStatuses)[number];

type Times = Pick<LogRow, 'queueMs' | 'loadMs' | 'firstTokenMs' | 'totalMs'>;

/** The rest of a request's time: what reading the prompt and writing the answer took, to a tenth of a millisecond. */
export function splitTimes({
  queueMs,
  loadMs,
  firstTokenMs,
  totalMs,
}: Times): Pick<LogRow, 'prefillMs' | 'decodeMs'> {
  if (firstTokenMs === null) return { prefillMs: null, decodeMs: null };
  return {
    prefillMs: roundMs(Math.max(0, firstTokenMs - queueMs - loadMs)),
    decodeMs: roundMs(Math.max(0, totalMs - firstTokenMs)),
  };
}

/** Tenths are finer than any of this can be measured. */
export function roundMs(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}

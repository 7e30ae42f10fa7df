import { Pool } from 'undici';
import type { Clock, Timers } from '../../core/clock.ts';
import { classOfHost, EgressRefused, guardedLookup, officeLookup } from '../../core/egress.ts';
import {
  broken,
  fromFailure,
  fromStatus,
  saysSpent,
  secondsOf,
  tooSilent,
  wordsOf,
} from './upstream-errors.ts';

/** One upstream's connections, kept alive; every answer has its bounds in time and size. */
export type UpstreamHttp = {
  /**
   * Sends one request. Resolves when the answer's head is here and says 2xx.
   * @throws AppError in the words for the one who asked, or the signal's reason
   */
  readonly open: (call: HttpCall) => Promise<HttpAnswer>;
  /** The same for an answer that is one JSON value. */
  readonly json: (call: HttpCall & { readonly mostBytes: number }) => Promise<unknown>;
  /** Lets what runs end. */
  readonly close: () => Promise<void>;
  /** Ends what runs. */
  readonly destroy: () => Promise<void>;
};

export type HttpCall = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** From the root of the server: `/v1/models`. */
  readonly path: string;
  /** JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly patience?: Partial<Patience>;
};

/** How long is waited, in milliseconds: for the head of the answer, for its next byte, and for all of it. */
export type Patience = { readonly headMs: number; readonly silenceMs: number; readonly longestMs: number };

export type HttpAnswer = {
  readonly contentType: string;
  /** Ends by throwing where the upstream breaks off or falls silent. Leaving the loop closes the connection. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Waits for so long at most from now on, if the upstream says nothing more. */
  readonly expectEndWithin: (ms: number) => void;
  /** For an answer whose chunks nobody is going to read. */
  readonly discard: () => void;
};

export type HttpOptions = {
  /** For what is said about it. */
  readonly name: string;
  readonly origin: string;
  readonly mayLeave: boolean;
  readonly secret: string | null;
  readonly timers: Timers;
  readonly clock: Clock;
  /** Who says which addresses a name has; for tests. */
  readonly lookup?: Lookup | undefined;
};
export type Lookup = NonNullable<Parameters<typeof officeLookup>[0]>;

/**
 * A long prompt on a slow machine is read for minutes before the first word; between words nobody thinks so long. An
 * hour is the longest answer.
 */
const usualPatience: Patience = { headMs: 300_000, silenceMs: 120_000, longestMs: 3_600_000 };
const connectTimeoutMs = 5_000;
const mostConnections = 1024;
/** Shorter than the five seconds after which Node and uvicorn close an idle connection: no request meets a closed one. */
const keepAliveMs = 4_000;
const lookMs = 1_000;
const mostErrorBytes = 64 * 1024;
/** What it says about an error is worth no longer wait. */
const errorBodyMs = 5_000;

export function createUpstreamHttp(options: HttpOptions): UpstreamHttp {
  const { name, origin, mayLeave, secret, lookup } = options;
  const pool = new Pool(origin, {
    // Never reached: how many at once is for the queue to say, and one that waited here would seem to be silent.
    connections: mostConnections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: connectTimeoutMs,
      lookup: mayLeave ? guardedLookup(true, lookup) : officeLookup(lookup),
    },
  });

  const isAllowed = mayBeAsked(new URL(origin), mayLeave);

  async function open(call: HttpCall): Promise<HttpAnswer> {
    const { signal } = call;
    signal.throwIfAborted();
    const watch = watchSilence(options, { ...usualPatience, ...call.patience }, signal);
    try {
      if (!isAllowed) throw new EgressRefused();
      const answer = await pool.request({
        method: call.method,
        path: call.path,
        headers: headersOf(call, secret),
        body: call.body === undefined ? null : JSON.stringify(call.body),
        signal: watch.signal,
      });
      watch.heard();
      const { statusCode, headers, body } = answer;
      if (statusCode < 200 || statusCode > 299) {
        watch.expectEndWithin(errorBodyMs);
        const text = (await readText(body, mostErrorBytes).catch(() => '')) ?? '';
        throw fromStatus(name, statusCode, {
          text: wordsOf(text),
          retryAfterSeconds: secondsOf(single(headers['retry-after']), options.clock.nowMs()),
          isSpent: saysSpent(text),
          secret,
        });
      }
      if (!isPlain(single(headers['content-encoding']))) {
        discard(body);
        throw broken(name, 'upstream_compressed', 'compresses its answer although it was asked not to');
      }
      return {
        contentType: (single(headers['content-type']) ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
        chunks: watched(body, watch, (error) => fromFailure(name, error, signal)),
        expectEndWithin: watch.expectEndWithin,
        discard: () => {
          watch.stop();
          discard(body);
        },
      };
    } catch (error) {
      watch.stop();
      throw fromFailure(name, watch.signal.aborted && !signal.aborted ? watch.signal.reason : error, signal);
    }
  }

  return {
    open,
    async json({ mostBytes, ...call }) {
      const { chunks } = await open(call);
      const text = await readText(chunks, mostBytes);
      if (text === null) throw broken(name, 'upstream_too_much', 'answers with more than can be right');
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw broken(
          name,
          'upstream_not_json',
          'does not answer as such a server does. Is the address right?',
          error,
        );
      }
    },
    close: async () => await pool.close(),
    destroy: async () => await pool.destroy(),
  };
}

/** Nothing is unpacked: what is small on the wire may be without end. */
function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding === '' || encoding.trim().toLowerCase() === 'identity';
}

/** What stands in the address itself never reaches the lookup. */
function mayBeAsked(url: URL, mayLeave: boolean): boolean {
  const kind = classOfHost(url);
  return kind !== 'refused' && (kind !== 'public' || mayLeave);
}

function headersOf(call: HttpCall, secret: string | null): Record<string, string> {
  return {
    'user-agent': 'inglenook',
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'identity',
    ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    // A key goes to the origin it was given for and nowhere else: redirects are not followed.
    ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
    ...call.headers,
  };
}

type SilenceWatch = {
  /** Aborts when the asker's does, or when this has waited for too long. */
  readonly signal: AbortSignal;
  readonly heard: () => void;
  readonly expectEndWithin: (ms: number) => void;
  readonly stop: () => void;
};

/** One look a second, however many frames pass. */
function watchSilence(
  { name, timers, clock }: HttpOptions,
  patience: Patience,
  asker: AbortSignal,
): SilenceWatch {
  // One for both, by hand: `AbortSignal.any` costs as much as all the rest of this.
  const late = new AbortController();
  const onGone = (): void => late.abort(asker.reason);
  asker.addEventListener('abort', onGone, { once: true });
  const beganMs = clock.monotonicMs();
  let heardMs = beganMs;
  let limitMs = patience.headMs;
  let mostMs = Number.POSITIVE_INFINITY;
  const stopLooking = timers.every(lookMs, () => {
    const nowMs = clock.monotonicMs();
    const isLong = nowMs - beganMs >= patience.longestMs;
    if (!isLong && nowMs - heardMs < limitMs) return;
    stop();
    late.abort(
      isLong
        ? broken(name, 'upstream_endless', 'does not come to an end, so this request was given up')
        : tooSilent(name, Math.round(limitMs / 1000)),
    );
  });
  function stop(): void {
    stopLooking();
    asker.removeEventListener('abort', onGone);
  }
  return {
    signal: late.signal,
    heard: () => {
      heardMs = clock.monotonicMs();
      limitMs = Math.min(patience.silenceMs, mostMs);
    },
    expectEndWithin: (ms) => {
      mostMs = ms;
      limitMs = Math.min(limitMs, ms);
    },
    stop,
  };
}

type Body = AsyncIterable<Buffer> & {
  readonly destroyed: boolean;
  readonly on: (event: 'error', listener: () => void) => Body;
  readonly destroy: () => unknown;
};

/** Closes the connection it comes by. */
function discard(body: Body): void {
  body.on('error', () => {}).destroy();
}

async function* watched(
  body: Body,
  watch: SilenceWatch,
  inWords: (error: unknown) => unknown,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      watch.heard();
      yield chunk;
    }
  } catch (error) {
    throw inWords(watch.signal.aborted ? watch.signal.reason : error);
  } finally {
    watch.stop();
    if (!body.destroyed) body.destroy();
  }
}

/** Null where there is more. */
async function readText(chunks: AsyncIterable<Buffer>, mostBytes: number): Promise<string | null> {
  const read: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > mostBytes) return null;
    read.push(chunk);
  }
  return Buffer.concat(read).toString('utf8');
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

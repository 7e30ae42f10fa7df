import { errors, Pool } from 'undici';
import type { Clock, Timers } from '../../core/clock.ts';
import { classOfHost, EgressRefused, guardedLookup, officeLookup } from '../../core/egress.ts';
import { createArriving, type Arriving, type Head } from './arriving.ts';
import { createSilenceWatch, type Patience, type SilenceWatch } from './silence-watch.ts';
import { broken, fromFailure, fromStatus, saysSpent, secondsOf, wordsOf } from './upstream-errors.ts';

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

export type HttpAnswer = {
  readonly contentType: string;
  /** Ends by throwing where the upstream breaks off or falls silent. Leaving the loop closes the connection. */
  readonly chunks: AsyncIterable<Buffer>;
  /** All of it, to be asked for in place of the chunks; null where there is more than that. Throws as the chunks do. */
  readonly text: (mostBytes: number) => Promise<string | null>;
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
  const own = headersOf(secret);
  const ownForJson = { ...own, 'content-type': 'application/json' };
  const watch = createSilenceWatch(name, options.clock, options.timers);

  async function open(call: HttpCall): Promise<HttpAnswer> {
    const { signal } = call;
    signal.throwIfAborted();
    if (!isAllowed) throw fromFailure(name, new EgressRefused(), signal);
    const { arriving, expectEndWithin } = begin(name, watch, call);
    pool.dispatch(
      {
        method: call.method,
        path: call.path,
        headers: { ...(call.body === undefined ? own : ownForJson), ...call.headers },
        body: call.body === undefined ? null : JSON.stringify(call.body),
      },
      arriving.handler,
    );
    const { status, headers } = await arriving.head;
    if (status < 200 || status > 299) {
      expectEndWithin(errorBodyMs);
      throw await refusalOf({ status, headers }, arriving);
    }
    const discard = (): void => arriving.fail(new errors.RequestAbortedError());
    if (!isPlain(single(headers['content-encoding']))) {
      discard();
      throw broken(name, 'upstream_compressed', 'compresses its answer although it was asked not to');
    }
    return {
      contentType: typeOf(single(headers['content-type']) ?? ''),
      chunks: arriving.chunks,
      text: arriving.text,
      expectEndWithin,
      discard,
    };
  }

  async function refusalOf({ status, headers }: Head, { text: read }: Arriving): Promise<Error> {
    const text = (await read(mostErrorBytes).catch(() => '')) ?? '';
    return fromStatus(name, status, {
      text: wordsOf(text),
      retryAfterSeconds: secondsOf(single(headers['retry-after']), options.clock.nowMs()),
      isSpent: saysSpent(text),
      secret,
    });
  }

  return {
    open,
    async json({ mostBytes, ...call }) {
      const answer = await open(call);
      const text = await answer.text(mostBytes);
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

/** What is to come, given up when the asker leaves or when it has been waited for too long. */
function begin(
  name: string,
  watch: SilenceWatch,
  { signal, patience }: HttpCall,
): { readonly arriving: Arriving; readonly expectEndWithin: (ms: number) => void } {
  const patient = patience === undefined ? usualPatience : { ...usualPatience, ...patience };
  const watched = watch(patient, (error) => arriving.fail(error));
  const onGone = (): void => arriving.fail(signal.reason);
  signal.addEventListener('abort', onGone, { once: true });
  const arriving = createArriving({
    onHeard: watched.heard,
    onHeld: watched.hold,
    onOver() {
      watched.stop();
      signal.removeEventListener('abort', onGone);
    },
    inWords: (error) => fromFailure(name, error, signal),
  });
  return { arriving, expectEndWithin: watched.expectEndWithin };
}

/** Without what may follow it. */
function typeOf(header: string): string {
  if (header === 'application/json') return header;
  return header.split(';')[0]?.trim().toLowerCase() ?? '';
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

/** The same for all that it is asked. */
function headersOf(secret: string | null): Record<string, string> {
  return {
    'user-agent': 'inglenook',
    accept: 'application/json, text/event-stream',
    'accept-encoding': 'identity',
    // A key goes to the origin it was given for and nowhere else: redirects are not followed.
    ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
  };
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

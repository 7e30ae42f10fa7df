import type { Request, Response } from 'express';
import type { Clock, Timers } from '../core/clock.ts';
import type { Crowd } from '../core/crowd.ts';
import type { Engine } from '../core/engine.ts';
import type { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { IsOffline } from '../core/offline.ts';
import type { AskDialect, Dialect, StreamEncoder } from '../dialects/dialect.ts';
import type { Gate } from '../gate/gate.ts';
import type { Entry } from '../record/entry.ts';
import type { Pauses } from '../owner/pauses.ts';
import type { Ledger } from '../record/settle.ts';
import type { AnswerCache } from '../routing/answer-cache.ts';
import type { Router } from '../routing/run.ts';
import type { Store } from '../store/open.ts';
import type { FrameWriter } from './frame-writer.ts';

/** One request and its answer, with what ends it. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  readonly entry: Entry;
  readonly abort: AbortController;
  /** Set once the answer is a stream; a failure is then told in its words, after what is on its way. */
  stream: { readonly encoder: StreamEncoder; readonly writer: FrameWriter } | null;
};

/** A dialect of which each request has one of its own, since it depends on who asks and on what was said before. */
export type OpenedDialect = Pick<Dialect, 'id' | 'error'> & {
  /** Throws an AppError for what is wrong with the body. */
  readonly open: (body: unknown, exchange: Exchange) => Dialect | AskDialect;
};

/** What answering needs; the same for every request. */
export type ServeServices = {
  readonly store: Store;
  readonly engines: readonly Engine[];
  readonly gate: Gate;
  readonly router: Router;
  /** Answers that may be given again. */
  readonly answers: AnswerCache;
  /** Whether the owner has paused the server; absent: never. */
  readonly pauses?: Pick<Pauses, 'refusal' | 'state'>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly isOffline: IsOffline;
  /** What the log says is the program, where that is known better than by its `User-Agent`. */
  readonly client?: string;
  /** A request has come; the live view tells how many are being answered. */
  readonly onBegin: () => void;
  /** Requests that run now, so that a revoked key or the end of the server can stop them. */
  readonly running: Crowd<Exchange>;
};

/** To be asked once it is known who asks. @throws AppError 503 while the owner has paused the server */
export function requireServing({ pauses }: { readonly pauses?: ServeServices['pauses'] | undefined }): void {
  const refusal = pauses?.refusal('all') ?? null;
  if (refusal !== null) throw refusal;
}

/** Ends running requests, for instance those of a key that was just revoked. */
export function endExchanges(
  running: Iterable<Exchange>,
  reason: AppError,
  isMeant: (entry: Entry) => boolean,
): void {
  for (const exchange of running) if (isMeant(exchange.entry)) exchange.abort.abort(reason);
}

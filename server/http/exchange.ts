import type { Request, Response } from 'express';
import type { Clock } from '../core/clock.ts';
import type { Engine } from '../core/engine.ts';
import type { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { StreamEncoder } from '../dialects/dialect.ts';
import type { Entry } from '../record/entry.ts';
import type { Ledger } from '../record/settle.ts';
import type { Router } from '../routing/run.ts';
import type { Store } from '../store/open.ts';

/** One request and its answer, with what ends it. */
export type Exchange = {
  readonly request: Request;
  readonly response: Response;
  readonly entry: Entry;
  readonly abort: AbortController;
  /** Set once the answer is a stream; a failure is then told in its words. */
  encoder: StreamEncoder | null;
};

/** What answering needs; the same for every request. */
export type ServeServices = {
  readonly store: Store;
  readonly engines: readonly Engine[];
  readonly router: Router;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
  /** A request has come; the live view tells how many are being answered. */
  readonly onBegin: () => void;
  /** Requests that run now, so that a revoked key or the end of the server can stop them. */
  readonly running: Set<Exchange>;
};

/** Ends running requests, for instance those of a key that was just revoked. */
export function endExchanges(
  running: ReadonlySet<Exchange>,
  reason: AppError,
  isMeant: (entry: Entry) => boolean,
): void {
  for (const exchange of running) if (isMeant(exchange.entry)) exchange.abort.abort(reason);
}

import type { Clock, Timers } from '../core/clock.ts';
import type { ExportProgress } from '../core/export.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import type { NextRows } from '../store/ledger/rows-after.ts';
import { Undelivered, type Receiver } from './receiver.ts';

/** One export at work: looks for new rows every few seconds and sends them in batches, in their order. */
export type ExportRun = {
  readonly progress: () => ExportProgress;
  /** In milliseconds since 1970; null while nothing waits for another try. */
  readonly nextTryMs: () => number | null;
  /** Tries at once, also while it would wait for another try. */
  readonly wake: () => void;
  /** Ends what is under way; where it has come stays kept. */
  readonly stop: () => Promise<void>;
};

export type ExportRunServices = {
  readonly name: string;
  readonly receiver: Receiver;
  readonly start: ExportProgress;
  readonly readRows: (ask: { readonly seq: number; readonly limit: number }) => Promise<NextRows>;
  readonly save: (progress: ExportProgress) => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
};

const lookEveryMs = 5_000;
/** For one batch. */
const sendTimeoutMs = 60_000;
const firstPauseMs = 5_000;
const longestPauseMs = 600_000;
const mostSkippedInARow = 5;

export function startExportRun(services: ExportRunServices): ExportRun {
  const { name, receiver, clock, timers, log } = services;
  let progress = services.start;
  let limit = receiver.mostRows;
  let failures = 0;
  let skippedInARow = 0;
  let notBeforeMs: number | null = null;
  let running: Promise<void> | null = null;
  const stopped = new AbortController();

  /** Until nothing is left. */
  async function sendAll(): Promise<void> {
    for (;;) {
      const asked = limit;
      const { rows, lastSeq } = await services.readRows({ seq: progress.cursor, limit: asked });
      if (rows.length === 0 || stopped.signal.aborted) return;
      await sendSome(rows, lastSeq);
      if (rows.length < asked && progress.cursor === lastSeq) return;
    }
  }
  async function sendSome(rows: readonly LogRow[], lastSeq: number): Promise<void> {
    try {
      const { refused, reason } = await withinTime((signal) => receiver.send(rows, signal));
      if (refused > 0)
        log.warn('A receiver of the log has not taken some rows.', { export: name, refused, reason });
      succeeded(lastSeq, {
        sent: rows.length - Math.min(refused, rows.length),
        skipped: Math.min(refused, rows.length),
      });
      limit = Math.min(receiver.mostRows, limit * 2);
      skippedInARow = 0;
    } catch (error) {
      if (!(error instanceof Undelivered) || error.blame !== 'rows') throw error;
      await withFewer(rows, lastSeq, error);
    }
  }
  /** Finds the row that is not taken by halving; that one is passed over, so that it holds nothing up for ever. */
  async function withFewer(rows: readonly LogRow[], lastSeq: number, error: Undelivered): Promise<void> {
    const [row] = rows;
    if (row === undefined) return;
    if (rows.length > 1) {
      limit = Math.floor(rows.length / 2);
      const first = await services.readRows({ seq: progress.cursor, limit });
      return await sendSome(first.rows, first.lastSeq);
    }
    if (await takesNothing()) throw error;
    skippedInARow += 1;
    log.warn('A receiver of the log does not take a row; it is passed over.', {
      export: name,
      request: row.id,
      error,
    });
    succeeded(lastSeq, { sent: 0, skipped: 1 });
  }
  /** Then it is not the row's fault, and rows are not given up one by one. */
  async function takesNothing(): Promise<boolean> {
    if (skippedInARow >= mostSkippedInARow) return true;
    if (progress.sent > 0) return false;
    return await withinTime((signal) => receiver.check(signal)).then(
      () => false,
      () => true,
    );
  }
  async function withinTime<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const late = new AbortController();
    const cancel = timers.after(sendTimeoutMs, () =>
      late.abort(new Undelivered('It does not answer in time.')),
    );
    try {
      return await work(AbortSignal.any([stopped.signal, late.signal]));
    } finally {
      cancel();
    }
  }
  function succeeded(cursor: number, add: { readonly sent: number; readonly skipped: number }): void {
    if (failures > 0) log.info('An export goes on.', { export: name });
    failures = 0;
    notBeforeMs = null;
    keep({
      cursor,
      sent: progress.sent + add.sent,
      skipped: progress.skipped + add.skipped,
      lastSuccessMs: clock.nowMs(),
      lastFailureMs: progress.lastFailureMs,
      lastFailure: null,
    });
  }
  function failed(error: unknown): void {
    failures += 1;
    const usualMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 20));
    const askedMs = error instanceof Undelivered ? error.retryAfterMs : null;
    notBeforeMs = clock.monotonicMs() + Math.max(usualMs, askedMs ?? 0);
    if (failures === 1) log.warn('An export cannot be sent; it is tried again.', { export: name, error });
    const lastFailure = error instanceof Error ? error.message : 'Something went wrong.';
    try {
      keep({ ...progress, lastFailureMs: clock.nowMs(), lastFailure });
    } catch {
      // The disk, most likely: what is shown comes from memory.
      progress = { ...progress, lastFailureMs: clock.nowMs(), lastFailure };
    }
  }
  function keep(next: ExportProgress): void {
    services.save(next);
    progress = next;
  }
  function look(): void {
    if (running !== null || stopped.signal.aborted) return;
    if (notBeforeMs !== null && clock.monotonicMs() < notBeforeMs) return;
    running = sendAll()
      .catch((error: unknown) => {
        if (!stopped.signal.aborted) failed(error);
      })
      .finally(() => {
        running = null;
      });
  }
  const stopLooking = timers.every(lookEveryMs, look);
  look();
  return {
    progress: () => progress,
    nextTryMs: () =>
      notBeforeMs === null ? null : clock.nowMs() + Math.max(0, notBeforeMs - clock.monotonicMs()),
    wake() {
      notBeforeMs = null;
      look();
    },
    async stop() {
      stopLooking();
      stopped.abort(new Undelivered('The server is being stopped.'));
      await running;
    },
  };
}

import { systemTimers, type Clock, type Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import type { Spending } from '../core/policy.ts';
import { insertRequest } from '../store/requests.ts';
import { touchKey, type KeyUse } from '../store/keys.ts';
import { write, type Store } from '../store/open.ts';
import { saveSpending } from '../store/spending.ts';
import { addTurnedAway } from '../store/turned-away.ts';
import type { LivePacket } from '../wire/events.ts';
import { toLogRow, type Entry, type Outcome } from './entry.ts';
import { createStrangerGuard } from './strangers.ts';
import type { Traces } from './traces.ts';

export type Ledger = {
  /**
   * Commits the request's row and what it has spent, in one transaction, once; later calls for the same entry do
   * nothing. Called before the last byte of an answer is written, so that who has the answer can find it in the log.
   */
  readonly settle: (entry: Entry, outcome: Outcome) => void;
  /** Rows that could not be written yet, for instance because the disk is full. */
  readonly unwritten: () => number;
  readonly state: () => LedgerState;
  /** Tries once more to write what is left, and stops trying. */
  readonly close: () => void;
};

export type LedgerState = {
  readonly unwritten: number;
  /** Given up since the start, because there were too many. */
  readonly lost: number;
  /** In a sentence for the owner; null while all is well. */
  readonly problem: string | null;
  readonly since: string | null;
};

type LedgerServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publish: (packet: LivePacket) => void;
  readonly timers?: Timers;
  /** Takes what is to be kept of what was said, right behind the row. */
  readonly traces?: Pick<Traces, 'keep'>;
};

/** Some 20 MB of rows; beyond it the oldest is given up, and the server's log and status say so. */
const mostUnwritten = 20_000;
/** What could not be written is tried again with the next row, and so often where none comes. */
const retryEveryMs = 2_000;
/** A full disk must not fill the server's own log as well. */
const tellEveryMs = 60_000;

/** What no full or failing disk explains is given up after so many tries. */
const mostTries = 20;

/** What is written of one request, all or nothing. */
type Finished = {
  tries: number;
  readonly row: LogRow;
  readonly spendings: readonly Spending[];
  /** Null where no valid key was shown. */
  readonly use: (KeyUse & { readonly keyId: string }) | null;
};

export function createLedger(services: LedgerServices): Ledger {
  const { store, clock, log, publish, timers = systemTimers } = services;
  const unwritten: Finished[] = [];
  const strangers = createStrangerGuard(clock);
  const trouble = { sinceMs: null as number | null, sentence: '', toldMs: Number.NEGATIVE_INFINITY, lost: 0 };

  /** Oldest first. A failing disk must not fail the answer: rows are kept and tried again. */
  function writeAll(): void {
    try {
      for (let record = unwritten[0]; record !== undefined; record = unwritten[0]) {
        writeOne(record);
        unwritten.shift();
      }
      writeTurnedAway();
      if (trouble.sinceMs !== null) log.info('The log of requests can be written again; nothing is missing.');
      trouble.sinceMs = null;
    } catch (error) {
      note(error);
    }
  }
  /** A row that the store refuses for itself, whatever the disk, must not keep back all that come after it. */
  function writeOne(record: Finished): void {
    try {
      writeRecord(store, record);
    } catch (error) {
      record.tries += 1;
      if (error instanceof AppError || record.tries < mostTries) throw error;
      trouble.lost += 1;
      log.error('A row of the log could not be written and is lost.', { request: record.row.id, error });
    }
  }
  function writeTurnedAway(): void {
    const counted = strangers.take();
    if (counted.length === 0) return;
    try {
      write(store, () => counted.forEach(({ quarter, requests }) => addTurnedAway(store, quarter, requests)));
    } catch (error) {
      strangers.giveBack(counted);
      throw error;
    }
  }
  function note(error: unknown): void {
    trouble.sinceMs ??= clock.nowMs();
    trouble.sentence = error instanceof Error ? error.message : 'unknown';
    while (unwritten.length > mostUnwritten) {
      unwritten.shift();
      trouble.lost += 1;
    }
    if (clock.monotonicMs() - trouble.toldMs < tellEveryMs) return;
    trouble.toldMs = clock.monotonicMs();
    const { lost } = trouble;
    log.error('The log of requests cannot be written; rows are kept in memory and tried again.', {
      unwritten: unwritten.length,
      ...(lost === 0 ? {} : { lost }),
      error,
    });
  }

  const stopRetrying = timers.every(retryEveryMs, () => {
    if (unwritten.length > 0 || strangers.isWaiting()) writeAll();
  });
  return {
    settle(entry, outcome) {
      if (entry.settled) return;
      entry.settled = true;
      // Whoever guesses keys must not be able to fill the disk.
      if (entry.principal === null && !strangers.mayHaveRow()) return;
      const row = toLogRow(entry, outcome, clock.monotonicMs() - entry.arrivedMs);
      const spendings = entry.reservation?.settle(row, row.servedModel) ?? [];
      unwritten.push({ tries: 0, row, spendings, use: useOf(entry) });
      writeAll();
      if (entry.trace !== null) services.traces?.keep(entry.trace, row);
      publish({
        type: 'request-finished',
        row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
      });
    },
    unwritten: () => unwritten.length,
    state: () => ({
      unwritten: unwritten.length,
      lost: trouble.lost,
      problem: trouble.sinceMs === null ? null : trouble.sentence,
      since: trouble.sinceMs === null ? null : new Date(trouble.sinceMs).toISOString(),
    }),
    close() {
      stopRetrying();
      if (unwritten.length > 0 || strangers.isWaiting()) writeAll();
    },
  };
}

function useOf({ principal, arrivedAtMs: atMs, ip, host, client, plain }: Entry): Finished['use'] {
  return principal === null ? null : { keyId: principal.keyId, atMs, ip, host, client, plain };
}

function writeRecord(store: Store, { row, spendings, use }: Finished): void {
  write(store, () => {
    insertRequest(store, row);
    for (const spending of spendings) saveSpending(store, spending);
    if (use !== null) touchKey(store, use.keyId, use);
  });
}

import type { Clock } from '../core/clock.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import type { Spending } from '../core/policy.ts';
import { insertRequest } from '../store/requests.ts';
import { touchKey, type KeyUse } from '../store/keys.ts';
import { write, type Store } from '../store/open.ts';
import { saveSpending } from '../store/spending.ts';
import type { LivePacket } from '../wire/events.ts';
import { toLogRow, type Entry, type Outcome } from './entry.ts';

export type Ledger = {
  /**
   * Commits the request's row and what it has spent, in one transaction, once; later calls for the same entry do
   * nothing. Called before the last byte of an answer is written, so that who has the answer can find it in the log.
   */
  readonly settle: (entry: Entry, outcome: Outcome) => void;
  /** Rows that could not be written yet, for instance because the disk is full. */
  readonly unwritten: () => number;
};

type LedgerServices = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly publish: (packet: LivePacket) => void;
};

/** About 10 MB of rows; beyond it the oldest is given up, and the server's log says so. */
const mostUnwritten = 20_000;

/** What is written of one request, all or nothing. */
type Finished = {
  readonly row: LogRow;
  readonly spendings: readonly Spending[];
  /** Null where no valid key was shown. */
  readonly use: (KeyUse & { readonly keyId: string }) | null;
};

export function createLedger(services: LedgerServices): Ledger {
  const unwritten: Finished[] = [];

  function settle(entry: Entry, outcome: Outcome): void {
    if (entry.settled) return;
    entry.settled = true;
    const row = toLogRow(entry, outcome, services.clock.monotonicMs() - entry.arrivedMs);
    const spendings = entry.reservation?.settle(row, row.servedModel) ?? [];
    unwritten.push({ row, spendings, use: useOf(entry) });
    writeAll(services, unwritten);
    services.publish({
      type: 'request-finished',
      row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
    });
  }
  return { settle, unwritten: () => unwritten.length };
}

function useOf({ principal, arrivedAtMs: atMs, ip, host, client, plain }: Entry): Finished['use'] {
  return principal === null ? null : { keyId: principal.keyId, atMs, ip, host, client, plain };
}

/** Oldest first. A failing disk must not fail the answer: the row is kept and tried again with the next one. */
function writeAll(services: LedgerServices, unwritten: Finished[]): void {
  try {
    for (let record = unwritten[0]; record !== undefined; record = unwritten[0]) {
      writeRecord(services.store, record);
      unwritten.shift();
    }
  } catch (error) {
    services.log.error('The log of requests cannot be written; rows are kept in memory and tried again.', {
      unwritten: unwritten.length,
      error,
    });
    if (unwritten.length > mostUnwritten) unwritten.shift();
  }
}

function writeRecord(store: Store, { row, spendings, use }: Finished): void {
  write(store, () => {
    insertRequest(store, row);
    for (const spending of spendings) saveSpending(store, spending);
    if (use !== null) touchKey(store, use.keyId, use);
  });
}

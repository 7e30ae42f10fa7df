import type { Clock } from '../core/clock.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import { insertRequest } from '../store/requests.ts';
import { touchKey } from '../store/keys.ts';
import type { Store } from '../store/open.ts';
import type { LivePacket } from '../wire/events.ts';
import { toLogRow, type Entry, type Outcome } from './entry.ts';

export type Ledger = {
  /**
   * Commits the request's row, once; later calls for the same entry do nothing. Called before the last byte of
   * an answer is written, so that who has the answer can find it in the log.
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

export function createLedger(services: LedgerServices): Ledger {
  const unwritten: LogRow[] = [];

  function settle(entry: Entry, outcome: Outcome): void {
    if (entry.settled) return;
    entry.settled = true;
    const row = toLogRow(entry, outcome, services.clock.monotonicMs() - entry.arrivedMs);
    unwritten.push(row);
    writeAll(services, unwritten);
    if (entry.principal !== null) touch(services, entry);
    services.publish({
      type: 'request-finished',
      row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
    });
  }
  return { settle, unwritten: () => unwritten.length };
}

/** Oldest first. A failing disk must not fail the answer: the row is kept and tried again with the next one. */
function writeAll(services: LedgerServices, unwritten: LogRow[]): void {
  try {
    for (let row = unwritten[0]; row !== undefined; row = unwritten[0]) {
      insertRequest(services.store, row);
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

function touch(services: LedgerServices, entry: Entry): void {
  try {
    if (entry.principal === null) return;
    const { arrivedAtMs: atMs, ip, host, client, plain } = entry;
    touchKey(services.store, entry.principal.keyId, { atMs, ip, host, client, plain });
  } catch (error) {
    services.log.error('The last use of a key could not be written.', { error });
  }
}

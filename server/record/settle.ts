import type { Clock } from '../core/clock.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import type { Settlement, Spending } from '../core/policy.ts';
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
  /**
   * The same for what goes well, which is often: all that ends in one turn of the event loop is committed together at
   * the turn's end. Resolves then.
   */
  readonly settleSoon: (entry: Entry, outcome: Outcome) => Promise<void>;
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

/** Where the request came to no reservation. */
const nothingSpent: Settlement = { spendings: [], costNanos: null };

export function createLedger(services: LedgerServices): Ledger {
  const unwritten: Finished[] = [];
  /** Rows nobody has been told of. */
  let news: LogRow[] = [];
  let turn: Promise<void> | null = null;
  const useOf = createUses();

  /** What the request has spent counts from now on. */
  function note(entry: Entry, outcome: Outcome): void {
    entry.settled = true;
    const told = toLogRow(entry, outcome, services.clock.monotonicMs() - entry.arrivedMs);
    const { spendings, costNanos } = entry.reservation?.settle(told, told.servedModel) ?? nothingSpent;
    const row: LogRow = { ...told, costNanos };
    unwritten.push({ row, spendings, use: useOf(entry) });
    news.push(row);
  }

  function commit(): void {
    writeAll(services, unwritten);
    const rows = news;
    news = [];
    for (const row of rows) {
      services.publish({
        type: 'request-finished',
        row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
      });
    }
  }

  /** Those that wait for this turn's end share one promise. */
  function endOfTurn(): Promise<void> {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = null;
        commit();
        resolve();
      });
    });
    return turn;
  }

  return {
    settle(entry, outcome) {
      if (entry.settled) return;
      note(entry, outcome);
      commit();
    },
    async settleSoon(entry, outcome) {
      if (entry.settled) return;
      note(entry, outcome);
      await endOfTurn();
    },
    unwritten: () => unwritten.length,
  };
}

/** A key that asks all the time is noted once a second, unless it is used from elsewhere or otherwise. */
const leastBetweenUsesMs = 1000;

function createUses(): (entry: Entry) => Finished['use'] {
  const last = new Map<string, KeyUse>();
  return ({ principal, arrivedAtMs: atMs, ip, host, client, plain }) => {
    if (principal === null) return null;
    const { keyId } = principal;
    const before = last.get(keyId);
    const isNews =
      before === undefined ||
      Math.abs(atMs - before.atMs) >= leastBetweenUsesMs ||
      before.ip !== ip ||
      before.host !== host ||
      before.client !== client ||
      before.plain !== plain;
    if (!isNews) return null;
    const use = { atMs, ip, host, client, plain };
    last.set(keyId, use);
    return { keyId, ...use };
  };
}

/** So many rows share a transaction; more would hold up the loop. */
const mostTogether = 64;

/** Oldest first. A failing disk must not fail the answer: the rows are kept and tried again with the next one. */
function writeAll(services: LedgerServices, unwritten: Finished[]): void {
  try {
    while (unwritten.length > 0) {
      const records = unwritten.slice(0, mostTogether);
      write(services.store, () => records.forEach((record) => writeRecord(services.store, record)));
      unwritten.splice(0, records.length);
    }
  } catch (error) {
    services.log.error('The log of requests cannot be written; rows are kept in memory and tried again.', {
      unwritten: unwritten.length,
      error,
    });
    if (unwritten.length > mostUnwritten) unwritten.splice(0, unwritten.length - mostUnwritten);
  }
}

/** Inside a transaction. */
function writeRecord(store: Store, { row, spendings, use }: Finished): void {
  insertRequest(store, row);
  for (const spending of spendings) saveSpending(store, spending);
  if (use !== null) touchKey(store, use.keyId, use);
}

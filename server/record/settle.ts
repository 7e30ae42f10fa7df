import { z } from 'zod';
import { systemTimers, type Clock, type Timers } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { LogRow } from '../core/log-row.ts';
import type { Logger } from '../core/logger.ts';
import type { Settlement, Spending } from '../core/policy.ts';
import { openJournal, type Journal } from '../store/journal.ts';
import { hasRequest, insertRequests } from '../store/requests.ts';
import { touchKey, type KeyUse } from '../store/keys.ts';
import { write, type Store } from '../store/open.ts';
import { saveSpending } from '../store/spending.ts';
import { addTurnedAway } from '../store/turned-away.ts';
import type { LivePacket } from '../wire/events.ts';
import { toLogRow, type Entry, type Outcome } from './entry.ts';
import { createUses } from './key-uses.ts';
import { createStrangerGuard } from './strangers.ts';
import type { Traces } from './traces.ts';

export type Ledger = {
  /**
   * Keeps the request's row and what it has spent, once; later calls for the same entry do nothing. Called before the last
   * byte of an answer is written: once it returns, no end of this process can lose the row.
   */
  readonly settle: (entry: Entry, outcome: Outcome) => void;
  /**
   * The same for what goes well, which is often: while many requests run, all that end in one turn of the event loop are
   * kept with one write. Resolves then; their answers leave together too.
   */
  readonly settleSoon: (entry: Entry, outcome: Outcome) => Promise<void>;
  /** Brings what was kept into the database, for whoever is about to read there. It gets there by itself in a moment. */
  readonly catchUp: () => void;
  /** Rows that are not in the database yet: a moment's, or more where it takes none, for instance because the disk is full. */
  readonly unwritten: () => number;
  readonly state: () => LedgerState;
  /** Requests without a valid key that came too fast to get a row, since the start. */
  readonly turnedAway: () => number;
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
  /** Where rows are kept until they are in the database; null: they go there at once, one by one. */
  readonly journalFile: string | null;
  /** Requests that run, those that are being settled among them. */
  readonly running: () => number;
  /** Takes what is to be kept of what was said, right behind the row. */
  readonly traces?: Pick<Traces, 'keep'>;
};

/** With fewer there is nothing to wait for. */
const manyRunning = 6;
/** Some 20 MB of rows; beyond it the oldest is given up, and the server's log and status say so. */
const mostUnwritten = 20_000;
/** So long rows wait for others to go into the database with … */
const catchUpAfterMs = 50;
/** … and so many share a transaction; more would hold up the loop. */
const mostTogether = 64;
/** What could not be written is tried again with the next rows, and so often where none come. */
const retryEveryMs = 2_000;
/** A full disk must not fill the server's own log as well. */
const tellEveryMs = 60_000;
/** What no full or failing disk explains is given up after so many tries. */
const mostTries = 20;

/** What is written of one request, all or nothing. */
type Finished = {
  readonly row: LogRow;
  readonly spendings: readonly Spending[];
  /** Null where no valid key was shown, or was noted a moment ago. */
  readonly use: (KeyUse & { readonly keyId: string }) | null;
};

/** Where the request came to no reservation. */
const nothingSpent: Settlement = { spendings: [], costNanos: null };

export function createLedger(services: LedgerServices): Ledger {
  const { store, clock, log, publish, timers = systemTimers, journalFile, running, traces } = services;
  const useOf = createUses();
  const strangers = createStrangerGuard(clock);
  const unwritten: Finished[] = [];
  /** Those of `unwritten` that are not in the journal yet. */
  let fresh: Finished[] = [];
  /** Rows nobody has been told of. */
  let news: LogRow[] = [];
  let turn: Promise<void> | null = null;
  let stopWaiting: (() => void) | null = null;
  const trouble = {
    sinceMs: null as number | null,
    sentence: '',
    toldMs: Number.NEGATIVE_INFINITY,
    lost: 0,
    /** How often the oldest row was refused in a row. */
    tries: 0,
  };
  const { journal, lines } = journalFile === null ? { journal: null, lines: [] } : openJournal(journalFile);
  unwritten.push(...leftFrom(store, lines, log));
  catchUp();

  function catchUp(): void {
    stopWaiting?.();
    stopWaiting = null;
    writeAll();
    if (unwritten.length === 0) journal?.clear();
    const rows = news;
    news = [];
    for (const row of rows) {
      publish({
        type: 'request-finished',
        row: { ...row, tried: [...row.tried], dropped: [...row.dropped] },
      });
    }
  }

  /** Oldest first. A failing disk must not fail the answer: rows are kept and tried again. */
  function writeAll(): void {
    try {
      while (unwritten.length > 0) writeSome();
      writeTurnedAway();
      if (trouble.sinceMs !== null) log.info('The log of requests can be written again; nothing is missing.');
      trouble.sinceMs = null;
    } catch (error) {
      noteTrouble(error);
    }
  }
  /** A row that the store refuses for itself, whatever the disk, must not keep back all that come after it. */
  function writeSome(): void {
    const records = unwritten.slice(0, mostTogether);
    try {
      write(store, () => writeRecords(store, records));
      unwritten.splice(0, records.length);
    } catch (error) {
      if (error instanceof AppError) throw error;
      // Those that share a transaction share its failure.
      records.forEach(writeAlone);
    }
  }
  function writeAlone(record: Finished): void {
    try {
      write(store, () => writeRecords(store, [record]));
    } catch (error) {
      trouble.tries += 1;
      if (error instanceof AppError || trouble.tries < mostTries) throw error;
      trouble.lost += 1;
      log.error('A row of the log could not be written and is lost.', { request: record.row.id, error });
    }
    trouble.tries = 0;
    unwritten.shift();
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
  function noteTrouble(error: unknown): void {
    trouble.sinceMs ??= clock.nowMs();
    trouble.sentence = error instanceof Error ? error.message : 'unknown';
    const tooMany = Math.max(0, unwritten.length - mostUnwritten);
    unwritten.splice(0, tooMany);
    trouble.lost += tooMany;
    if (clock.monotonicMs() - trouble.toldMs < tellEveryMs) return;
    trouble.toldMs = clock.monotonicMs();
    const { lost } = trouble;
    log.error('The log of requests cannot be written; rows are kept and tried again.', {
      unwritten: unwritten.length,
      ...(lost === 0 ? {} : { lost }),
      error,
    });
  }

  function note(entry: Entry, outcome: Outcome): void {
    entry.settled = true;
    // Whoever guesses keys must not be able to fill the disk.
    if (entry.principal === null && !strangers.mayHaveRow()) return;
    const row = toLogRow(entry, outcome, clock.monotonicMs() - entry.arrivedMs);
    const { spendings, costNanos } = entry.reservation?.settle(row, row.servedModel) ?? nothingSpent;
    row.costNanos = costNanos;
    const finished: Finished = { row, spendings, use: useOf(entry) };
    fresh.push(finished);
    unwritten.push(finished);
    news.push(row);
    if (entry.trace !== null) traces?.keep(entry.trace, row);
  }
  function keep(): void {
    const added = fresh;
    fresh = [];
    if (added.length === 0) return;
    if (!areKept(journal, added) || unwritten.length >= mostTogether) catchUp();
    else stopWaiting ??= timers.after(catchUpAfterMs, catchUp);
  }
  function endOfTurn(): Promise<void> {
    turn ??= new Promise((resolve) => {
      setImmediate(() => {
        turn = null;
        try {
          keep();
        } finally {
          resolve();
        }
      });
    });
    return turn;
  }

  const isBehind = (): boolean => unwritten.length > 0 || strangers.isWaiting();
  const stopRetrying = timers.every(retryEveryMs, () => {
    if (isBehind()) catchUp();
  });
  return {
    settle(entry, outcome) {
      if (entry.settled) return;
      note(entry, outcome);
      keep();
    },
    async settleSoon(entry, outcome) {
      if (entry.settled) return;
      note(entry, outcome);
      if (running() < manyRunning) keep();
      else await endOfTurn();
    },
    catchUp() {
      if (isBehind()) catchUp();
    },
    unwritten: () => unwritten.length,
    state: () => ({
      unwritten: unwritten.length,
      lost: trouble.lost,
      problem: trouble.sinceMs === null ? null : trouble.sentence,
      since: trouble.sinceMs === null ? null : new Date(trouble.sinceMs).toISOString(),
    }),
    turnedAway: strangers.total,
    close() {
      stopRetrying();
      keep();
      if (isBehind()) catchUp();
      journal?.close();
    },
  };
}

/** False where there is no journal, or it takes no more: then the database is all there is. */
function areKept(journal: Journal | null, added: readonly Finished[]): boolean {
  if (journal === null) return false;
  try {
    journal.append(added.map((finished) => JSON.stringify(finished)));
    return true;
  } catch {
    return false;
  }
}

/** What an end of the process before has left in the journal, without what the database has already. */
function leftFrom(store: Store, lines: readonly string[], log: Logger): Finished[] {
  const left = new Map<string, Finished>();
  for (const line of lines) {
    const finished = parseLine(line);
    // A power cut can leave a line of nothing; it must not keep the server from starting.
    if (finished === null) log.warn('A line of the journal of requests cannot be read and is left out.');
    else if (!hasRequest(store, finished.row.id)) left.set(finished.row.id, finished);
  }
  return [...left.values()];
}

/** Lines are ours; what else could be there is damage. */
const journalLine = z.looseObject({
  row: z.looseObject({ id: z.string(), time: z.iso.datetime() }),
  spendings: z.array(z.looseObject({ account: z.string() })),
  use: z.looseObject({ keyId: z.string() }).nullable(),
});

function parseLine(line: string): Finished | null {
  try {
    return journalLine.parse(JSON.parse(line)) as unknown as Finished;
  } catch {
    return null;
  }
}

/** Inside a transaction. Spending is told in absolute numbers: the last of each account holds all before it. */
function writeRecords(store: Store, records: readonly Finished[]): void {
  const spendings = new Map<string, Spending>();
  insertRequests(
    store,
    records.map(({ row }) => row),
  );
  for (const { use, ...record } of records) {
    for (const spending of record.spendings) spendings.set(spending.account, spending);
    if (use !== null) touchKey(store, use.keyId, use);
  }
  for (const spending of spendings.values()) saveSpending(store, spending);
}

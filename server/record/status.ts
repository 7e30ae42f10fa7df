import type { Clock, Timers } from '../core/clock.ts';
import { summariseSince } from '../store/ledger/summary.ts';
import type { Store } from '../store/open.ts';
import type { ServerStatus } from '../wire/admin.ts';
import type { PausesState } from '../wire/owner.ts';
import type { Live } from './live.ts';
import type { LedgerState } from './settle.ts';

/** How the server is, for Home and `npx inglenook status`. */
export type StatusBoard = {
  readonly read: () => ServerStatus;
  /** Tells the live view, soon; many calls in a row cost one reading. */
  readonly publishSoon: () => void;
  /** Nothing is read or told after it. */
  readonly stop: () => void;
};

type StatusSources = {
  readonly store: Store;
  readonly router: {
    readonly active: () => number;
    readonly waiting: () => number;
    readonly queues: () => readonly BusyModel[];
  };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly live: Live;
  readonly version: string;
  readonly dataDir: string;
  readonly ledger: () => LedgerState;
  readonly address: () => string;
  /** What the owner has taken back; absent: nothing ever is. */
  readonly pauses?: () => PausesState;
  /** Null while the office is not let in. */
  readonly lanAddress: () => string | null;
};

type BusyModel = {
  readonly engine: string;
  readonly model: string | null;
  readonly slots: number;
  readonly active: number;
  readonly waiting: readonly { readonly estimateMs: number | null }[];
};

/** Today's sums are read from the log for it, which must not happen once per request. */
const publishAfterMs = 500;

export function createStatusBoard(sources: StatusSources): StatusBoard {
  const startedAtMs = sources.clock.nowMs();
  let cancel: (() => void) | null = null;
  const read = (): ServerStatus => readStatus(sources, startedAtMs);
  return {
    read,
    publishSoon: () => {
      cancel ??= sources.timers.after(publishAfterMs, () => {
        cancel = null;
        if (sources.live.isWatched()) sources.live.publish({ type: 'status', status: read() });
      });
    },
    stop: () => {
      cancel?.();
      cancel = () => {};
    },
  };
}

function readStatus(sources: StatusSources, startedAtMs: number): ServerStatus {
  const lanAddress = sources.lanAddress();
  return {
    version: sources.version,
    startedAt: new Date(startedAtMs).toISOString(),
    address: sources.address(),
    dataDir: sources.dataDir,
    lan: { on: lanAddress !== null, address: lanAddress },
    activeRequests: sources.router.active(),
    waitingRequests: sources.router.waiting(),
    queues: sources.router.queues().filter(isUsed).map(summarised),
    today: summariseSince(sources.store, startOfDayMs(sources.clock.nowMs())),
    log: sources.ledger(),
    ...(sources.pauses === undefined ? {} : { pauses: sources.pauses() }),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

function isUsed({ active, waiting }: BusyModel): boolean {
  return active > 0 || waiting.length > 0;
}

function summarised({ waiting, engine, model, slots, active }: BusyModel) {
  const longestWaitMs = waiting.at(-1)?.estimateMs ?? null;
  return { engine, model, slots, active, waiting: waiting.length, longestWaitMs };
}

/** Midnight in the server's own time zone. */
function startOfDayMs(nowMs: number): number {
  return new Date(nowMs).setHours(0, 0, 0, 0);
}

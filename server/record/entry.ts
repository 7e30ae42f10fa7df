import type { FinishReason } from '../core/generate.ts';
import type { LogRow, LogStatus } from '../core/log-row.ts';
import type { Reservation } from '../core/policy.ts';
import type { Principal } from '../core/principal.ts';
import type { Route } from '../core/route.ts';

/** A request while it runs: what will become its row in the log. Each stage writes what it has learnt. */
export type Entry = {
  readonly id: string;
  readonly arrivedAtMs: number;
  /** Monotonic, for durations. */
  readonly arrivedMs: number;
  readonly routeName: string;
  readonly ip: string;
  /** Our name or address as the client called it, without the port. */
  readonly host: string;
  /** Whether the request travelled unencrypted. */
  readonly plain: boolean;
  readonly client: string | null;
  readonly clientRequestId: string | null;
  principal: Principal | null;
  /** What was put aside of its key's limits; settled with the row. */
  reservation: Reservation | null;
  model: string | null;
  /** What was asked for and is not done. */
  dropped: readonly string[];
  readonly route: Route;
  /** Null where the response cache is off for the key. */
  cache: LogRow['cache'];
  firstTokenMs: number | null;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  finishReason: FinishReason | null;
  settled: boolean;
};

export type Arrival = Pick<
  Entry,
  'id' | 'arrivedAtMs' | 'arrivedMs' | 'routeName' | 'ip' | 'host' | 'plain' | 'client' | 'clientRequestId'
>;

export function newEntry(arrival: Arrival): Entry {
  return {
    ...arrival,
    principal: null,
    reservation: null,
    model: null,
    dropped: [],
    route: { servedModel: null, engine: null, tried: [], queueMs: 0, loadMs: 0 },
    cache: null,
    firstTokenMs: null,
    promptTokens: 0,
    cachedTokens: 0,
    completionTokens: 0,
    finishReason: null,
    settled: false,
  };
}

/** Enough to see what a client asks in vain; schemas can drop thousands. */
const mostDropped = 50;
const mostPathCharacters = 200;

/** How it ended. `error` is a code and a sentence of ours, never text of the prompt. */
export type Outcome = {
  readonly status: LogStatus;
  readonly httpStatus: number;
  readonly error: string | null;
};

export function toLogRow(entry: Entry, outcome: Outcome, totalMs: number): Omit<LogRow, 'costNanos'> {
  const { principal, route } = entry;
  return {
    id: entry.id,
    time: new Date(entry.arrivedAtMs).toISOString(),
    key: principal?.keyName ?? null,
    keyId: principal?.keyId ?? null,
    person: principal?.person ?? null,
    team: principal?.team ?? null,
    endUser: null,
    device: principal?.device ?? null,
    model: entry.model,
    servedModel: route.servedModel,
    engine: route.engine,
    route: entry.routeName,
    status: outcome.status,
    httpStatus: outcome.httpStatus,
    finishReason: entry.finishReason,
    error: outcome.error,
    promptTokens: entry.promptTokens,
    cachedTokens: entry.cachedTokens,
    completionTokens: entry.completionTokens,
    queueMs: roundMs(route.queueMs),
    loadMs: roundMs(route.loadMs),
    firstTokenMs: entry.firstTokenMs === null ? null : roundMs(entry.firstTokenMs),
    totalMs: roundMs(totalMs),
    tried: route.tried,
    dropped: entry.dropped.slice(0, mostDropped).map((path) => path.slice(0, mostPathCharacters)),
    client: entry.client,
    clientRequestId: entry.clientRequestId,
    ip: entry.ip,
    leftOffice: route.leftOffice ?? null,
    cache: entry.cache,
  };
}

/** Tenths are finer than any of this can be measured. */
function roundMs(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}

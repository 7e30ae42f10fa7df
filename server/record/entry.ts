import type { FinishReason } from '../core/generate.ts';
import { roundMs, splitTimes, type LogRow, type LogStatus } from '../core/log-row.ts';
import type { Reservation } from '../core/policy.ts';
import type { Principal } from '../core/principal.ts';
import type { Route } from '../core/route.ts';
import type { TraceCapture } from '../core/trace.ts';

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
  /** Requests that were being answered when it came, itself among them. */
  readonly atOnce: number;
  principal: Principal | null;
  /** For whom the client says it asks; only of keys that may speak for others. */
  endUser: string | null;
  /** What was put aside of its key's limits; settled with the row. */
  reservation: Reservation | null;
  /** What is to be kept of it; null where nothing is. */
  trace: TraceCapture | null;
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
  | 'id'
  | 'arrivedAtMs'
  | 'arrivedMs'
  | 'routeName'
  | 'ip'
  | 'host'
  | 'plain'
  | 'client'
  | 'clientRequestId'
  | 'atOnce'
>;

export function newEntry(arrival: Arrival): Entry {
  return {
    ...arrival,
    principal: null,
    endUser: null,
    reservation: null,
    trace: null,
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

type Row = Omit<LogRow, 'costNanos'> & { costNanos: LogRow['costNanos'] };

/** Enough to see what a client asks in vain; schemas can drop thousands. */
const mostDropped = 50;
const mostPathCharacters = 200;

/** How it ended. `error` is a code and a sentence of ours, never text of the prompt. */
export type Outcome = {
  readonly status: LogStatus;
  readonly httpStatus: number;
  readonly error: string | null;
};

/** What it has cost is told by whoever settles its reservation. */
export function toLogRow(entry: Entry, outcome: Outcome, totalMs: number): Row {
  const { principal, route } = entry;
  const times = {
    queueMs: roundMs(route.queueMs),
    loadMs: roundMs(route.loadMs),
    firstTokenMs: entry.firstTokenMs === null ? null : roundMs(entry.firstTokenMs),
    totalMs: roundMs(totalMs),
  };
  const { prefillMs, decodeMs } = splitTimes(times);
  return {
    id: entry.id,
    time: isoTime(entry.arrivedAtMs),
    key: principal?.keyName ?? null,
    keyId: principal?.keyId ?? null,
    person: principal?.person ?? null,
    team: principal?.team ?? null,
    labels: principal?.labels ?? {},
    endUser: entry.endUser,
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
    costNanos: null,
    queueMs: times.queueMs,
    loadMs: times.loadMs,
    prefillMs,
    decodeMs,
    firstTokenMs: times.firstTokenMs,
    totalMs: times.totalMs,
    tried: route.tried,
    dropped:
      entry.dropped.length === 0
        ? entry.dropped
        : entry.dropped.slice(0, mostDropped).map((path) => path.slice(0, mostPathCharacters)),
    client: entry.client,
    clientRequestId: entry.clientRequestId,
    ip: entry.ip,
    leftOffice: route.leftOffice ?? null,
    atOnce: entry.atOnce,
    cache: entry.cache,
  };
}

/** Requests come many to a second, which is written once. */
let second = { atMs: Number.NaN, text: '' };

function isoTime(ms: number): string {
  const atMs = Math.floor(ms / 1000) * 1000;
  const part = Math.floor(ms - atMs);
  if (atMs !== second.atMs) second = { atMs, text: new Date(atMs).toISOString().slice(0, -'000Z'.length) };
  return `${second.text}${String(part).padStart(3, '0')}Z`;
}

import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { livePacket } from '../server/wire/events.ts';
import type { LivePacket } from '../server/wire/events.ts';
import type { WireLogRow, WireModel } from '../server/wire/admin.ts';
import type { LanState } from '../server/wire/lan.ts';
import { putCheck } from './queries-checks.ts';
import { cacheKeys, type LogQueryKey } from './queries.ts';
import { addToLists, catchUp } from './queries-requests.ts';
import { matches } from './request-filters.ts';

/** `lost`: the numbers on screen are those of `since`, and the stream is being opened again. */
export type LiveState =
  | { readonly phase: 'connecting' | 'live' }
  | { readonly phase: 'lost'; readonly since: Date };

const firstRetryMs = 1_000;
const longestRetryMs = 30_000;
const freshMs = 2_000;
const arrivedAtMs = new Map<string, number>();

/** Whether a row has just come in by the stream: it is then pointed out for a moment. */
export function isFresh(rowId: string): boolean {
  const at = arrivedAtMs.get(rowId);
  return at !== undefined && Date.now() - at < freshMs;
}

const rowListeners = new Set<(row: WireLogRow) => void>();

/** Tells of every request that ends from now on. Returns the function that stops it. */
export function onRequestFinished(listener: (row: WireLogRow) => void): () => void {
  rowListeners.add(listener);
  return () => void rowListeners.delete(listener);
}

/**
 * Opens the tab's one event stream and feeds the cache from it. The browser reconnects by itself after a broken
 * connection, but not after a refusal (signed out, server restarting), so that is done here with growing pauses.
 * Returns the function that closes it.
 */
export function openLiveStream(client: QueryClient, onState: (state: LiveState) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = firstRetryMs;
  let lostSince: Date | null = null;

  function open(): void {
    source = new EventSource('/api/events');
    source.addEventListener('open', () => {
      // What happened before the stream was open, or while it was away, is never told again: ask for it.
      refreshLists(client);
      lostSince = null;
      retryMs = firstRetryMs;
      onState({ phase: 'live' });
    });
    source.addEventListener('message', (event) => apply(client, event.data));
    source.addEventListener('error', () => {
      lostSince ??= new Date();
      onState({ phase: 'lost', since: lostSince });
      if (source?.readyState !== EventSource.CLOSED) return;
      void client.invalidateQueries({ queryKey: cacheKeys.session });
      timer = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    });
  }

  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

/** What belongs to keys: it changes with them. */
const limitLists = [cacheKeys.teams, cacheKeys.spending, cacheKeys.prices];

/** What the stream does not begin with. Changes from before it was open, at first or again, never come by it. */
function refreshLists(client: QueryClient): void {
  const { keys, log, pairings, aliases, connect, unknownNames, upstreams, ollama, leftOffice, checks } =
    cacheKeys;
  const lists = [keys, log, pairings, aliases, connect, unknownNames, upstreams, ollama, leftOffice, checks];
  for (const queryKey of [...lists, ...limitLists, cacheKeys.edge, cacheKeys.https])
    refresh(client, queryKey);
  refresh(client, cacheKeys.owner);
  void catchUp(client);
}

/**
 * Asks for something again. While its first answer is on the way the cache would not, although that answer may be
 * older than the change; then it is asked for once more right after.
 */
function refresh(client: QueryClient, queryKey: QueryKey): void {
  const again = (): void => void client.invalidateQueries({ queryKey });
  const fetching = client.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' });
  for (const { state, promise } of fetching) {
    if (state.data !== undefined) continue;
    // Not before the cache itself has taken the answer in. What was refused is not asked for twice.
    promise?.then(
      () => setTimeout(again),
      () => undefined,
    );
  }
  again();
}

/** What the stream says is newer than any answer on its way. */
function put(client: QueryClient, queryKey: QueryKey, data: unknown): void {
  void client.cancelQueries({ queryKey });
  client.setQueryData(queryKey, data);
}

function apply(client: QueryClient, data: unknown): void {
  const packet = parsePacket(data);
  if (packet === null) return;
  switch (packet.type) {
    case 'status':
      put(client, cacheKeys.status, packet.status);
      // Who waits is asked for where it is shown.
      queuePace(() => refresh(client, cacheKeys.queue));
      return;
    case 'models':
      setModels(client, packet.models);
      return;
    case 'request-finished':
      addRow(client, packet.row);
      for (const listener of rowListeners) listener(packet.row);
      keysPace(() => {
        refresh(client, cacheKeys.keys);
        refresh(client, cacheKeys.spending);
      });
      if (packet.row.httpStatus === 404) refresh(client, cacheKeys.unknownNames);
      if (packet.row.leftOffice !== null) refresh(client, cacheKeys.leftOffice);
      return;
    case 'lan':
      setLan(client, packet.lan);
      return;
    case 'owner':
      put(client, cacheKeys.owner, packet.owner);
      return;
    case 'downloads':
      put(client, cacheKeys.downloads, packet.downloads);
      return;
    case 'keys-changed':
      refresh(client, cacheKeys.keys);
      for (const queryKey of limitLists) refresh(client, queryKey);
      return;
    case 'aliases-changed':
      refresh(client, cacheKeys.aliases);
      refresh(client, cacheKeys.unknownNames);
      refresh(client, cacheKeys.connect);
      return;
    case 'pairings-changed':
      refresh(client, cacheKeys.pairings);
      return;
    case 'check':
      putCheck(client, packet.check);
      return;
    case 'trials-changed':
      for (const queryKey of [cacheKeys.trials, cacheKeys.https, cacheKeys.edge]) refresh(client, queryKey);
      return;
    case 'edge-changed':
      refresh(client, cacheKeys.edge);
      return;
    case 'updates-changed':
      refresh(client, cacheKeys.updates);
      return;
    case 'upstreams-changed':
      refresh(client, cacheKeys.upstreams);
      return;
    default:
      packet satisfies never;
  }
}

/** A newer server may send packets that this page does not know yet: they are left out, not an error. */
function parsePacket(data: unknown): LivePacket | null {
  if (typeof data !== 'string') return null;
  try {
    return livePacket.safeParse(JSON.parse(data)).data ?? null;
  } catch {
    return null;
  }
}

function setModels(client: QueryClient, models: WireModel[]): void {
  const before = client.getQueryData<WireModel[]>(cacheKeys.models);
  put(client, cacheKeys.models, models);
  if (before === undefined) return;
  if (filesOf(before) !== filesOf(models)) refresh(client, cacheKeys.folders);
  if (whatGuidesSay(before) === whatGuidesSay(models)) return;
  // What serves a name, and how long a conversation it can have, may be another now.
  refresh(client, cacheKeys.aliases);
  refresh(client, cacheKeys.connect);
  // How large a conversation may be now decides which tools work.
  refresh(client, cacheKeys.checks);
}

function whatGuidesSay(models: readonly WireModel[]): string {
  return JSON.stringify(
    models.map(({ id, engine, source, contextTokens, slots, settings, state }) => {
      const wished = [settings.contextTokens, settings.slots];
      return { id, engine, source, contextTokens, slots, wished, hasFailed: state === 'failed' };
    }),
  );
}

function filesOf(models: readonly WireModel[]): string {
  return JSON.stringify(models.map(({ path }) => path));
}

function setLan(client: QueryClient, lan: LanState): void {
  const before = client.getQueryData<LanState>(cacheKeys.lan);
  put(client, cacheKeys.lan, lan);
  if (before === undefined || before.address === lan.address) return;
  refresh(client, cacheKeys.status);
  refresh(client, cacheKeys.connect);
  refresh(client, cacheKeys.https);
}

/** A busy office must not mean a busy page: what changes with every request is asked for again at a pace of its own. */
type Pace = (ask: () => void) => void;

function createPace({ firstMs, everyMs }: { readonly firstMs: number; readonly everyMs: number }): Pace {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let askedAtMs = -Infinity;
  return (ask) => {
    const waitMs = Math.max(firstMs, askedAtMs + everyMs - performance.now());
    timer ??= setTimeout(() => {
      timer = undefined;
      askedAtMs = performance.now();
      ask();
    }, waitMs);
  };
}

const queuePace = createPace({ firstMs: 0, everyMs: 1_000 });
/** Every request changes when and from where its key was last used, and what it has spent. */
const keysPace = createPace({ firstMs: 500, everyMs: 3_000 });

function addRow(client: QueryClient, row: WireLogRow): void {
  arrivedAtMs.set(row.id, Date.now());
  for (const [id, at] of arrivedAtMs) if (Date.now() - at > freshMs) arrivedAtMs.delete(id);
  addToLists(client, row);
  for (const query of client.getQueryCache().findAll({ queryKey: cacheKeys.log })) {
    const [, filters, page] = query.queryKey as unknown as LogQueryKey;
    if (page.before !== null || !matches(row, filters)) continue;
    client.setQueryData<WireLogRow[]>(query.queryKey, (rows) =>
      rows === undefined || rows.some(({ id }) => id === row.id)
        ? rows
        : [row, ...rows].sort(newestFirst).slice(0, page.limit),
    );
    // The answer on its way may not have the row yet, and would take it off the page again.
    if (query.state.fetchStatus === 'fetching') refresh(client, query.queryKey);
  }
}

/** By arrival, as the server sorts: a request that took long ends after one that came later. */
function newestFirst(a: WireLogRow, b: WireLogRow): number {
  return b.time.localeCompare(a.time);
}

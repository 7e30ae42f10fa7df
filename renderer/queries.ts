import {
  QueryCache,
  QueryClient,
  queryOptions,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { ServerStatus, SessionState, WireModel } from '../server/wire/admin.ts';
import type { PairingRecord } from '../server/wire/pairing.ts';
import type { SettingRecord } from '../server/wire/settings.ts';
import { getAliases } from './api-names.ts';
import * as api from './api.ts';
import { ApiError, type LogFilters } from './api.ts';
import { serverNowMs } from './server-time.ts';

/** What the console knows about the server: names of the cache's entries, and how each is asked for and changed. */

export const cacheKeys = {
  session: ['session'],
  status: ['status'],
  models: ['models'],
  keys: ['keys'],
  log: ['log'],
  /** The log as one list that goes on; below it the filters. */
  requests: ['requests'],
  lan: ['lan'],
  pairings: ['pairings'],
  /** Below the invitations: whatever changes those has both asked for again. */
  tickets: ['pairings', 'tickets'],
  aliases: ['aliases'],
  unknownNames: ['unknown-names'],
  connect: ['connect'],
  downloads: ['downloads'],
  catalogue: ['catalogue'],
  found: ['found'],
  folders: ['folders'],
  settings: ['settings'],
  trials: ['trials'],
  engine: ['engine'],
  ollama: ['ollama'],
  edge: ['edge'],
  https: ['https'],
  upstreams: ['upstreams'],
  neighbours: ['upstreams', 'neighbours'],
  leftOffice: ['left-office'],
  teams: ['teams'],
  spending: ['spending'],
  prices: ['prices'],
  queue: ['queue'],
  owner: ['owner'],
  checks: ['checks'],
  usage: ['usage'],
  savings: ['savings'],
  savingsSettings: ['savings-settings'],
  cloudPrices: ['cloud-prices'],
  retention: ['retention'],
  traces: ['traces'],
  backups: ['backups'],
  restore: ['restore'],
  exports: ['exports'],
  audit: ['audit'],
  updates: ['updates'],
} as const;

/** One page of the log in the cache; `before` is null for the newest page, which is the one that live rows enter. */
export type LogQueryKey = readonly [
  'log',
  LogFilters,
  { readonly limit: number; readonly before: string | null },
];

export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) void client.invalidateQueries({ queryKey: cacheKeys.session });
      },
    }),
    defaultOptions: {
      queries: {
        // The live stream keeps everything fresh; asking again on each look would only be noise.
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => isUnreachable(error) && failures < 2,
      },
    },
  });
  return client;
}

function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ApiError && error.kind === 'unreachable';
}

export function useSession() {
  return useQuery({ queryKey: cacheKeys.session, queryFn: api.getSession, staleTime: Infinity });
}

const troubleEveryMs = 5_000;

const statusQuery = queryOptions({
  queryKey: cacheKeys.status,
  queryFn: api.getStatus,
  // Rows that wait may be written without a request that would tell.
  refetchInterval: ({ state }) => ((state.data?.log?.problem ?? null) === null ? false : troubleEveryMs),
});

export function useStatus() {
  return useQuery(statusQuery);
}

/**
 * What seldom changes of the status, such as the address: it changes with every request, and who shows no more than this
 * need not be drawn anew each time. `pick` is defined once, not while drawing.
 */
export function useOfStatus<Picked>(pick: (status: ServerStatus) => Picked) {
  return useQuery({ ...statusQuery, select: pick });
}

export const zoneOf = ({ timeZone }: ServerStatus): string => timeZone;

export function useModels() {
  return useQuery({ queryKey: cacheKeys.models, queryFn: api.getModels });
}

export function useModelFolders() {
  return useQuery({ queryKey: cacheKeys.folders, queryFn: api.getModelFolders });
}

/** Other programs do not tell when they get a model, so each look asks again. */
export function useFoundModels() {
  return useQuery({ queryKey: cacheKeys.found, queryFn: api.getFoundModels, staleTime: 0 });
}

const memoryChangesMs = 30_000;

/** What fits goes by the memory that is free now. */
export function useCatalogue() {
  return useQuery({
    queryKey: cacheKeys.catalogue,
    queryFn: api.getCatalogue,
    staleTime: 0,
    refetchInterval: memoryChangesMs,
  });
}

export function useDownloads() {
  return useQuery({ queryKey: cacheKeys.downloads, queryFn: api.getDownloads });
}

export function useSettings() {
  return useQuery({ queryKey: cacheKeys.settings, queryFn: api.getSettings });
}

export function useKeys() {
  return useQuery({ queryKey: cacheKeys.keys, queryFn: api.getKeys });
}

export function useLan() {
  return useQuery({ queryKey: cacheKeys.lan, queryFn: api.getLan });
}

export function usePairings() {
  return useQuery({
    queryKey: cacheKeys.pairings,
    queryFn: api.getPairings,
    // Nobody tells when one expires: it is asked for at that moment.
    refetchInterval: ({ state }) => untilNextExpiryMs(state.data ?? []),
  });
}

const afterExpiryMs = 500;

function untilNextExpiryMs(pairings: readonly PairingRecord[]): number | false {
  const live = pairings.filter(({ state }) => state === 'open' || state === 'waiting');
  if (live.length === 0) return false;
  const nextMs = Math.min(...live.map(({ expiresAt }) => Date.parse(expiresAt)));
  return Math.max(1_000, nextMs - serverNowMs() + afterExpiryMs);
}

export function useAliases() {
  return useQuery({ queryKey: cacheKeys.aliases, queryFn: getAliases });
}

export function useConnectPage() {
  return useQuery({ queryKey: cacheKeys.connect, queryFn: api.getConnectPage });
}

export function useLog(filters: LogFilters, limit: number, before: string | null = null) {
  const queryKey: LogQueryKey = ['log', filters, { limit, before }];
  return useQuery({ queryKey, queryFn: () => api.getLog(filters, limit, before) });
}

/** Sign-in, set-up and sign-out: each answers with the new session, which decides what is drawn. */
export function useSessionChange<Variables>(change: (variables: Variables) => Promise<SessionState>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: (session) => {
      if (!session.signedIn) client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
      client.setQueryData(cacheKeys.session, session);
    },
  });
}

/** Something done to one model, or to the list; the list is asked for again afterwards, whether it went well or not. */
export function useModelChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.models }),
  });
}

/** A look at a model elsewhere; nothing changes by it. */
export function useInspection() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.inspectModel,
    onError: (error) => signedOutMeansSession(client, error),
  });
}

/** Something done to one download, or a new one; what becomes of it comes by the stream as well. */
export function useDownloadChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.downloads }),
  });
}

/** A folder that is added or forgotten: its models come and go with it. */
export function useFolderChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.folders }),
  });
}

export function useSetSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (changes: readonly Pick<SettingRecord, 'name' | 'value'>[]) => {
      // One after the other: what depends on another, as the token on the hub, comes after it.
      for (const change of changes) await api.setSetting(change);
    },
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.settings }),
  });
}

/** The switch that lets the office in. Its state comes back with the answer, and later changes by the stream. */
export function useSetLan() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.setLan,
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: (lan) => {
      client.setQueryData(cacheKeys.lan, lan);
      void client.invalidateQueries({ queryKey: cacheKeys.status });
      void client.invalidateQueries({ queryKey: cacheKeys.connect });
    },
  });
}

/** Making an invitation, or saying yes or no to who asks. */
export function usePairingChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.pairings }),
  });
}

/** A name that is pointed somewhere, or not any more: it may be one that was unknown. */
export function useAliasChange<Variables, Answer>(change: (variables: Variables) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: cacheKeys.unknownNames });
      return client.invalidateQueries({ queryKey: cacheKeys.aliases });
    },
  });
}

export function useCreateKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.createKey,
    onError: (error) => signedOutMeansSession(client, error),
    onSuccess: () => client.invalidateQueries({ queryKey: cacheKeys.keys }),
  });
}

export function useRevokeKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.revokeKey,
    onError: (error) => signedOutMeansSession(client, error),
    onSettled: () => client.invalidateQueries({ queryKey: cacheKeys.keys }),
  });
}

export function signedOutMeansSession(client: QueryClient, error: unknown): void {
  if (isSignedOut(error)) void client.invalidateQueries({ queryKey: cacheKeys.session });
}

export function isLoaded(model: WireModel): boolean {
  return model.state === 'ready' || model.state === 'busy' || model.state === 'loading';
}
